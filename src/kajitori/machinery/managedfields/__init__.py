"""Who owns which field: `metadata.managedFields`, ordinary updates and server-side apply.

    fieldset   sets of field paths, in the very shape of `fieldsV1`
    walk       the fields of an object by its schema, and the difference of two objects
    entries    the entries of `metadata.managedFields`
    update     what a create, update or patch does to ownership
    apply      server-side apply: merge, conflicts, removal
    merge      the typed merge and the removal of fields that apply needs

Pure functions on wire dicts; the time comes in as an argument. May import: machinery.
"""

from kajitori.machinery.managedfields.apply import apply
from kajitori.machinery.managedfields.update import create, update

__all__ = ["apply", "create", "update"]
