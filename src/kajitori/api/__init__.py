"""What objects are: the registry of resources, the schema of every kind, and one subpackage per API group.

May import: machinery.
"""
