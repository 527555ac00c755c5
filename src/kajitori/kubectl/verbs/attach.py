"""kubectl attach: the streams of a container's own process. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import Duration, Options, UsageError, flag
from kajitori.kubectl.sessions.containers import chosen, is_ephemeral
from kajitori.kubectl.sessions.pods import Wire, attachable, named
from kajitori.kubectl.sessions.session import Session, told, wants_terminal

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

RECORDED = (
    "All commands and output from this session will be recorded in container logs, including credentials and sensitive "
    "information passed through the command prompt."
)


@dataclass(frozen=True, kw_only=True)
class AttachOptions(Options):
    container: str = flag(
        "",
        "Container name; by default the one that the annotation kubectl.kubernetes.io/default-container names, or the "
        "first.",
        short="c",
    )
    pod_running_timeout: Duration = flag(Duration(60), "How long to wait until at least one pod is running")
    quiet: bool = flag(False, "Only print output from the remote session", short="q")
    stdin: bool = flag(False, "Pass stdin to the container", short="i")
    tty: bool = flag(False, "Stdin is a TTY", short="t")

    def validate(self) -> None:
        if not self.args:
            raise UsageError("error: at least 1 argument is required for attach")
        if len(self.args) > 2:
            raise UsageError(
                f"error: expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw {len(self.args)}: "
                f"[{' '.join(self.args)}]"
            )
        if self.pod_running_timeout <= 0:
            raise UsageError("error: --pod-running-timeout must be higher than zero")


async def run(opts: AttachOptions, ctx: Context) -> int:
    opts.validate()
    pod = await attachable(ctx, await named(ctx, *opts.args), timeout_s=float(opts.pod_running_timeout))
    phase = (pod.get("status") or {}).get("phase")
    if phase in ("Succeeded", "Failed"):
        raise UsageError(f"error: cannot attach a container in a completed pod; current phase is {phase}")
    return await attach_to(opts, ctx, pod)


async def attach_to(opts: AttachOptions, ctx: Context, pod: Wire) -> int:
    """To the container of a running pod; its exit code."""
    try:
        container = chosen(pod, opts.container, quiet=opts.quiet, warn=ctx.streams.err)
    except UsageError as error:
        raise UsageError(f"error: cannot attach to the container: {error}") from None
    has_tty = bool(container.get("tty"))
    if opts.tty and not has_tty and not opts.quiet:
        ctx.streams.warn(f"error: Unable to use a TTY - container {container['name']} did not allocate one")
    tty = wants_terminal(ctx, stdin=opts.stdin, tty=has_tty, quiet=opts.quiet)
    if not opts.quiet:
        ctx.streams.warn(RECORDED)
        ctx.streams.warn("If you don't see a command prompt, try pressing enter.")
    session = Session(subresource="attach", container=container["name"], stdin=opts.stdin, tty=tty, redraw=True)
    code = await session.run(ctx, pod)
    comes_back = pod["spec"].get("restartPolicy", "Always") == "Always"
    if not code and tty and comes_back and not opts.quiet:
        ctx.streams.print(farewell(pod, container["name"]))
    return told(ctx, code)


def farewell(pod: Wire, container: str) -> str:
    """How to come back."""
    meta = pod["metadata"]
    command = f"'kubectl attach {meta['name']} -c {container} -i -t'"
    if is_ephemeral(pod, container):
        return (
            "Session ended, the ephemeral container will not be restarted but may be reattached using "
            f"{command} if it is still running"
        )
    return f"Session ended, resume using {command} command when the pod is running"


COMMAND = Command(
    name="attach",
    short="Attach to a running container",
    long="Attach to a process that is already running inside an existing container.",
    examples="""# The output of pod mypod, of its default container
kubectl attach mypod

# Of the container ruby-container
kubectl attach mypod -c ruby-container

# With a terminal, both ways
kubectl attach mypod -c ruby-container -i -t

# The first pod of a replica set
kubectl attach rs/nginx""",
    usage="attach (POD | TYPE/NAME) -c CONTAINER [options]",
    options=AttachOptions,
    run=run,
    interrupted=1,
)
