"""Custom resources: what CustomResourceDefinitions say becomes resources that the rest of the server serves as its own.

Nothing here is imported before the first CustomResourceDefinition exists.
"""
