"""kubectl wait: until objects meet a condition, exist, or are gone. Watches; polls nothing. May import: kubectl."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.conditions import Condition, parse
from kajitori.kubectl.flags import Duration, UsageError, flag
from kajitori.kubectl.globals import FilenameOptions, OutputOptions
from kajitori.kubectl.printers.objects import printer_for
from kajitori.kubectl.resources.builder import Found, Selection, find
from kajitori.kubectl.waiting import until_created, until_gone, until_met
from kajitori.kubectl.writing import SelectorOptions

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

WEEK_S = 7 * 86400.0


@dataclass(frozen=True, kw_only=True)
class WaitOptions(OutputOptions, FilenameOptions, SelectorOptions):
    all_: bool = flag(False, "Select all resources in the namespace of the specified resource types", name="all")
    all_namespaces: bool = flag(False, "Look in all namespaces.", short="A")
    field_selector: str = flag("", "Selector (field query) to filter on, supports '=', '==', and '!='.")
    for_: str = flag(
        "",
        "What to wait for: [create|delete|condition=condition-name[=condition-value]|"
        "jsonpath='{JSONPath expression}'=[JSONPath value]]. A condition's value is true unless given.",
        name="for",
    )
    kustomize: str = flag("", "Not taken here.", short="k", hidden=True)
    local: bool = flag(False, "Work on the files only, without the server.")
    recursive: bool = flag(True, "Process the directory used in -f, --filename recursively.", short="R")
    timeout: Duration = flag(Duration(30), "How long to wait; zero means look once, negative means a week.")

    @property
    def timeout_s(self) -> float:
        return WEEK_S if self.timeout < 0 else float(self.timeout)


async def run(opts: WaitOptions, ctx: Context) -> None:
    condition = parse(opts.for_)
    printer = printer_for(opts, "condition met")
    selection = Selection(
        args=opts.args,
        files=opts,
        label_selector=opts.selector,
        field_selector=opts.field_selector,
        all_namespaces=opts.all_namespaces,
        default_all=opts.all_,
        fetch=condition.kind not in ("create",),
    )
    found = await find(ctx, selection)
    if condition.kind == "delete":
        found.errors = [error for error in found.errors if getattr(error, "reason", "") != "NotFound"]
    found.raise_errors()
    if not found.infos and condition.kind != "delete":
        raise UsageError("error: no matching resources found")
    deadline = asyncio.get_running_loop().time() + opts.timeout_s
    await _wait(opts, ctx, found, condition, deadline)
    for info in found.infos:
        printer.print(info.object, ctx.streams.out)


async def _wait(opts: WaitOptions, ctx: Context, found: Found, condition: Condition, deadline: float) -> None:
    for info in found.infos:
        left = max(deadline - asyncio.get_running_loop().time(), 0.001)
        if condition.kind == "delete":
            uid = str((info.object.get("metadata") or {}).get("uid") or "")
            await until_gone(ctx, [(info, uid)], timeout_s=left)
        elif condition.kind == "create":
            await until_created(ctx, info, timeout_s=left)
        else:
            await until_met(ctx, info, condition.holds, timeout_s=left)


COMMAND = Command(
    name="wait",
    short="Experimental: Wait for a specific condition on one or many resources",
    long="""Experimental: Wait for a specific condition on one or many resources.

 The command takes several resources and waits until all of them have the condition in their status, or until they are
created or gone. It succeeds at once where that is already so.""",
    examples="""# Until a pod is ready
kubectl wait --for=condition=Ready pod/busybox1

# Until it is not
kubectl wait --for=condition=Ready=false pod/busybox1

# Until a field has a value
kubectl wait --for=jsonpath='{.status.phase}'=Running pod/busybox1

# Until pods are gone, for at most a minute
kubectl delete pod/busybox1
kubectl wait --for=delete pod/busybox1 --timeout=60s""",
    usage="wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) "
    "[--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]] [options]",
    options=WaitOptions,
    run=run,
    interrupted=1,
)
