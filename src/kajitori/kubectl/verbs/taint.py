"""kubectl taint: sets and removes taints of nodes. May import: client, kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.globals import DryRunOptions, OutputOptions
from kajitori.kubectl.maintenance.taints import Changes, changed, parse, split
from kajitori.kubectl.printers.objects import printer_for
from kajitori.kubectl.resources.builder import Selection, find
from kajitori.kubectl.writing import SelectorOptions, ValidateOptions
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info


@dataclass(frozen=True, kw_only=True)
class TaintOptions(DryRunOptions, OutputOptions, ValidateOptions, SelectorOptions):
    all_: bool = flag(False, "Select all nodes in the cluster", name="all")
    field_manager: str = flag("kubectl-taint", "Name of the manager used to track field ownership.")
    overwrite: bool = flag(False, "If true, taints may be overwritten, else such changes are refused.")


async def run(opts: TaintOptions, ctx: Context) -> None:
    resources, words = split(opts.args)
    if not resources:
        raise UsageError("error: one or more resources must be specified as <resource> <name>")
    if not words:
        raise UsageError("error: at least one taint update is required")
    changes = parse(words)
    await _check(opts, ctx, resources, changes)
    names = () if opts.all_ or opts.selector else tuple(resources[1:])
    found = await find(ctx, Selection(args=("nodes", *names), label_selector=opts.selector, default_all=opts.all_))
    for info in found.infos:
        try:
            await _taint(opts, ctx, info, changes)
        except (StatusError, UsageError) as error:
            found.errors.append(error)
    found.raise_errors()


async def _check(opts: TaintOptions, ctx: Context, resources: list[str], changes: Changes) -> None:
    resource = await ctx.discovery().resource(resources[0].lower())
    if resource.kind != "Node":
        raise UsageError(f"error: invalid resource type {resources[0].lower()}, only node types are supported")
    changes.check()
    if opts.all_ and opts.selector:
        raise UsageError("error: setting 'all' parameter with a non empty selector is prohibited")
    if not opts.all_ and not opts.selector and len(resources) < 2:
        raise UsageError("error: at least one resource name must be specified since 'all' parameter is not set")


async def _taint(opts: TaintOptions, ctx: Context, info: Info, changes: Changes) -> None:
    old = info.object["spec"].get("taints") or []
    outcome, taints = changed(info.name, old, changes, overwrite=opts.overwrite)
    made = {**info.object, "spec": {**info.object["spec"], "taints": taints}}
    if not opts.dry_run_client:
        made = await ctx.client().patch(
            info.resource,
            info.name,
            {"spec": {"taints": taints or None}},
            field_manager=opts.field_manager,
            dry_run=opts.dry_run_server,
        )
    printer_for(opts, outcome).print(made, ctx.streams.out)


COMMAND = Command(
    name="taint",
    short="Update the taints on one or more nodes",
    long="""Update the taints on one or more nodes.

  *  A taint consists of a key, value, and effect. As an argument here, it is expressed as key=value:effect.
  *  The key begins with a letter or number and holds letters, numbers, hyphens, dots, and underscores; at most 253
     characters. It may begin with a DNS subdomain prefix and a slash.
  *  The value is optional; it holds the same characters, at most 63 of them.
  *  The effect is NoSchedule, PreferNoSchedule or NoExecute.
  *  Currently taint can only apply to node.""",
    examples="""# A taint with key 'dedicated', value 'special-user' and effect 'NoSchedule'; an old value is replaced
kubectl taint nodes foo dedicated=special-user:NoSchedule

# Remove the taint with key 'dedicated' and effect 'NoSchedule'
kubectl taint nodes foo dedicated:NoSchedule-

# Remove all taints with key 'dedicated'
kubectl taint nodes foo dedicated-

# Nodes with a label
kubectl taint node -l myLabel=X  dedicated=foo:PreferNoSchedule

# A taint without a value
kubectl taint nodes foo bar:NoSchedule""",
    usage="taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N [options]",
    options=TaintOptions,
    run=run,
)
