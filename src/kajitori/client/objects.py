"""Words that every user of the client shares: keys, lists, watch events, what a kind must offer.

May import: nothing of Kajitori at run time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from kajitori.api.meta.v1 import ObjectMeta


class KubeObject(Protocol):
    """A struct of a top-level kind, as `kajitori.api.schema` builds them."""

    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    metadata: ObjectMeta


T = TypeVar("T", bound=KubeObject)
Item = TypeVar("Item")
EventType = Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]
PatchType = Literal["strategic", "merge", "json", "apply"]

PATCH_CONTENT_TYPES: dict[str, str] = {
    "strategic": "application/strategic-merge-patch+json",
    "merge": "application/merge-patch+json",
    "json": "application/json-patch+json",
    "apply": "application/apply-patch+yaml",
}


class ObjectKey(NamedTuple):
    """What names an object within its kind. Prints as `namespace/name`, or `name` for a cluster-scoped one."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    @classmethod
    def parse(cls, text: str) -> ObjectKey:
        """`namespace/name`, or `name` where there is no namespace."""
        namespace, _, name = text.rpartition("/")
        return cls(namespace, name)


def key_of(obj: Any) -> ObjectKey:
    """The key of a struct."""
    return ObjectKey(obj.metadata.namespace or "", obj.metadata.name or "")


@dataclass(frozen=True, slots=True)
class ObjectList(Generic[Item]):
    """One page: `continue_` asks for the next, `remaining` is how many come after it, if the server says."""

    items: list[Item]
    resource_version: str
    continue_: str = ""
    remaining: int | None = None

    def __iter__(self) -> Any:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True, slots=True)
class WatchEvent(Generic[Item]):
    """A BOOKMARK's object holds nothing but its resourceVersion."""

    type: EventType
    object: Item
