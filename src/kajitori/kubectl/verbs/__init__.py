"""One module per verb; a verb with subcommands is a package whose modules are the subcommands."""
