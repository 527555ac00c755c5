"""kubectl cp: files and folders to and from containers that have tar. May import: client, kubectl."""

from __future__ import annotations

import asyncio
import os
import posixpath
import shlex
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from kajitori.kubectl.command import Command
from kajitori.kubectl.copying.paths import Place, parse, stripped
from kajitori.kubectl.flags import Options, UsageError, flag

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

Wire = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class CpOptions(Options):
    container: str = flag(
        "",
        "Container name; by default the one that the annotation kubectl.kubernetes.io/default-container names, or the "
        "first.",
        short="c",
    )
    no_preserve: bool = flag(False, "Do not keep the ownership and permissions of what is copied into the container")
    retries: int = flag(0, "How often a broken copy from a container is taken up again; negative for ever.")


async def run(opts: CpOptions, ctx: Context) -> int:
    if len(opts.args) != 2:
        raise UsageError("error: source and destination are required")
    source, target = parse(opts.args[0]), parse(opts.args[1])
    if source.pod and target.pod:
        raise UsageError("error: one of src or dest must be a local file specification")
    if not source.path or not target.path:
        raise UsageError("error: filepath can not be empty")
    if target.pod and not os.path.lexists(source.path):  # noqa: ASYNC240 (text paths)
        raise UsageError(f"error: {source.path} doesn't exist in local filesystem")
    if source.pod:
        return await _fetch(await _Remote.of(opts, ctx, source), source.path, target.path)
    if target.pod:
        return await _send(await _Remote.of(opts, ctx, target), source.path, target.path)
    raise UsageError("error: one of src or dest must be a remote file specification")


@dataclass(frozen=True, kw_only=True)
class _Remote:
    """A container to run tar in."""

    opts: CpOptions
    ctx: Context
    pod: Wire
    container: str

    @classmethod
    async def of(cls, opts: CpOptions, ctx: Context, place: Place) -> _Remote:
        from kajitori.kubectl.sessions.containers import chosen
        from kajitori.kubectl.sessions.pods import PODS

        pod = await ctx.client().get(PODS, place.pod, place.namespace or ctx.namespace)
        phase = (pod.get("status") or {}).get("phase")
        if phase in ("Succeeded", "Failed"):
            raise UsageError(f"error: cannot exec into a container in a completed pod; current phase is {phase}")
        name = opts.container or chosen(pod, "", quiet=False, warn=ctx.streams.err)["name"]
        return cls(opts=opts, ctx=ctx, pod=pod, container=name)

    async def run(
        self, command: list[str], *, stdin: IO[bytes] | None = None, stdout: Any = None, quiet: bool = False
    ) -> int:
        """The command's exit code."""
        from kajitori.client.streams.channels import RemoteCommandError
        from kajitori.client.streams.remotecommand import RemoteCommand, Streams
        from kajitori.kubectl.sessions.pods import PODS
        from kajitori.kubectl.sessions.session import Session
        from kajitori.kubectl.sessions.streams import Sink, StdinReader

        meta = self.pod["metadata"]
        asked = Session(subresource="exec", container=self.container, command=tuple(command), stdin=stdin is not None)
        remote = RemoteCommand(
            self.ctx.client().transport, PODS.url(meta["namespace"], meta["name"], "exec"), asked.query()
        )
        streams = Streams(
            stdin=None if stdin is None else StdinReader(stdin),
            stdout=stdout or (None if quiet else Sink(self.ctx.streams.out)),
            stderr=None if quiet else Sink(self.ctx.streams.out),  # as upstream: tar's complaints go to stdout
        )
        try:
            return await remote.run(streams)
        except RemoteCommandError as error:
            raise UsageError(f"error: {error}") from error


async def _send(remote: _Remote, source: str, target: str) -> int:
    from kajitori.kubectl.copying.archive import pack

    if await _is_folder(remote, target):
        target = posixpath.join(target, os.path.basename(os.path.normpath(source)))  # noqa: PTH119, ASYNC240 (text paths)
    folder, name = posixpath.split(posixpath.normpath(target))
    command = ["tar", *(("--no-same-permissions", "--no-same-owner") if remote.opts.no_preserve else ()), "-xmf", "-"]
    command += ["-C", folder] if folder else []
    out_end, in_end = os.pipe()

    def write() -> None:
        with os.fdopen(in_end, "wb") as out:
            pack(source, name, out)

    with os.fdopen(out_end, "rb") as read_end:
        packing = asyncio.create_task(asyncio.to_thread(write), name="packing")
        code = await remote.run(command, stdin=read_end)
        await packing
    return _told(remote, code)


async def _is_folder(remote: _Remote, path: str) -> bool:
    try:
        return await remote.run(["test", "-d", path], quiet=True) == 0
    except UsageError:
        return False  # a container without `test`: take the path as it was given


class _PipeSink:
    """What the container's tar says, into a pipe; the writing waits in a thread while the pipe is full."""

    def __init__(self, fd: int) -> None:
        self._out = os.fdopen(fd, "wb", buffering=0)
        self.size = 0

    async def write(self, data: bytes, /) -> None:
        await asyncio.to_thread(self._all, data)

    def _all(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            written = self._out.write(view)
            self.size += written
            view = view[written:]

    def close(self) -> None:
        self._out.close()


async def _packed(remote: _Remote, source: str, sink: _PipeSink) -> int:
    """tar's exit code. A connection that breaks is made again, `retries` times, and goes on where it broke."""
    command, tries, retries = ["tar", "cf", "-", source], 0, remote.opts.retries
    while True:
        try:
            return await remote.run(command, stdout=sink)
        except (OSError, UsageError):
            if 0 <= retries <= tries:
                raise
        tries += 1
        remote.ctx.streams.print(f"Resuming copy at {sink.size} bytes, retry {tries}/{retries}")
        command = ["sh", "-c", f"tar cf - {shlex.quote(source)} | tail -c+{sink.size + 1}"]


async def _fetch(remote: _Remote, source: str, target: str) -> int:
    from kajitori.kubectl.copying.archive import unpack
    from kajitori.machinery.gotext import quote

    meta = remote.pod["metadata"]
    hint = (
        f' (consider using "kubectl exec -n {quote(meta["namespace"])} {quote(meta["name"])} -- '
        f'tar cf - {quote(source)} | tar xf -")'
    )
    out_end, in_end = os.pipe()
    sink = _PipeSink(in_end)

    async def tar() -> int:
        try:
            return await _packed(remote, source, sink)
        finally:
            sink.close()

    def read() -> bool:
        """Whether the archive was whole; if so nobody cares how tar ended (a missing file makes an empty archive)."""
        import tarfile

        with os.fdopen(out_end, "rb") as data:
            try:
                unpack(data, stripped(source), target, remote.ctx.streams.err, hint)
                return True
            except tarfile.ReadError:
                return False  # nothing came, or not all: the command's exit code tells why
            finally:
                while data.read(1 << 20):
                    pass  # the sender must not wait for a reader that has failed

    running = asyncio.create_task(tar(), name="tar")
    whole = await asyncio.to_thread(read)
    code = await running
    return 0 if whole else _told(remote, code)


def _told(remote: _Remote, code: int) -> int:
    from kajitori.kubectl.sessions.session import told

    return told(remote.ctx, code)


COMMAND = Command(
    name="cp",
    short="Copy files and directories to and from containers",
    long="Copy files and directories to and from containers.",
    examples="""# The container needs the 'tar' program. For links, wildcards or modes use tar with 'kubectl exec'.

# /tmp/foo of this machine to /tmp/bar in a pod of the namespace, and the other way
tar cf - /tmp/foo | kubectl exec -i -n <some-namespace> <some-pod> -- tar xf - -C /tmp/bar
kubectl exec -n <some-namespace> <some-pod> -- tar cf - /tmp/foo | tar xf - -C /tmp/bar

# A folder into a pod of the default namespace
kubectl cp /tmp/foo_dir <some-pod>:/tmp/bar_dir

# A file, into a given container
kubectl cp /tmp/foo <some-pod>:/tmp/bar -c <specific-container>

# Into a pod of another namespace, and from one
kubectl cp /tmp/foo <some-namespace>/<some-pod>:/tmp/bar
kubectl cp <some-namespace>/<some-pod>:/tmp/foo /tmp/bar""",
    usage="cp <file-spec-src> <file-spec-dest> [options]",
    options=CpOptions,
    run=run,
)
