"""Shell completion: what could follow a command line, and the code that asks from each shell."""
