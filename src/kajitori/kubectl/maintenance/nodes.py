"""Which nodes are meant, and marking them (un)schedulable. May import: client, kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.kubectl.flags import HelpfulError
from kajitori.kubectl.globals import DryRunOptions
from kajitori.kubectl.printers.objects import NamePrinter, with_dry_run
from kajitori.kubectl.resources.builder import Selection, find
from kajitori.kubectl.writing import SelectorOptions
from kajitori.machinery.errors import StatusError
from kajitori.machinery.gotext import quote

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info


@dataclass(frozen=True, kw_only=True)
class NodeOptions(DryRunOptions, SelectorOptions):
    def check(self, verb: str) -> None:
        """Raises UsageError."""
        if not self.args and "selector" not in self.given:
            raise HelpfulError(verb, f"USAGE: {verb} NODE [flags]")
        if self.args and self.selector:
            raise HelpfulError(verb, "cannot specify both a node name and a --selector option")


async def chosen(opts: NodeOptions, ctx: Context) -> list[Info]:
    """The nodes by name or label. Raises NotFound."""
    if any("/" in word for word in opts.args):
        found = await find(ctx, Selection(args=opts.args))
    else:
        found = await find(ctx, Selection(args=("nodes", *opts.args), label_selector=opts.selector))
    found.raise_errors()
    return found.infos


async def mark(opts: NodeOptions, ctx: Context, infos: list[Info], *, unschedulable: bool) -> None:
    """One line per node. A node that refuses is told on stderr, and the others are marked all the same."""
    verb = "cordon" if unschedulable else "uncordon"
    for info in infos:
        try:
            outcome = await _mark_one(opts, ctx, info, unschedulable, f"{verb}ed")
        except StatusError as error:
            ctx.streams.warn(f"error: unable to {verb} node {quote(info.name)}: {error.message}")
            continue
        tell(opts, ctx, info, outcome)


def tell(opts: NodeOptions, ctx: Context, info: Info, outcome: str) -> None:
    """One result line: `node/NAME OUTCOME`."""
    NamePrinter(with_dry_run(outcome, opts.dry_run)).print(info.object, ctx.streams.out)


async def _mark_one(opts: NodeOptions, ctx: Context, info: Info, unschedulable: bool, done: str) -> str:
    if info.resource.kind != "Node":
        return "skipped"
    if bool(info.object["spec"].get("unschedulable")) == unschedulable:
        return f"already {done}"
    if not opts.dry_run_client:
        await ctx.client().patch(
            info.resource,
            info.name,
            {"spec": {"unschedulable": True if unschedulable else None}},
            patch_type="strategic",
            dry_run=opts.dry_run_server,
        )
    return done
