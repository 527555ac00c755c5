"""kubectl set selector: the selector of a Service. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.generate.parsing import labels
from kajitori.kubectl.podspecs import SetOptions, change, chosen

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class SetSelectorOptions(SetOptions):
    kustomize: str = flag("", "Not taken here.", short="k", hidden=True)
    recursive: bool = flag(True, "Process the directory used in -f, --filename recursively.", short="R")
    resource_version: str = flag("", "Change only an object of this resource version; for one object.")
    selector: str = flag("", "Not taken here.", short="l", hidden=True)


async def run(opts: SetSelectorOptions, ctx: Context) -> None:
    if len(opts.args) < 1:
        raise UsageError("error: one or more resources must be specified as <resource> <name> or <resource>/<name>")
    wanted = labels(opts.args[-1])

    def put(obj: dict[str, Any]) -> None:
        if obj.get("kind") != "Service":
            raise UsageError("error: setting a selector is only supported for Services")
        obj.setdefault("spec", {})["selector"] = wanted

    found = await chosen(opts, ctx, opts.args[:-1])
    await change(opts, ctx, found, put, "selector updated", always=True)


COMMAND = Command(
    name="set selector",
    short="Set the selector on a resource",
    long="Set the selector on a resource. Only Services have one that can be set; it replaces the old one.",
    examples="# Of a service\nkubectl set selector service/myapp environment=qa",
    usage="set selector (-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version] [options]",
    options=SetSelectorOptions,
    run=run,
)
