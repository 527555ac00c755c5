"""The output languages of kubectl: Go's text/template, JSONPath and custom columns."""
