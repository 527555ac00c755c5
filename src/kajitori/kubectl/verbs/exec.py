"""kubectl exec: a command in a container, with its streams, its terminal and its exit code. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import Duration, Options, UsageError, flag

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

DEPRECATED = (
    "kubectl exec [POD] [COMMAND] is DEPRECATED and will be removed in a future version. "
    "Use kubectl exec [POD] -- [COMMAND] instead."
)
NEEDS_DASHES = "error: exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead"


@dataclass(frozen=True, kw_only=True)
class ExecOptions(Options):
    container: str = flag(
        "",
        "Container name; by default the one that the annotation kubectl.kubernetes.io/default-container names, or the "
        "first.",
        short="c",
    )
    filename: tuple[str, ...] = flag((), "to use to exec into the resource", short="f")
    pod_running_timeout: Duration = flag(Duration(60), "How long to wait until at least one pod is running")
    quiet: bool = flag(False, "Only print output from the remote session", short="q")
    stdin: bool = flag(False, "Pass stdin to the container", short="i")
    tty: bool = flag(False, "Stdin is a TTY", short="t")
    kustomize: str = ""
    recursive: bool = False

    def target_and_command(self) -> tuple[str, tuple[str, ...]]:
        """POD or TYPE/NAME (nothing with -f), and what to run. Raises UsageError."""
        after = self.args_after_dash
        if after is None:
            raise_on_words = len(self.args) > 1 or (bool(self.args) and bool(self.filename))
            if raise_on_words:
                raise UsageError(f"{NEEDS_DASHES}\nSee 'kubectl exec -h' for help and examples")
            target, command = (self.args[0] if self.args else ""), tuple[str, ...]()
        else:
            before = self.args[: len(self.args) - len(after)]
            target, command = (before[0] if before else ""), after
        if not target and not self.filename:
            raise UsageError("error: pod, type/name or --filename must be specified")
        if not command:
            raise UsageError("error: you must specify at least one command for the container")
        return target, command


async def run(opts: ExecOptions, ctx: Context) -> int:
    from kajitori.kubectl.sessions.containers import chosen
    from kajitori.kubectl.sessions.pods import attachable, named
    from kajitori.kubectl.sessions.session import Session, told, wants_terminal

    target, command = opts.target_and_command()
    info = await named(ctx, *([target] if target else []), files=opts if opts.filename else None)  # type: ignore[arg-type]  # has the fields of FilenameOptions
    pod = await attachable(ctx, info, timeout_s=float(opts.pod_running_timeout))
    phase = (pod.get("status") or {}).get("phase")
    if phase in ("Succeeded", "Failed"):
        raise UsageError(f"error: cannot exec into a container in a completed pod; current phase is {phase}")
    container = opts.container or chosen(pod, "", quiet=opts.quiet, warn=ctx.streams.err)["name"]
    session = Session(
        subresource="exec",
        container=container,
        command=command,
        stdin=opts.stdin,
        tty=wants_terminal(ctx, stdin=opts.stdin, tty=opts.tty, quiet=opts.quiet),
    )
    return told(ctx, await session.run(ctx, pod))


COMMAND = Command(
    name="exec",
    short="Execute a command in a container",
    long="Execute a command in a container.",
    examples="""# The output of 'date' in pod mypod, in its first container
kubectl exec mypod -- date

# In the container ruby-container
kubectl exec mypod -c ruby-container -- date

# A shell in a terminal of its own; what is typed goes to it, what it prints comes back
kubectl exec mypod -c ruby-container -i -t -- bash -il

# Two dashes keep the command's flags apart from kubectl's
kubectl exec mypod -i -t -- ls -t /usr

# In the first pod of a deployment, and of a service
kubectl exec deploy/mydeployment -- date
kubectl exec svc/myservice -- date""",
    usage="exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...] [options]",
    options=ExecOptions,
    run=run,
    interrupted=1,
)
