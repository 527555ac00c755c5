"""kubectl diff: what apply would change, shown by diff(1) or KUBECTL_EXTERNAL_DIFF. May import: kubectl.

Exit codes: 0 no difference, 1 differences, more than 1 an error.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.applying.clientside import difference
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.globals import FilenameOptions
from kajitori.kubectl.printers.objects import without_managed_fields
from kajitori.kubectl.printers.yamltext import dumps
from kajitori.kubectl.resources.builder import Selection, find, has_files
from kajitori.kubectl.writing import LAST_APPLIED, SelectorOptions
from kajitori.machinery.errors import NotFound, StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info

Wire = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class DiffOptions(FilenameOptions, SelectorOptions):
    concurrency: int = flag(1, "Number of objects to process in parallel when diffing against the live version.")
    field_manager: str = flag("kubectl-client-side-apply", "Name of the manager used to track field ownership.")
    force_conflicts: bool = flag(False, "With --server-side, take over fields that others manage.")
    prune: bool = flag(False, "Show what apply --prune would delete, too.")
    prune_allowlist: tuple[str, ...] = flag((), "With --prune, group/version/kind of what may be deleted.", split=False)
    server_side: bool = flag(False, "If true, apply runs in the server instead of the client.")
    show_managed_fields: bool = flag(False, "Show managedFields too.")

    @property
    def manager(self) -> str:
        return "kubectl" if self.server_side and "field-manager" not in self.given else self.field_manager


async def run(opts: DiffOptions, ctx: Context) -> int:
    if not has_files(opts):
        ctx.streams.warn("error: must specify one of -f and -k")
        return 2
    try:
        found = await find(ctx, Selection(files=opts, live=False))
        if found.errors:  # nothing is compared after the first of them
            raise found.errors[0]
        infos = opts.selected(found.infos)
        with tempfile.TemporaryDirectory(prefix="LIVE-") as old, tempfile.TemporaryDirectory(prefix="MERGED-") as new:
            live, merged = Path(old), Path(new)
            kept = {await _write(opts, ctx, info, live, merged) for info in infos}
            if opts.prune:
                await _write_pruned(opts, ctx, infos, kept, live)
            return _compare(ctx, live, merged)
    except (StatusError, UsageError, OSError) as error:
        from kajitori.kubectl.errors import explain_to

        ctx.streams.warn(str(error) if isinstance(error, UsageError) else explain_to(ctx, error) or str(error))
        return 2


async def _write(opts: DiffOptions, ctx: Context, info: Info, live: Path, merged: Path) -> str:
    """The uid of what would be there."""
    client, namespace = ctx.client(), info.namespace or None
    try:
        old: Wire | None = await client.get(info.resource, info.name, namespace)
    except NotFound:
        old = None
    if opts.server_side:
        new = await client.patch(
            info.resource,
            info.name,
            info.object,
            namespace=namespace,
            patch_type="apply",
            field_manager=opts.manager,
            force=opts.force_conflicts,
            dry_run=True,
        )
    elif old is None:
        new = await client.create(info.resource, info.object, namespace=namespace, dry_run=True)
    else:
        body, patch_type = difference(info, old, _as_applied(info.object, old))
        new = old
        if body:
            new = await client.patch(
                info.resource, info.name, body, namespace=namespace, patch_type=patch_type, dry_run=True
            )
    uid = str(new["metadata"].get("uid") or "")
    is_secret = new["kind"] == "Secret" and new["apiVersion"] == "v1"
    if is_secret:
        old, new = masked(old, new)
    for folder, obj in ((live, old), (merged, new)):
        shown = obj if obj is None or opts.show_managed_fields else without_managed_fields(obj)
        absent = "null\n" if is_secret else ""  # upstream masks what is not there, too
        (folder / _name(info)).write_text(dumps(shown) if shown is not None else absent)
    return uid


async def _write_pruned(opts: DiffOptions, ctx: Context, infos: list[Info], kept: set[str], live: Path) -> None:
    from kajitori.kubectl.applying.pruning import prunable

    async for info in prunable(opts, ctx, {info.namespace for info in infos}, kept):
        (live / _name(info)).write_text(dumps(info.object))


def _name(info: Info) -> str:
    group = f"{info.resource.group}." if info.resource.group else ""
    return f"{group}{info.resource.version}.{info.resource.kind}.{info.namespace}.{info.name}"


def masked(old: Wire | None, new: Wire) -> tuple[Wire | None, Wire]:
    """Both Secrets without what they keep: that a value differs is told, no value is."""
    was, becomes = (old or {}).get("data") or {}, new.get("data") or {}
    differs = {key for key in was if key in becomes and was[key] != becomes[key]}
    before = {key: "*** (before)" if key in differs else "***" for key in was}
    after = {key: "*** (after)" if key in differs else "***" for key in becomes}
    return (old and (old | {"data": before} if was else old)), (new | {"data": after} if becomes else new)


def _as_applied(wanted: Wire, live: Wire) -> Wire:
    """The wanted object with the live one's record of what was applied, which is no difference to show."""
    record = (live["metadata"].get("annotations") or {}).get(LAST_APPLIED)
    if record is None:
        return wanted
    meta = wanted.get("metadata") or {}
    return wanted | {"metadata": meta | {"annotations": (meta.get("annotations") or {}) | {LAST_APPLIED: record}}}


def _compare(ctx: Context, live: Path, merged: Path) -> int:
    external = os.environ.get("KUBECTL_EXTERNAL_DIFF", "")
    words = shlex.split(external) or ["diff", "-u", "-N"]
    done = subprocess.run([*words, str(live), str(merged)], capture_output=True, text=True, check=False)
    ctx.streams.out.write(done.stdout)
    if done.stderr:
        ctx.streams.err.write(done.stderr)
    if done.returncode > 1:
        raise UsageError(f"error: exit status {done.returncode}")
    return done.returncode


COMMAND = Command(
    name="diff",
    short="Diff the live version against a would-be applied version",
    long="""Diff configurations specified by file name or stdin between the current online configuration, and the
configuration as it would be if applied.

 The output is always YAML. KUBECTL_EXTERNAL_DIFF names another program than 'diff -u -N'.

 Exit status: 0 no differences were found, 1 differences were found, more than 1 something failed.""",
    examples="""# What a file would change
kubectl diff -f pod.json

# From stdin
cat service.yaml | kubectl diff -f -""",
    usage="diff -f FILENAME [options]",
    options=DiffOptions,
    run=run,
)
