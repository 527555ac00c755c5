"""kubectl config use-context: chooses the context that commands use. May import: client.kubeconfig, kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.client.kubeconfig import edit
from kajitori.kubectl.command import Command
from kajitori.kubectl.configuring import refuse_args
from kajitori.kubectl.flags import Options, UsageError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


async def run(opts: Options, ctx: Context) -> int | None:
    if len(opts.args) != 1:
        return refuse_args(ctx, COMMAND, opts.args)
    name = opts.args[0]
    with edit(ctx.options.kubeconfig or None) as config:
        if config.entry("contexts", name) is None:
            raise UsageError(f'error: no context exists with the name: "{name}"')
        config.use_context(name)
    ctx.streams.print(f'Switched to context "{name}".')
    return None


COMMAND = Command(
    name="config use-context",
    short="Set the current-context in a kubeconfig file",
    long="""Set the current-context in a kubeconfig file.""",
    examples="""# Commands go to minikube from now on
kubectl config use-context minikube""",
    usage="config use-context CONTEXT_NAME [options]",
    options=Options,
    run=run,
    aliases=("use",),
)
