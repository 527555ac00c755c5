"""The pure rules of the Kubernetes API: selectors, quantities, field paths, patches, managed fields, Status errors.

Nothing here does I/O, reads a clock or knows a particular kind. May import: the standard library, orjson, msgspec,
and (only where certificates are made) cryptography.
"""
