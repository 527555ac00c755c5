"""One exec or attach: the request, the terminal around it, and the exit code. May import: client, kubectl."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.client.streams.channels import RemoteCommandError
from kajitori.client.streams.remotecommand import RemoteCommand, Streams
from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.sessions import terminal
from kajitori.kubectl.sessions.pods import PODS
from kajitori.kubectl.sessions.streams import Sink, StdinReader, file_number, is_terminal
from kajitori.machinery.errors import InternalError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

Wire = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Session:
    """`subresource` is exec or attach; `tty` is what is asked for, `raw` whether this end has a terminal to give."""

    subresource: str
    container: str
    command: tuple[str, ...] = ()
    stdin: bool = False
    tty: bool = False
    redraw: bool = False  # pretend a change of size, so that a program that was there before paints its screen again

    async def run(self, ctx: Context, pod: Wire) -> int:
        """Returns when the other side is done. Raises UsageError when the command could not be run."""
        meta = pod["metadata"]
        path = PODS.url(meta["namespace"], meta["name"], self.subresource)
        remote = RemoteCommand(ctx.client().transport, path, self.query())
        try:
            if not self.tty:
                return await remote.run(self._streams(ctx))
            return await self._in_terminal(ctx, remote)
        except RemoteCommandError as error:
            raise UsageError(f"error: {error}") from error
        except InternalError as error:
            if not error.message.startswith("unable to upgrade connection"):
                raise
            raise UsageError(f"error: {error.message}") from error  # the node's refusal, which is no Status

    def query(self) -> Sequence[tuple[str, str]]:
        """The parameters of PodExecOptions or PodAttachOptions; a terminal has no stderr of its own."""
        asked = {"stdin": self.stdin, "stdout": True, "stderr": not self.tty, "tty": self.tty}
        query = [("command", word) for word in self.command]
        query += [("container", self.container)] if self.container else []
        return query + [(name, "true") for name, wanted in asked.items() if wanted]

    def _streams(self, ctx: Context, sizes: AsyncIterator[terminal.Size] | None = None) -> Streams:
        return Streams(
            stdin=StdinReader(ctx.streams.in_) if self.stdin else None,
            stdout=Sink(ctx.streams.out),
            stderr=None if self.tty else Sink(ctx.streams.err),
            sizes=sizes,
        )

    async def _in_terminal(self, ctx: Context, remote: RemoteCommand) -> int:
        fd = file_number(ctx.streams.in_)
        assert fd is not None, "a terminal was promised"
        out = file_number(ctx.streams.out)
        now = terminal.size_of(fd if out is None else out) or terminal.size_of(fd)
        first = [now] if now else []
        if now and self.redraw:
            first.insert(0, (now[0] + 1, now[1] + 1))
        with terminal.raw(fd):
            return await remote.run(self._streams(ctx, terminal.sizes(fd, *first)))


def wants_terminal(ctx: Context, *, stdin: bool, tty: bool, quiet: bool) -> bool:
    """Whether to run with a terminal; says so when there is none to use."""
    if not (stdin and tty):
        return False
    if is_terminal(ctx.streams.in_):
        return True
    if not quiet:
        ctx.streams.warn("Unable to use a TTY - input is not a terminal or the right kind of file")
    return False


def told(ctx: Context, code: int) -> int:
    """The exit code, said on stderr where it is not zero."""
    if code:
        ctx.streams.out.flush()
        ctx.streams.warn(f"command terminated with exit code {code}")
    return code
