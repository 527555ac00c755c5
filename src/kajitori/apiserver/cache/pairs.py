"""Watches that choose by what a webhook makes of an object: they hear what was and what is, and decide later.

May import: cache.{audience,entry,events}.
"""

from kajitori.apiserver.cache.audience import Watcher, give
from kajitori.apiserver.cache.entry import replace_version
from kajitori.apiserver.cache.events import Change

CHANGED = "CHANGED"
"""An event for the server's own eyes: `object` as it is, `old` as it was but at the change's version; null for none."""


class PairWatcher(Watcher):
    """An inbox of pairs. Its selection has no field selector: fields are those of a version not yet made."""

    __slots__ = ()

    def offer(self, change: Change) -> None:
        """Take a change, of which a side that the labels leave out is no more told than one that is not there."""
        selection = self.selection
        if not change.key.startswith(selection.prefix):
            return
        before, after = selection.matches(change.old), selection.matches(change.new)
        if before or after:
            old = replace_version(change.old.data, change.revision) if before and change.old else b"null"
            new = change.new.data if after and change.new else b"null"
            give((self,), b'{"type":"%b","object":%b,"old":%b}\n' % (CHANGED.encode(), new, old))

    @property
    def plain(self) -> bool:
        """Never: it is offered each change."""
        return False
