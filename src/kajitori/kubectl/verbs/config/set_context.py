"""kubectl config set-context: makes or changes a context. May import: client.kubeconfig, kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.client.kubeconfig import edit
from kajitori.kubectl.command import Command
from kajitori.kubectl.configuring import refuse_args
from kajitori.kubectl.flags import Options, UsageError, flag

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class SetContextOptions(Options):
    cluster: str = flag("", "cluster for the context entry in kubeconfig")
    current: bool = flag(False, "Modify the current context")
    namespace: str = flag("", "namespace for the context entry in kubeconfig")
    user: str = flag("", "user for the context entry in kubeconfig")


async def run(opts: SetContextOptions, ctx: Context) -> int | None:
    if bool(opts.args) == opts.current or len(opts.args) > 1:
        if len(opts.args) == 1:
            raise UsageError("error: you cannot specify both a context name and --current")
        if not opts.args:
            raise UsageError("error: you must specify a non-empty context name or --current")
        return refuse_args(ctx, COMMAND, opts.args)
    with edit(ctx.options.kubeconfig or None) as config:
        name = config.current_context if opts.current else opts.args[0]
        if not name:
            raise UsageError("error: no current context is set")
        body = config.entry("contexts", name)
        said = {"cluster": opts.cluster, "namespace": opts.namespace, "user": opts.user}
        changed = (body or {}) | {key: value for key, value in said.items() if key in opts.given}
        config.set(
            "contexts", name, {key: value for key, value in changed.items() if value != "" or key != "namespace"}
        )
    ctx.streams.print(f'Context "{name}" {"created" if body is None else "modified"}.')
    return None


COMMAND = Command(
    name="config set-context",
    short="Set a context entry in kubeconfig",
    long="""Set a context entry in kubeconfig.""",
    examples="""# The user of a context, leaving the rest
kubectl config set-context gce --user=cluster-admin""",
    usage=(
        "config set-context [NAME | --current] [--cluster=cluster_nickname] "
        "[--user=user_nickname] [--namespace=namespace] [options]"
    ),
    options=SetContextOptions,
    run=run,
)
