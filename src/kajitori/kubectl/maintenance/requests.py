"""Approving or denying certificate signing requests. May import: client, kubectl, machinery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.globals import FilenameOptions, OutputOptions
from kajitori.kubectl.printers.objects import printer_for
from kajitori.kubectl.resources.builder import Selection, find, has_files
from kajitori.machinery.errors import Conflict, StatusError
from kajitori.machinery.gotext import quote
from kajitori.machinery.times import format_time

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info

Wire = dict[str, Any]
TRIES = 10


@dataclass(frozen=True)
class Decision:
    """One of approve and deny: the condition to set, the one that must not be there, and the words."""

    type: str  # Approved
    opposite: str  # Denied
    reason: str
    message: str
    done: str  # approved


@dataclass(frozen=True, kw_only=True)
class DecisionOptions(OutputOptions, FilenameOptions):
    force: bool = flag(False, "Update the CSR even if it is already decided so.")

    def validate(self) -> None:
        super().validate()
        if not self.args and not has_files(self):
            raise UsageError("error: one or more CSRs must be specified as <name> or -f <filename>")


async def decide(opts: DecisionOptions, ctx: Context, decision: Decision) -> None:
    """Prints each that is decided; what failed is raised after all were tried."""
    args = ("certificatesigningrequests", *opts.args) if opts.args else ()
    found = await find(ctx, Selection(args=args, files=opts))
    printer = printer_for(opts, decision.done)
    for info in found.infos:
        try:
            await _decide_one(opts, ctx, info, decision)
            printer.print(info.object, ctx.streams.out)
        except (StatusError, UsageError) as error:
            found.errors.append(error)
    if not found.infos and not found.errors:
        ctx.streams.print("No resources found")
    found.raise_errors()


async def _decide_one(opts: DecisionOptions, ctx: Context, info: Info, decision: Decision) -> None:
    for left in reversed(range(TRIES)):
        whole = with_condition(info.object, decision, format_time(datetime.now(UTC)))
        if whole is info.object and not opts.force:
            return
        try:
            await ctx.client().update(info.resource, whole, subresource="approval")
        except Conflict:
            if not left:
                raise
            await info.refresh(ctx.client())
        else:
            return


def with_condition(request: Wire, decision: Decision, now: str) -> Wire:
    """The request with the decision; itself where it has it already. Raises UsageError where it has the opposite."""
    status = request.get("status") or {}
    conditions = status.get("conditions") or []
    types = {one.get("type") for one in conditions}
    if decision.opposite in types:
        name = quote(request["metadata"]["name"])
        raise UsageError(f"error: certificate signing request {name} is already {decision.opposite}")
    if decision.type in types:
        return request
    condition = {
        "type": decision.type,
        "status": "True",
        "reason": decision.reason,
        "message": decision.message,
        "lastUpdateTime": now,
    }
    return {**request, "status": {**status, "conditions": [*conditions, condition]}}
