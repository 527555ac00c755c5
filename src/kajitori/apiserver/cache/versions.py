"""Which resources show objects in another form than the one they are stored in.

May import: api.{registration,strategy}, cache.selection.
"""

from collections.abc import AsyncIterator, Callable
from typing import Protocol, cast

from kajitori.api.registration import Resource
from kajitori.api.strategy import Object, Strategy
from kajitori.apiserver.cache.selection import Selection


def converts(resource: Resource) -> bool:
    """Whether a resource is a second version (or group) of what another one stores: autoscaling/v1, events.k8s.io."""
    return type(resource.strategy).from_storage is not Strategy.from_storage


class Converted(Protocol):
    """The strategy of a version that a webhook converts: what asks it is asynchronous."""

    async def to_stored(self, obj: Object) -> Object:
        """The object in the storage version; asks the webhook."""

    async def from_stored(self, obj: Object, *, keep: bool) -> Object:
        """What has just been written as this version shows it; `keep`: it is in the store. Asks the webhook."""

    def events(
        self,
        chunks: AsyncIterator[bytes],
        shape: Callable[[bytes], bytes] | None,
        chosen: Callable[[Object], bool] | None,
    ) -> AsyncIterator[bytes]:
        """A watch's events, in order, each object converted, `chosen`, and put into form by `shape`, as JSON."""


def selects_by_converted(selection: Selection) -> bool:
    """Whether only the converted object says if it is selected: by a field that another version may not have."""
    if selection.resource.converter is None or selection.fields is None:
        return False
    return any(not requirement.field.startswith("metadata.") for requirement in selection.fields.requirements)


def converted(resource: Resource) -> Converted | None:
    """The strategy of a resource whose versions a webhook converts."""
    return None if resource.converter is None else cast("Converted", resource.strategy)
