"""kubectl rollout status: follows a rollout until it is done. May import: client, kubectl."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import Duration, UsageError, flag
from kajitori.kubectl.resources.infos import Info
from kajitori.kubectl.rollouts.status import VIEWERS
from kajitori.kubectl.rollouts.targets import TargetOptions, targets
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class StatusOptions(TargetOptions):
    revision: int = flag(0, "Only this revision's status; 0 for the latest.")
    timeout: Duration = flag(Duration(0), "How long to watch (1s, 2m, 3h); zero means for ever.")
    watch: bool = flag(True, "Watch the status of the rollout until it's done.", short="w")

    def validate(self) -> None:
        super().validate()
        if self.revision < 0:
            raise UsageError(f"error: revision must be a positive integer: {self.revision}")


async def run(opts: StatusOptions, ctx: Context) -> None:
    found = await targets(opts, ctx)
    if not found.infos and not found.errors:
        ctx.streams.warn(f"No resources found in {ctx.namespace} namespace.")
    for info in found.infos:
        viewer = VIEWERS.get((info.resource.group, info.resource.kind))
        if viewer is None:
            kind = f"{info.resource.kind}.{info.resource.group}" if info.resource.group else info.resource.kind
            raise UsageError(f"error: no status viewer has been implemented for {kind}")
    try:
        async with asyncio.timeout(float(opts.timeout) or None):
            for info in found.infos:
                await _follow(opts, ctx, info)
    except TimeoutError:
        raise UsageError("error: timed out waiting for the condition") from None
    found.raise_errors()


async def _follow(opts: StatusOptions, ctx: Context, info: Info) -> None:
    """Prints the status at every change, until it is done."""
    fields = f"metadata.name={info.name}"
    while True:
        found = await ctx.client().list(info.resource, info.namespace or None, field_selector=fields)
        if any(_tell(opts, ctx, info, obj) for obj in found.items):
            return
        if await _watch(opts, ctx, info, found.resource_version):
            return


async def _watch(opts: StatusOptions, ctx: Context, info: Info, version: str) -> bool:
    try:
        async for event in ctx.client().watch(
            info.resource,
            info.namespace or None,
            resource_version=version,
            field_selector=f"metadata.name={info.name}",
        ):
            if event.type == "DELETED":
                raise UsageError("error: object has been deleted")
            if event.type in ("ADDED", "MODIFIED") and _tell(opts, ctx, info, event.object):
                return True
    except StatusError as error:
        if error.code != 410:  # the watch was too old: look again
            raise
    return False


def _tell(opts: StatusOptions, ctx: Context, info: Info, obj: dict[str, Any]) -> bool:
    """Whether that was the last word."""
    text, done = VIEWERS[info.resource.group, info.resource.kind](obj, opts.revision)
    ctx.streams.out.write(text)
    ctx.streams.out.flush()
    return done or not opts.watch


COMMAND = Command(
    name="rollout status",
    short="Show the status of the rollout",
    long="""Show the status of the rollout.

 The rollout is watched until it is done, unless --watch=false is given. When another one starts meanwhile, that one is
followed; with --revision=N the command ends instead.""",
    examples="""# Follow the rollout of a deployment
kubectl rollout status deployment/nginx""",
    usage="rollout status (TYPE NAME | TYPE/NAME) [flags] [options]",
    options=StatusOptions,
    run=run,
    interrupted=1,
)
