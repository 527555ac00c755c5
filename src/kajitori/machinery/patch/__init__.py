"""The patch formats of the API: JSON patch, JSON merge patch, strategic merge patch. Pure functions on wire dicts.

None of them changes its arguments; results may share unchanged parts with them, so treat them as frozen or copy.
Server-side apply is `machinery.managedfields`. May import: machinery.
"""


class PatchError(ValueError):
    """A patch that is malformed or does not apply; the message is upstream's."""


class PatchFormatError(PatchError):
    """A strategic merge patch whose directives do not have the form that they must have."""
