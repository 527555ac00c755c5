"""How kubectl writes objects: tables, names, YAML, JSON, templates.

Modules are imported when a format asks for them.
"""
