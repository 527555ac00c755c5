"""Objects that verbs make from flags: pure functions from options to wire dicts, one module per family."""
