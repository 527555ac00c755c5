"""Who watches a resource: each watch's inbox, and all of them, kept by what they look for.

Telling of a change costs as much as those whom it may concern: those who see a whole namespace or the whole resource,
and those whose field selector names a value that the object has or had (a node's Pods, one object by name). Only
selectors without such a value are asked one by one.

Bounds: a watcher that leaves `MAX_BEHIND` frames or `MAX_BEHIND_BYTES` unread is ended: its client lists again. A frame
weighs what it has of bytes, at least so much that `MAX_BEHIND` of them weigh `MAX_BEHIND_BYTES`.
May import: cache.*.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from kajitori.api.registration import Resource
from kajitori.apiserver.cache.entry import Entry
from kajitori.apiserver.cache.events import ADDED, DELETED, MODIFIED, Change, Variant, encode_frame
from kajitori.apiserver.cache.selection import Selection

MAX_BEHIND = 10_000
MAX_BEHIND_BYTES = 64 * 1024 * 1024


class Watcher:
    """One watch stream's inbox. `wake` is called when frames arrive and when it has been cut off."""

    __slots__ = ("behind", "cut_off", "frames", "selection", "too_slow", "variant", "wake")

    def __init__(self, selection: Selection, variant: Variant | None, wake: Callable[[], None]) -> None:
        self.selection = selection
        self.variant = variant
        self.wake = wake
        self.frames: list[bytes] = []
        self.cut_off = self.too_slow = False
        self.behind = 0
        """What it has not read yet, by weight."""

    def offer(self, change: Change) -> None:
        """Take what of a change this watcher may see."""
        selection = self.selection
        if not change.key.startswith(selection.prefix):
            return
        if selection.selective:
            before, after = selection.matches(change.old), selection.matches(change.new)
            if after:
                event_type = MODIFIED if before else ADDED
            elif before:
                event_type = DELETED
            else:
                return
        else:
            event_type = change.event_type
        give((self,), change.frame(event_type, self.variant))

    def emptied(self) -> list[bytes]:
        """What has arrived; the inbox is empty after."""
        frames, self.frames, self.behind = self.frames, [], 0
        return frames

    @property
    def plain(self) -> bool:
        """Whether it is shown every object under its prefix, as it is stored: as nearly all are."""
        return self.variant is None and not self.selection.selective

    def initial(self, entries: Iterable[Entry]) -> Iterator[bytes]:
        """Of these entries those that are to be seen, as ADDED events: encoded one by one, as they are asked for."""
        variant, selection = self.variant, self.selection
        for entry in entries:
            if not selection.selective or selection.matches(entry):
                yield encode_frame(ADDED, variant(entry.data) if variant else entry.data)


def give(watchers: Iterable[Watcher], frame: bytes) -> None:
    """One more frame for each. A stream empties its inbox at one go, so only the first frame has to wake it."""
    weight = max(len(frame), MAX_BEHIND_BYTES // MAX_BEHIND)
    for watcher in watchers:
        if watcher.cut_off:
            continue
        frames = watcher.frames
        frames.append(frame)
        watcher.behind = behind = watcher.behind + weight
        if len(frames) == 1:
            watcher.wake()
        elif behind > MAX_BEHIND_BYTES:
            watcher.cut_off = watcher.too_slow = True
            watcher.wake()


class Audience:
    """The watchers of one resource."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource
        self._root = resource.storage_prefix
        self._whole: dict[str, list[Watcher]] = {}  # by prefix: those who are shown all that is under it
        self._exact: dict[str, dict[str, list[Watcher]]] = {}  # by a field and the value that they look for
        self._others: list[Watcher] = []

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[Watcher]:
        for group in (*self._whole.values(), *chain(*(by_value.values() for by_value in self._exact.values()))):
            yield from group
        yield from self._others

    def add(self, watcher: Watcher) -> None:
        """Tell this one too, from now on."""
        if watcher.plain:
            self._whole.setdefault(watcher.selection.prefix, []).append(watcher)
        elif looked_for := self._looked_for(watcher):
            field, value = looked_for
            self._exact.setdefault(field, {}).setdefault(value, []).append(watcher)
        else:
            self._others.append(watcher)

    def remove(self, watcher: Watcher) -> None:
        """Tell this one no more (again is fine)."""
        if watcher.plain:
            _take_out(self._whole, watcher.selection.prefix, watcher)
        elif looked_for := self._looked_for(watcher):
            field, value = looked_for
            by_value = self._exact.get(field, {})
            _take_out(by_value, value, watcher)
            if not by_value:
                self._exact.pop(field, None)
        elif watcher in self._others:
            self._others.remove(watcher)

    def _looked_for(self, watcher: Watcher) -> tuple[str, str] | None:
        """A field, and the value that everything this watcher is shown has or had there."""
        selection = watcher.selection
        if selection.fields is None or selection.resource.selectable_fields is not self._resource.selectable_fields:
            return None
        fields = (requirement.field for requirement in selection.fields.requirements)
        for field in ("metadata.name", *fields):  # a name says the most
            value = selection.fields.exact(field)
            if value is not None:
                return field, value
        return None

    def interested(self, namespace: str, name: str) -> int:
        """About how many a change of one object there is told to."""
        whole = self._whole
        number = len(whole.get(self._root, ())) + len(self._others)
        if namespace:
            number += len(whole.get(f"{self._root}{namespace}/", ()))
        return number + len(self._exact.get("metadata.name", {}).get(name, ())) if name else number

    def tell(self, change: Change) -> None:
        """Give a change to all who may see it."""
        if self._whole:
            root, space = self._root, change.key[: change.key.rindex("/") + 1]
            for prefix in (root,) if space == root else (root, space):
                if group := self._whole.get(prefix):
                    give(group, change.frame(change.event_type))
        if self._exact:
            versions = [entry.fields(self._resource) for entry in (change.old, change.new) if entry is not None]
            for field, by_value in self._exact.items():
                for value in {version.get(field, "") for version in versions}:
                    for watcher in by_value.get(value, ()):
                        watcher.offer(change)
        for watcher in self._others:
            watcher.offer(change)

    def dismiss(self) -> None:
        """Cut all of them off."""
        for watcher in self:
            watcher.cut_off = True
            watcher.wake()


def _take_out(groups: dict[str, list[Watcher]], key: str, watcher: Watcher) -> None:
    group = groups.get(key, [])
    if watcher in group:
        group.remove(watcher)
        if not group:
            del groups[key]
