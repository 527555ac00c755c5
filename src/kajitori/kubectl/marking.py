"""Labels and annotations: reading ``KEY=VALUE`` and ``KEY-`` words, changing objects, saying what became of them.

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
from kajitori.kubectl.resources.builder import Selection, find, has_files
from kajitori.kubectl.writing import SelectorOptions
from kajitori.machinery.errors import StatusError
from kajitori.machinery.names import is_label_value

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info

Wire = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class MarkOptions(DryRunOptions, OutputOptions, FilenameOptions, SelectorOptions):
    """What label and annotate have in common."""

    all_: bool = flag(False, "Select all resources, in the namespace of the specified resource types", name="all")
    all_namespaces: bool = flag(False, "If true, check the specified action in all namespaces.", short="A")
    field_manager: str = ""
    field_selector: str = flag("", "Selector (field query) to filter on, supports '=', '==', and '!='.")
    list_: bool = False
    local: bool = flag(False, "Work on the files only, without the server.")
    overwrite: bool = False
    resource_version: str = ""


@dataclass(frozen=True)
class Mark:
    """The words that differ between labels and annotations."""

    word: str  # label
    field: str  # labels
    done: str  # labeled
    undone: str | None  # unlabeled; None: nothing is told apart
    check_value: Callable[[str], list[str]] | None


LABELS = Mark("label", "labels", "labeled", "unlabeled", is_label_value)
ANNOTATIONS = Mark("annotation", "annotations", "annotated", None, None)


async def mark(what: Mark, opts: MarkOptions, ctx: Context) -> None:
    """The whole verb."""
    targets, changes = split(opts.args)
    if not targets and not has_files(opts):
        raise UsageError("error: one or more resources must be specified as <resource> <name> or <resource>/<name>")
    if not changes and not opts.list_:
        raise UsageError(f"error: at least one {what.word} update is required")
    values, removals = parse(what, changes)
    found = await find(
        ctx,
        Selection(
            args=tuple(targets),
            files=opts,
            label_selector=opts.selector,
            field_selector=opts.field_selector,
            all_namespaces=opts.all_namespaces,
            default_all=opts.all_,
            live=not opts.local,
            offline=opts.local,
        ),
    )
    if opts.resource_version and not found.single:
        raise UsageError("error: --resource-version may only be used with a single resource")
    for info in found.infos:
        try:
            if opts.list_:
                _list(what, ctx, info, several=len(found.infos) > 1)
            if changes:
                await _mark_one(what, opts, ctx, info, values, removals)
        except (StatusError, UsageError) as error:
            found.errors.append(error)
    found.raise_errors()


def split(words: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Resources first, then changes: from the first word with ``=`` or a final ``-`` on."""
    for position, word in enumerate(words):
        if "=" in word or (word.endswith("-") and len(word) > 1):
            return list(words[:position]), list(words[position:])
    return list(words), []


def parse(what: Mark, changes: list[str]) -> tuple[dict[str, str], list[str]]:
    """What to set and what to remove. Raises UsageError for words that are neither."""
    values: dict[str, str] = {}
    removals: list[str] = []
    for word in changes:
        key, equals, value = word.partition("=")
        if not equals:
            if not word.endswith("-"):
                raise UsageError(f"error: unknown {what.word} spec: {word}")
            removals.append(word[:-1])
            continue
        if not key or (what.check_value is not None and "=" in value):
            raise UsageError(f"error: invalid {what.word} {'spec' if what.word == 'label' else 'format'}: {word}")
        if what.check_value is not None and (bad := what.check_value(value)):
            raise UsageError(f'error: invalid {what.word} value: "{word}": {";".join(bad)}')
        values[key] = value
    both = [key for key in removals if key in values]
    if both:
        raise UsageError(
            f"error: can not both modify and remove {'a label' if what.word == 'label' else 'an annotation'} "
            "in the same command"
        )
    return values, removals


def _list(what: Mark, ctx: Context, info: Info, *, several: bool) -> None:
    indent = ""
    if several:
        indent = " "
        group = info.resource.group
        ctx.streams.print(f"Listing {what.field} for {info.resource.kind}.{group}/{info.name}:")
    marks = (info.object.get("metadata") or {}).get(what.field) or {}
    for key in sorted(marks):
        ctx.streams.print(f"{indent}{key}={marks[key]}")


def changed(what: Mark, opts: MarkOptions, obj: Wire, values: dict[str, str], removals: list[str]) -> Wire:
    """The object with its marks changed. Raises UsageError where a mark would be overwritten."""
    made = copy.deepcopy(obj)
    meta = made.setdefault("metadata", {})
    marks: dict[str, str] = dict(meta.get(what.field) or {})
    if not opts.overwrite:
        taken = [key for key in values if key in marks and marks[key] != values[key]]
        if taken:
            raise UsageError(_taken(what, marks, taken))
    marks |= values
    for key in removals:
        marks.pop(key, None)
    if marks or what.field in meta:
        meta[what.field] = marks
    if not marks:
        meta.pop(what.field, None)
    if opts.resource_version:
        meta["resourceVersion"] = opts.resource_version
    return made


def _taken(what: Mark, marks: dict[str, str], keys: list[str]) -> str:
    if what.word == "annotation":
        found = ", ".join(f"'{key}' already has a value ({marks[key]})" for key in keys)
        return f"error: --overwrite is false but found the following declared annotation(s): {found}"
    return "error: " + "\n".join(
        f"'{key}' already has a value ({marks[key]}), and --overwrite is false" for key in keys
    )


async def _mark_one(
    what: Mark, opts: MarkOptions, ctx: Context, info: Info, values: dict[str, str], removals: list[str]
) -> None:
    old = info.object
    made = changed(what, opts, old, values, removals)
    had = (old.get("metadata") or {}).get(what.field) or {}
    for key in removals:
        if key not in had and what.undone:
            ctx.streams.print(f'{what.word} "{key}" not found.')
    message = outcome(what, opts, old, made)
    if not opts.local and not opts.dry_run_client:
        made = await _send(what, opts, ctx, info, made, had)
    if opts.list_:
        return
    printer_for(opts, message, dry_run=opts.dry_run).print(made, ctx.streams.out)


async def _send(what: Mark, opts: MarkOptions, ctx: Context, info: Info, made: Wire, had: dict[str, str]) -> Wire:
    now = made["metadata"].get(what.field) or {}
    difference: Wire = {key: value for key, value in now.items() if had.get(key) != value}
    difference |= {key: None for key in had if key not in now}
    if not difference and not opts.resource_version:
        return info.object
    body: Wire = {"metadata": {what.field: difference or None} if now else {what.field: None}}
    if opts.resource_version:
        body["metadata"]["resourceVersion"] = opts.resource_version
    return await ctx.client().patch(
        info.resource,
        info.name,
        body,
        namespace=info.namespace or None,
        field_manager=opts.field_manager,
        dry_run=opts.dry_run_server,
    )


def outcome(what: Mark, opts: MarkOptions, old: Wire, new: Wire) -> str:
    """``labeled``, ``unlabeled``, ``not labeled``, by upstream's measure: the length of the object's JSON."""
    if what.undone is None:
        return what.done
    from kajitori.kubectl.printers.jsontext import dumps

    before, after = dumps(old, indent=None), dumps(new, indent=None)
    if before == after:
        return f"not {what.done}"
    return what.undone if not opts.overwrite and len(after) < len(before) else what.done
