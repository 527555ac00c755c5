"""The logs of containers, one after the other or all at once, line by line. May import: client, kubectl, machinery."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.sessions.containers import all_names, annotated, by_name, containers
from kajitori.kubectl.sessions.pods import PODS
from kajitori.kubectl.sessions.streams import Sink
from kajitori.machinery.errors import StatusError
from kajitori.machinery.gotext import quote

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

Wire = dict[str, Any]
Query = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Source:
    """One container's log."""

    namespace: str
    pod: str
    container: str

    @property
    def prefix(self) -> bytes:
        return f"[pod/{self.pod}/{self.container}] ".encode()


def sources_of(pod: Wire, name: str, *, every: bool, quiet: bool, warn: TextIO) -> list[Source]:
    """The container that is meant (or every one). Raises UsageError for one that the pod has not."""
    meta = pod["metadata"]
    if every:
        fields = ("initContainers", "containers", "ephemeralContainers")
        names = [one["name"] for field in fields for one in containers(pod, field)]
    else:
        names = [name or _default(pod, quiet=quiet, warn=warn)]
    for one in names:
        if by_name(pod, one) is None:
            raise UsageError(f"error: container {one} is not valid for pod {meta['name']}")
    return [Source(meta["namespace"], meta["name"], one) for one in names]


def _default(pod: Wire, *, quiet: bool, warn: TextIO) -> str:
    wanted = annotated(pod)
    if wanted and by_name(pod, wanted) is not None:
        return wanted
    if wanted:
        warn.write(f"Default container name {quote(wanted)} not found in pod {pod['metadata']['name']}\n")
    first = str(containers(pod, "containers")[0]["name"])
    if all_names(pod) != first and not quiet:
        warn.write(f"Defaulted container {quote(first)} out of: {all_names(pod)}\n")
    return first


async def read_in_turn(ctx: Context, sources: list[Source], query: Query, *, prefix: bool, ignore_errors: bool) -> None:
    """One log after the other; `ignore_errors` goes on to the next after one that fails."""
    sink = Sink(ctx.streams.out)
    for source in sources:
        await _read(ctx, source, query, sink, prefix=prefix, ignore_errors=ignore_errors)


async def read_together(
    ctx: Context, sources: list[Source], query: Query, *, prefix: bool, ignore_errors: bool
) -> None:
    """All streams at once, whole lines at a time. The first error ends them all, unless errors are ignored."""
    sink = Sink(ctx.streams.out)
    try:
        async with asyncio.TaskGroup() as readers:
            for source in sources:
                readers.create_task(
                    _read(ctx, source, query, sink, prefix=prefix, ignore_errors=ignore_errors),
                    name=f"log of {source.pod}/{source.container}",
                )
    except* (StatusError, OSError) as group:
        raise group.exceptions[0] from None


async def _read(ctx: Context, source: Source, query: Query, sink: Sink, *, prefix: bool, ignore_errors: bool) -> None:
    url = PODS.url(source.namespace, source.pod, "log")
    whole = [("container", source.container), *query]
    start = source.prefix if prefix else b""
    try:
        async with ctx.client().raw_stream("GET", url, query=whole, accept="application/json, */*") as response:
            await _copy(response, sink, start)
    except (StatusError, OSError) as error:
        if not ignore_errors:
            raise
        sink.put(f"error: {getattr(error, 'message', error)}\n".encode())


async def _copy(response: Any, sink: Sink, prefix: bytes) -> None:
    """Only whole lines are written while the stream runs, so that streams do not mix within a line."""
    rest = b""
    async for chunk in response:
        lines, newline, rest = (rest + chunk).rpartition(b"\n")
        if newline:
            sink.put(_prefixed(lines + newline, prefix))
    if rest:
        sink.put(prefix + rest)


def _prefixed(lines: bytes, prefix: bytes) -> bytes:
    return lines if not prefix else b"".join(prefix + line for line in lines.splitlines(keepends=True))
