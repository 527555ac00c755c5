"""kubectl patch: sends a patch as it is given. May import: kubectl, machinery.patch (for --local and dry runs)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.globals import DryRunOptions, FilenameOptions, OutputOptions
from kajitori.kubectl.printers.objects import printer_for
from kajitori.kubectl.resources.builder import Selection, find
from kajitori.machinery.errors import StatusError
from kajitori.machinery.patch import PatchError

if TYPE_CHECKING:
    from kajitori.client.objects import PatchType
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info

Wire = dict[str, Any]
TYPES = ("json", "merge", "strategic")


@dataclass(frozen=True, kw_only=True)
class PatchOptions(DryRunOptions, OutputOptions, FilenameOptions):
    field_manager: str = flag("kubectl-patch", "Name of the manager used to track field ownership.")
    local: bool = flag(False, "Work on the files only, without the server.")
    patch: str = flag("", "The patch to be applied to the resource JSON file.", short="p")
    patch_file: str = flag("", "A file containing a patch to be applied to the resource.")
    subresource: str = flag("", "The subresource to patch: status, scale or resize.")
    type: str = flag("strategic", "The type of patch being provided; one of [json merge strategic]")

    def validate(self) -> None:
        super().validate()
        if self.patch and self.patch_file:
            raise UsageError("error: cannot specify --patch and --patch-file together")
        if not self.patch and not self.patch_file:
            raise UsageError("error: must specify --patch or --patch-file containing the contents of the patch")
        if self.local and self.dry_run_server:
            raise UsageError("error: cannot specify --local and --dry-run=server - did you mean --dry-run=client?")
        if self.type.lower() not in TYPES:
            raise UsageError(f'error: --type must be one of [json merge strategic], not "{self.type}"')


async def run(opts: PatchOptions, ctx: Context) -> None:
    body = patch_of(opts)
    found = await find(ctx, Selection(args=opts.args, files=opts, live=not opts.local, offline=opts.local))
    for info in found.infos:
        try:
            await _patch(opts, ctx, info, body)
        except StatusError as error:
            found.errors.append(error)
    found.raise_errors()
    if not found.infos:
        raise UsageError("error: no objects passed to patch")


def patch_of(opts: PatchOptions) -> bytes:
    """The patch as JSON; YAML is understood. What is neither goes to the server as it is."""
    import orjson

    try:
        text = opts.patch or Path(opts.patch_file).read_text()
    except OSError as error:
        raise UsageError(
            f"error: unable to read patch file: open {opts.patch_file}: {(error.strerror or '').lower()}"
        ) from error
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        if text.lstrip().startswith("{"):  # broken JSON, not YAML: for the server to say
            return text.encode()
        import yaml

        from kajitori.kubectl.manifests.yamlload import load

        try:
            return orjson.dumps(load(text))
        except yaml.YAMLError as error:
            raise UsageError(f'error: unable to parse "{text}": {getattr(error, "problem", error)}') from error
    return text.encode()


async def _patch(opts: PatchOptions, ctx: Context, info: Info, body: bytes) -> None:
    old = info.object
    if opts.local or opts.dry_run_client:
        new = locally(opts, info, body)
        done = "patched"
    else:
        new = await ctx.client().patch(
            info.resource,
            info.name,
            body,
            namespace=info.namespace or None,
            patch_type=cast("PatchType", opts.type.lower()),  # checked by validate
            subresource=opts.subresource,
            field_manager=opts.field_manager,
            dry_run=opts.dry_run_server,
        )
        done = "patched" if opts.subresource or new != old else "patched (no change)"
    printer_for(opts, done, dry_run="none").print(new, ctx.streams.out)


def locally(opts: PatchOptions, info: Info, body: bytes) -> Wire:
    """What the server would make of it, admission and defaults apart."""
    import orjson

    from kajitori.kubectl.patching import schema_of
    from kajitori.machinery.patch import json_patch, merge_patch, strategic

    patch = orjson.loads(body)
    try:
        if opts.type == "json":
            made = json_patch.apply(info.object, patch)
        else:
            schema = schema_of(info.resource) if opts.type == "strategic" else None
            made = strategic.apply(info.object, patch, schema) if schema else merge_patch.apply(info.object, patch)
    except PatchError as error:
        raise UsageError(f"error: {error}") from error
    assert isinstance(made, dict)
    return made


COMMAND = Command(
    name="patch",
    short="Update fields of a resource",
    long="""Update fields of a resource using strategic merge patch, a JSON merge patch, or a JSON patch.

 JSON and YAML formats are accepted. Custom resources know no strategic merge patch.""",
    examples="""# A strategic merge patch
kubectl patch node k8s-node-1 -p '{"spec":{"unschedulable":true}}'

# The image of a container, found by its name
kubectl patch pod valid-pod -p '{"spec":{"containers":[{"name":"web","image":"new image"}]}}'

# A JSON patch, by position
kubectl patch pod valid --type='json' -p='[{"op": "replace", "path": "/spec/containers/0/image", "value":"new"}]'

# A subresource
kubectl patch deployment nginx-deployment --subresource='scale' --type='merge' -p '{"spec":{"replicas":2}}'""",
    usage="patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE] [options]",
    options=PatchOptions,
    run=run,
)
