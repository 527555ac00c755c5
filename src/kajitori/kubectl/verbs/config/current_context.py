"""kubectl config current-context: prints its name. May import: client.kubeconfig, kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import Options, UsageError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


async def run(opts: Options, ctx: Context) -> int | None:
    name = ctx.kubeconfig().current_context
    if not name:
        raise UsageError("error: current-context is not set")
    ctx.streams.print(name)
    return None


COMMAND = Command(
    name="config current-context",
    short="Display the current-context",
    long="""Display the current-context.""",
    examples="""# Its name
kubectl config current-context""",
    usage="config current-context [flags] [options]",
    options=Options,
    run=run,
)
