"""kubectl scale: sets the size of anything that has a scale subresource. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import Duration, UsageError, flag
from kajitori.kubectl.globals import DryRunOptions, FilenameOptions, OutputOptions
from kajitori.kubectl.printers.objects import printer_for
from kajitori.kubectl.resources.builder import Selection, find
from kajitori.kubectl.writing import SelectorOptions
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info


@dataclass(frozen=True, kw_only=True)
class ScaleOptions(DryRunOptions, OutputOptions, FilenameOptions, SelectorOptions):
    all_: bool = flag(False, "Select all resources in the namespace of the specified resource types", name="all")
    current_replicas: int = flag(-1, "Scale only where the current size is this; -1 for no condition.")
    replicas: int = flag(0, "The new desired number of replicas. Required.")
    resource_version: str = flag("", "Scale only where the resource version is this.")
    timeout: Duration = flag(Duration(0), "How long to wait for the new size; zero means don't wait.")

    def validate(self) -> None:
        super().validate()
        if self.replicas < 0:
            raise UsageError(
                "error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0"
            )
        if self.current_replicas < -1:
            raise UsageError("error: The --current-replicas must specify an integer of -1 or greater")


async def run(opts: ScaleOptions, ctx: Context) -> None:
    selection = Selection(args=opts.args, files=opts, label_selector=opts.selector, default_all=opts.all_)
    found = await find(ctx, selection)
    if not found.infos:
        what = "; ".join(getattr(e, "message", str(e)) for e in found.errors)
        raise UsageError(f"error: no objects passed to scale {what}".rstrip())
    if opts.resource_version and len(found.infos) > 1:
        raise UsageError("error: cannot use --resource-version with multiple resources")
    printer = printer_for(opts, "scaled", dry_run=opts.dry_run)
    for info in found.infos:
        try:
            if not opts.dry_run_client:
                await _scale(opts, ctx, info)
            printer.print(info.object, ctx.streams.out)
        except StatusError as error:
            found.errors.append(error)
    found.raise_errors()


async def _scale(opts: ScaleOptions, ctx: Context, info: Info) -> None:
    client, namespace = ctx.client(), info.namespace or None
    if opts.current_replicas == -1 and not opts.resource_version:
        await client.patch(
            info.resource,
            info.name,
            {"spec": {"replicas": opts.replicas}},
            namespace=namespace,
            subresource="scale",
            dry_run=opts.dry_run_server,
        )
    else:
        scale = await client.get(info.resource, info.name, namespace, subresource="scale")
        current = (scale.get("spec") or {}).get("replicas", 0)
        if opts.current_replicas not in (-1, current):
            raise UsageError(f"error: Expected replicas to be {opts.current_replicas}, was {current}")
        version = scale["metadata"].get("resourceVersion")
        if opts.resource_version not in ("", version):
            raise UsageError(f"error: Expected resource version to be {opts.resource_version}, was {version}")
        scale.setdefault("spec", {})["replicas"] = opts.replicas
        await client.update(info.resource, scale, subresource="scale", dry_run=opts.dry_run_server)
    if opts.timeout:
        await _reached(ctx, info, opts.replicas, float(opts.timeout))


async def _reached(ctx: Context, info: Info, replicas: int, timeout_s: float) -> None:
    """Waits until the controller has made it so."""
    import asyncio

    try:
        async with asyncio.timeout(timeout_s):
            fields = f"metadata.name={info.name}"
            found = await ctx.client().list(info.resource, info.namespace or None, field_selector=fields)
            if any(_is_at(item, replicas) for item in found.items):
                return
            async for event in ctx.client().watch(
                info.resource,
                info.namespace or None,
                resource_version=found.resource_version,
                field_selector=fields,
            ):
                if _is_at(event.object, replicas):
                    return
    except TimeoutError:
        raise UsageError("error: timed out waiting for the condition") from None


def _is_at(obj: dict[str, object], replicas: int) -> bool:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    meta = obj.get("metadata") or {}
    assert isinstance(spec, dict)
    assert isinstance(status, dict)
    assert isinstance(meta, dict)
    seen = status.get("observedGeneration", 0) >= meta.get("generation", 0)
    return bool(seen and spec.get("replicas") == replicas and status.get("replicas", 0) == replicas)


COMMAND = Command(
    name="scale",
    short="Set a new size for a deployment, replica set, or replication controller",
    long="""Set a new size for a deployment, replica set, replication controller, or stateful set.

 Conditions can be given: with --current-replicas or --resource-version nothing is changed unless they hold.""",
    examples="""# Three replicas of a replica set
kubectl scale --replicas=3 rs/foo

# What a file names
kubectl scale --replicas=3 -f foo.yaml

# Only if there are two now
kubectl scale --current-replicas=2 --replicas=3 deployment/mysql

# Several at once
kubectl scale --replicas=5 rc/example1 rc/example2 rc/example3""",
    usage="scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME) "
    "[options]",
    options=ScaleOptions,
    run=run,
    required=("replicas",),
)
