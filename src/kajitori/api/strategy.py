"""What a kind says about its own life: defaults, validation, what create and update may change, its row in a table.

Pure: hooks get wire dicts and do no I/O. May import: machinery.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from kajitori.machinery.fieldpath import FieldError

Object = dict[str, Any]
_BLANK: Object = {"metadata": {}}


class Strategy:
    """What a kind says about its own life. Hooks get wire dicts, change them in place and do no I/O.

    Every hook does nothing by default; `SpecStatusStrategy` has the usual behaviour of kinds with spec and status.
    """

    reads: type | None = None
    """A TypedDict of all that `row` looks at beside the metadata; None where it may look at anything."""

    table_order: Callable[[Object], Any] | None = None
    """By what the rows of a Table are sorted, where it is not by their keys."""

    status_keeps: tuple[str, ...] = ()
    """Of labels, annotations, finalizers and ownerReferences: those that the status endpoint leaves alone."""

    def default(self, obj: Object) -> None:
        """Fill in the fields that the API defaults."""

    def blank(self) -> Object:
        """What an object has before anybody sets anything, so that nobody owns it. Shared: not to be changed."""
        return _BLANK

    def prepare_for_create(self, obj: Object) -> None:
        """Drop what a client may not set on create."""

    def prepare_for_update(self, obj: Object, old: Object) -> None:
        """Put back what a client may not change on update."""

    def prepare_for_status_update(self, obj: Object, old: Object) -> None:
        """Put back everything but the status, and of the metadata what `status_keeps` names."""
        status = obj.get("status")
        metadata = obj.get("metadata")
        obj.clear()
        obj.update(old)
        if status is not None:
            obj["status"] = status
        else:
            obj.pop("status", None)
        if metadata is not None:
            kept = dict(old.get("metadata") or {})
            if "managedFields" in metadata:
                kept["managedFields"] = metadata["managedFields"]
            if "resourceVersion" in metadata:
                kept["resourceVersion"] = metadata["resourceVersion"]
            for name in ("labels", "annotations", "finalizers", "ownerReferences"):
                if name in self.status_keeps:
                    continue
                if name in metadata:
                    kept[name] = metadata[name]
                else:
                    kept.pop(name, None)
            obj["metadata"] = kept

    def validate(self, obj: Object) -> list[FieldError]:
        """What is wrong with a new object, after defaulting; an empty list accepts it."""
        return []

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        """What is wrong with a change of `old` to `obj`, of anything but a subresource."""
        return []

    def validate_status_update(self, obj: Object, old: Object) -> list[FieldError]:
        """What is wrong with a change by the subresource `status`."""
        return []

    def warnings(self, obj: Object, old: Object | None) -> list[str]:
        """What a client should hear about an accepted object; `old` is None on create."""
        return []

    def noted(self) -> list[str]:
        """What the validation just before let pass, to be heard though it refused something else."""
        return []

    def grace_period_s(self, obj: Object, requested: int | None) -> int | None:
        """The grace period of a deletion; None where the kind is deleted at once."""
        return None

    def row(self, obj: Object, now: datetime) -> list[Any]:
        """The cells of this object under the resource's columns."""
        metadata = obj.get("metadata") or {}
        return [metadata.get("name", ""), metadata.get("creationTimestamp", "")]

    def row_conditions(self, obj: Object) -> list[dict[str, str]]:
        """What a row says of the object beside its cells: whether it has done its work."""
        return []

    def to_storage(self, obj: Object) -> Object:
        """The object as it is stored, for a version that is not the stored one."""
        return obj

    def from_storage(self, obj: Object) -> Object:
        """The stored object as this version shows it."""
        return obj


class SpecStatusStrategy(Strategy):
    """Status changes only through its subresource; the generation counts changes of everything else."""

    unversioned = frozenset({"metadata", "status", "apiVersion", "kind"})

    def prepare_for_create(self, obj: Object) -> None:
        obj.pop("status", None)
        obj.setdefault("metadata", {})["generation"] = 1

    def prepare_for_update(self, obj: Object, old: Object) -> None:
        if "status" in old:
            obj["status"] = old["status"]
        else:
            obj.pop("status", None)
        generation = (old.get("metadata") or {}).get("generation") or 1
        changed = any(
            obj.get(name) != old.get(name) for name in obj.keys() | old.keys() if name not in self.unversioned
        )
        obj.setdefault("metadata", {})["generation"] = generation + 1 if changed else generation
