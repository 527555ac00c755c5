"""kubectl config rename-context: gives a context another name. May import: client.kubeconfig, kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.client.kubeconfig import edit
from kajitori.kubectl.command import Command
from kajitori.kubectl.configuring import refuse_args
from kajitori.kubectl.flags import Options, UsageError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


async def run(opts: Options, ctx: Context) -> int | None:
    if len(opts.args) != 2:
        return refuse_args(ctx, COMMAND, opts.args)
    old, new = opts.args
    with edit(ctx.options.kubeconfig or None) as config:
        body = config.entry("contexts", old)
        if body is None:
            raise UsageError(f'error: cannot rename the context "{old}", it\'s not in {config.destination()}')
        if config.entry("contexts", new) is not None:
            raise UsageError(
                f'error: cannot rename the context "{old}", the context "{new}" already exists in '
                f"{config.destination()}"
            )
        was_current = config.current_context == old
        config.delete("contexts", old)
        config.set("contexts", new, body)
        if was_current:
            config.use_context(new)
    ctx.streams.print(f'Context "{old}" renamed to "{new}".')
    return None


COMMAND = Command(
    name="config rename-context",
    short="Rename a context from the kubeconfig file",
    long="""Rename a context from the kubeconfig file.""",
    examples="""# Another name
kubectl config rename-context old-name new-name""",
    usage="config rename-context CONTEXT_NAME NEW_NAME [options]",
    options=Options,
    run=run,
)
