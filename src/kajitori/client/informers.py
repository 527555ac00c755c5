"""The informers of one process: one per resource and selection, shared by all who ask.

    informers = Informers(client)
    pods = informers.of(Pod, field_selector="spec.nodeName=a")
    group.create_task(forever(informers.run()))
    await informers.synced()

May import: client.*, aiokit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, TypeVar

from kajitori.aiokit.clock import Clock
from kajitori.aiokit.services import forever
from kajitori.client.informer import Informer
from kajitori.client.lister import Indexer
from kajitori.client.raw import RawClient
from kajitori.client.sources import typed_source

Kind = TypeVar("Kind")


class Informers:
    """Informers asked for before `run` start with it, later ones at once. All end when `run` is cancelled."""

    def __init__(self, client: RawClient, *, clock: Clock | None = None) -> None:
        self._client, self._clock = client, clock
        self._informers: dict[tuple[Any, ...], Informer[Any]] = {}
        self._group: asyncio.TaskGroup | None = None

    def of(
        self,
        kind: type[Kind],
        *,
        namespace: str | None = None,
        label_selector: str = "",
        field_selector: str = "",
        indexers: Mapping[str, Indexer] | None = None,
    ) -> Informer[Kind]:
        """The informer of a kind. Everyone who asks may add indexers."""
        key = (kind, namespace, label_selector, field_selector)
        informer = self._informers.get(key)
        if informer is None:
            source = typed_source(
                self._client,
                kind,
                namespace=namespace,
                label_selector=label_selector,
                field_selector=field_selector,
            )
            informer = Informer(source, clock=self._clock)
            self._informers[key] = informer
            self._start(informer)
        for name, indexer in (indexers or {}).items():
            informer.add_indexer(name, indexer)
        return informer

    def existing(self, kind: type[Kind]) -> Informer[Kind] | None:
        """The informer of all objects of a kind, if somebody has asked for it."""
        return self._informers.get((kind, None, "", ""))

    async def run(self) -> None:
        """Runs all informers, also those asked for later, until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            try:
                for informer in self._informers.values():
                    self._start(informer)
                await asyncio.Event().wait()
            finally:
                self._group = None

    async def synced(self) -> None:
        """Returns when every informer asked for so far has synced."""
        for informer in list(self._informers.values()):
            await informer.synced()

    def _start(self, informer: Informer[Any]) -> None:
        if self._group is not None:
            name = f"informer of {informer.name}"
            self._group.create_task(forever(informer.run(), name), name=name)
