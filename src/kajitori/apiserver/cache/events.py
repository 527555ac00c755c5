"""Watch events: what happened to an object, and the bytes that tell of it, made once for all who hear it.

May import: cache.entry, protobuf.
"""

from collections.abc import Callable
from typing import NamedTuple

from kajitori.apiserver.cache.entry import Entry, replace_version
from kajitori.apiserver.protobuf.messages import MAGIC

ADDED, MODIFIED, DELETED, BOOKMARK = "ADDED", "MODIFIED", "DELETED", "BOOKMARK"
Variant = Callable[[bytes], bytes]
"""Turns an object's bytes into what a watcher asked for (a Table, PartialObjectMetadata, another version)."""


class Change(NamedTuple):
    """One step of a resource's history. `new` is None for a deletion, `old` for a creation."""

    revision: int
    key: str
    new: Entry | None
    old: Entry | None
    frames: dict[tuple[str, Variant | None], bytes]

    @property
    def event_type(self) -> str:
        """What it is to whoever sees every object."""
        return DELETED if self.new is None else MODIFIED if self.old is not None else ADDED

    def frame(self, event_type: str, variant: Variant | None = None) -> bytes:
        """The encoded event of this type; an object that left the watcher's view is shown as it last was."""
        found = self.frames.get((event_type, variant))
        if found is None:
            found = self._encode(event_type, variant)
            self.frames[event_type, variant] = found
        return found

    def _encode(self, event_type: str, variant: Variant | None) -> bytes:
        if event_type == DELETED:
            assert self.old is not None
            data = replace_version(self.old.data, self.revision)
        else:
            assert self.new is not None
            data = self.new.data
        return encode_frame(event_type, variant(data) if variant else data)


def encode_frame(event_type: str, data: bytes) -> bytes:
    """`{"type":…,"object":…}` and a newline; around protobuf, which its magic tells from JSON, a frame of its own."""
    if data.startswith(MAGIC):
        from kajitori.apiserver.protobuf.encode import frame

        return frame(event_type, data)
    return b'{"type":"%b","object":%b}\n' % (event_type.encode(), data)
