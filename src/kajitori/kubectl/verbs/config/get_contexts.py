"""kubectl config get-contexts: shows contexts as a table. May import: client.kubeconfig, kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.client.kubeconfig import KubeConfig
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import Options, UsageError, flag
from kajitori.kubectl.printers.tabwriter import TabWriter

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class GetContextsOptions(Options):
    no_headers: bool = flag(False, "When using the default or custom-column output format, don't print headers.")
    output: str = flag("", "Output format. One of: (name).", short="o")


async def run(opts: GetContextsOptions, ctx: Context) -> int | None:
    config = ctx.kubeconfig()
    wanted = list(opts.args) or config.names("contexts")
    missing = [name for name in wanted if config.entry("contexts", name) is None]
    found = [name for name in wanted if name not in missing]
    if opts.output not in ("", "name"):
        raise UsageError(f"error: output must be one of '' or 'name': {opts.output}")
    if opts.output == "name":
        for name in found:
            ctx.streams.print(name)
    else:
        _table(opts, ctx, config, found)
    if missing:
        texts = [f"error: context {name} not found" for name in missing]
        raise UsageError("\n".join(texts))
    return None


def _table(opts: GetContextsOptions, ctx: Context, config: KubeConfig, names: list[str]) -> None:
    writer = TabWriter.tables(ctx.streams.out)
    if not opts.no_headers:
        writer.write("CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n")
    for name in names:
        body = config.entry("contexts", name) or {}
        mark = "*" if name == config.current_context else ""
        cells = (mark, name, body.get("cluster") or "", body.get("user") or "", body.get("namespace") or "")
        writer.write("\t".join(cells) + "\n")
    writer.flush()


COMMAND = Command(
    name="config get-contexts",
    short="Describe one or many contexts",
    long="""Describe one or many contexts.""",
    examples="""# All contexts
kubectl config get-contexts

# One of them
kubectl config get-contexts my-context""",
    usage="config get-contexts [(-o|--output=)name)] [options]",
    options=GetContextsOptions,
    run=run,
)
