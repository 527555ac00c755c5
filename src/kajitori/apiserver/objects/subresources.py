"""What of a kind's strategy an update through a subresource goes through.

Of a subresource with rules of its own (binding, finalize, resize, …) nothing: whoever makes the change has checked it.
Pure.

May import: objects.metadata, api.
"""

from typing import Any

from kajitori.api.strategy import Strategy
from kajitori.apiserver.objects import metadata
from kajitori.machinery.fieldpath import FieldError

Object = dict[str, Any]
_OF_THE_SPEC = ("", "scale")


def prepare(strategy: Strategy, obj: Object, old: Object, subresource: str) -> None:
    """Keep what this endpoint does not write; count changes of the spec."""
    if subresource == "status":
        strategy.prepare_for_status_update(obj, old)
    elif subresource in _OF_THE_SPEC:
        strategy.prepare_for_update(obj, old)
    elif subresource in metadata.COUNTED:
        metadata.count_change(obj, old)


def validate(strategy: Strategy, obj: Object, old: Object, subresource: str) -> list[FieldError]:
    """What is wrong with the object by its kind's rules."""
    if subresource == "status":
        return strategy.validate_status_update(obj, old)
    return strategy.validate_update(obj, old) if subresource in _OF_THE_SPEC else []
