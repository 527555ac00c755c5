"""Which workloads a rollout command is about, and changing them by patch. May import: client, kubectl."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.globals import FilenameOptions, OutputOptions
from kajitori.kubectl.printers.objects import printer_for
from kajitori.kubectl.resources.builder import Found, Selection, find, has_files
from kajitori.kubectl.writing import SelectorOptions
from kajitori.machinery.errors import StatusError
from kajitori.machinery.gotext import quote

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info

Wire = dict[str, Any]


class Refusal(Exception):
    """Why an object is not changed."""


@dataclass(frozen=True, kw_only=True)
class TargetOptions(FilenameOptions, SelectorOptions):
    """The workloads a rollout command is about; none at all is a `UsageError`."""

    def validate(self) -> None:
        super().validate()
        if not self.args and not has_files(self):
            raise UsageError("error: required resource not specified")


@dataclass(frozen=True, kw_only=True)
class ChangeOptions(TargetOptions, OutputOptions):
    field_manager: str = flag("kubectl-rollout", "Name of the manager used to track field ownership.")


async def targets(opts: TargetOptions, ctx: Context) -> Found:
    """A type without a name means all of it, as upstream."""
    return await find(ctx, Selection(args=opts.args, files=opts, label_selector=opts.selector, default_all=True))


async def change(
    opts: ChangeOptions, ctx: Context, edit: Callable[[Wire], None], done: str, *, unchanged: str = ""
) -> None:
    """Edits a copy of each object, sends what changed, prints the outcome. `edit` raises Refusal."""
    found = await targets(opts, ctx)
    if not found.infos and not found.errors:
        ctx.streams.warn(f"No resources found in {ctx.namespace} namespace.")
    for info in found.infos:
        try:
            await _change_one(opts, ctx, info, edit, done, unchanged)
        except Refusal as refusal:
            what = f"{info.resource.group_resource} {quote(info.name)}"
            found.errors.append(UsageError(f"error: {what} {refusal}"))
        except StatusError as error:
            found.errors.append(UsageError(f"error: failed to patch: {error.message}"))
    found.raise_errors()


async def _change_one(
    opts: ChangeOptions, ctx: Context, info: Info, edit: Callable[[Wire], None], done: str, unchanged: str
) -> None:
    from kajitori.kubectl.patching import two_way

    made = copy.deepcopy(info.object)
    edit(made)
    if made == info.object and unchanged:
        printer_for(opts, unchanged).print(made, ctx.streams.out)
        return
    body, patch_type = two_way(info.resource, info.object, made)
    answer = await ctx.client().patch(
        info.resource,
        info.name,
        body,
        namespace=info.namespace or None,
        patch_type=patch_type,
        field_manager=opts.field_manager,
    )
    printer_for(opts, done).print(answer, ctx.streams.out)
