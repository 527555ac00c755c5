"""From what a user typed (types and names, selectors, files) to the objects meant. See builder.py."""
