"""kubectl apply view-last-applied: what was applied last, as YAML or JSON. May import: kubectl."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.globals import FilenameOptions
from kajitori.kubectl.resources.builder import Selection, find
from kajitori.kubectl.writing import LAST_APPLIED, SelectorOptions

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class ViewLastAppliedOptions(FilenameOptions, SelectorOptions):
    all_: bool = flag(False, "Select all resources in the namespace of the specified resource types", name="all")
    output: str = flag("yaml", "Output format. Must be one of (yaml, json)", short="o")

    def validate(self) -> None:
        if self.output not in ("yaml", "json"):
            raise UsageError(
                f"error: Unexpected -o output mode: {self.output}, the flag 'output' must be one of yaml|json\n"
                "See 'view-last-applied -h' for help and examples"
            )


async def run(opts: ViewLastAppliedOptions, ctx: Context) -> None:
    selection = Selection(args=opts.args, files=opts, label_selector=opts.selector, default_all=opts.all_)
    found = await find(ctx, selection)
    found.raise_errors()
    for info in found.infos:
        text = (info.object["metadata"].get("annotations") or {}).get(LAST_APPLIED)
        if not text:
            raise UsageError(f"error: no last-applied-configuration annotation found on resource: {info.name}")
        value = json.loads(text)
        if opts.output == "json":
            from kajitori.kubectl.printers.jsontext import dumps

            ctx.streams.print(dumps(value, indent=2))
        else:
            from kajitori.kubectl.printers.yamltext import dumps as yaml_dumps

            ctx.streams.out.write(yaml_dumps(value))


COMMAND = Command(
    name="apply view-last-applied",
    short="View the latest last-applied-configuration annotations of a resource/object",
    long="View the latest last-applied-configuration annotations by type/name or file. The default is YAML.",
    examples="# Of a deployment\nkubectl apply view-last-applied deployment/nginx",
    usage="apply view-last-applied (TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME) [options]",
    options=ViewLastAppliedOptions,
    run=run,
)
