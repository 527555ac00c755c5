"""Where pod templates are in the kinds that have one, and changing them with ``kubectl set``.

May import: kubectl, machinery.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.globals import DryRunOptions, FilenameOptions, OutputOptions
from kajitori.kubectl.printers.objects import printer_for
from kajitori.kubectl.resources.builder import Found, Selection, find
from kajitori.kubectl.writing import SelectorOptions
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info

Wire = dict[str, Any]
_TEMPLATED = frozenset({"Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "ReplicationController", "Job"})


def path_of(obj: Wire) -> tuple[str, ...] | None:
    """The keys that lead to the pod spec; None for a kind that has none."""
    kind = obj.get("kind")
    if kind == "Pod":
        return ("spec",)
    if kind in _TEMPLATED:
        return ("spec", "template", "spec")
    if kind == "CronJob":
        return ("spec", "jobTemplate", "spec", "template", "spec")
    return None


def pod_spec(obj: Wire) -> Wire:
    """The pod spec inside an object, to read or to change. Raises UsageError for kinds without one."""
    path = path_of(obj)
    if path is None:
        raise UsageError(f"error: the object is not a pod or does not have a pod template: {obj.get('kind')}")
    value: Wire = obj
    for key in path:
        value = value.setdefault(key, {})
    return value


@dataclass(frozen=True, kw_only=True)
class SetOptions(DryRunOptions, OutputOptions, FilenameOptions, SelectorOptions):
    """What the subcommands of ``kubectl set`` have in common."""

    all_: bool = flag(False, "Select all resources, in the namespace of the specified resource types", name="all")
    field_manager: str = flag("kubectl-set", "Name of the manager used to track field ownership.")
    local: bool = flag(False, "Work on the files only, without the server.")


async def chosen(opts: SetOptions, ctx: Context, args: tuple[str, ...]) -> Found:
    """The objects that the words and flags mean."""
    return await find(
        ctx,
        Selection(
            args=args,
            files=opts,
            label_selector=opts.selector,
            default_all=opts.all_,
            live=not opts.local,
            offline=opts.local,
        ),
    )


async def change(
    opts: SetOptions, ctx: Context, found: Found, edit: Callable[[Wire], None], done: str, *, always: bool = False
) -> None:
    """Edits a copy of each object, sends what changed and prints the outcome. `edit` raises UsageError to refuse."""
    printer = printer_for(opts, done, dry_run=opts.dry_run)
    for info in found.infos:
        try:
            made = copy.deepcopy(info.object)
            edit(made)
            if made == info.object and not always:
                continue
            if not opts.local and not opts.dry_run_client:
                made = await send(opts, ctx, info, made)
            printer.print(made, ctx.streams.out)
        except (StatusError, UsageError) as error:
            found.errors.append(error)
    found.raise_errors()


async def send(opts: SetOptions, ctx: Context, info: Info, made: Wire) -> Wire:
    """The difference as the patch that suits the kind."""
    from kajitori.kubectl.patching import two_way

    body, patch_type = two_way(info.resource, info.object, made)
    return await ctx.client().patch(
        info.resource,
        info.name,
        body,
        namespace=info.namespace or None,
        patch_type=patch_type,
        field_manager=opts.field_manager,
        dry_run=opts.dry_run_server,
    )
