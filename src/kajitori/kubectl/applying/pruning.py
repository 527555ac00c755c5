"""What `--prune` means: objects that carry the last-applied annotation and are in the files no more.

``apply --prune`` deletes them, ``diff --prune`` shows them. May import: client, kubectl.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from kajitori.client.discovery import NoMatch
from kajitori.kubectl.applying.outcome import Outcome
from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.resources.infos import Info
from kajitori.kubectl.writing import LAST_APPLIED

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kajitori.client.discovery import APIResource
    from kajitori.kubectl.applying.options import ApplyOptions
    from kajitori.kubectl.context import Context

NAMESPACED = (
    ("v1", "ConfigMap"),
    ("v1", "Endpoints"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "Pod"),
    ("v1", "ReplicationController"),
    ("v1", "Secret"),
    ("v1", "Service"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
    ("networking.k8s.io/v1", "Ingress"),
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "ReplicaSet"),
    ("apps/v1", "StatefulSet"),
)
CLUSTER_WIDE = (("v1", "Namespace"), ("v1", "PersistentVolume"))


class Pruned(Protocol):
    """What says which objects may go."""

    @property
    def prune_allowlist(self) -> tuple[str, ...]: ...

    @property
    def selector(self) -> str: ...


async def prune(opts: ApplyOptions, ctx: Context, outcomes: list[Outcome]) -> None:
    """One line per deleted object, as upstream prints it."""
    kept = {str((outcome.object.get("metadata") or {}).get("uid")) for outcome in outcomes}
    namespaces = {outcome.info.namespace for outcome in outcomes}
    dry = {"client": " (dry run)", "server": " (server dry run)"}.get(opts.dry_run, "")
    async for info in prunable(opts, ctx, namespaces, kept):
        if opts.dry_run != "client":
            await ctx.client().delete(
                info.resource,
                info.name,
                info.namespace or None,
                propagation_policy=opts.cascade.capitalize(),
                dry_run=opts.dry_run_server,
            )
        ctx.streams.print(f"{info.qualified} pruned{dry}")


async def prunable(opts: Pruned, ctx: Context, namespaces: set[str], kept: set[str]) -> AsyncIterator[Info]:
    """What was applied before and is none of the `kept` (by uid), in these namespaces and outside of any."""
    for resource in await _resources(opts, ctx):
        for namespace in sorted(filter(None, namespaces)) if resource.namespaced else [""]:
            found = await ctx.client().list(resource, namespace or None, label_selector=opts.selector)
            for item in found.items:
                meta = item["metadata"]
                if LAST_APPLIED in (meta.get("annotations") or {}) and meta.get("uid") not in kept:
                    yield Info(resource, meta.get("namespace") or "", meta["name"], item)


async def _resources(opts: Pruned, ctx: Context) -> list[APIResource]:
    wanted = [_parse(text) for text in opts.prune_allowlist] or [*NAMESPACED, *CLUSTER_WIDE]
    found = []
    for api_version, kind in wanted:
        try:
            found.append(await ctx.discovery().kind(api_version, kind))
        except NoMatch:
            if opts.prune_allowlist:
                raise
    return sorted(found, key=lambda one: not one.namespaced)


def _parse(text: str) -> tuple[str, str]:
    parts = text.split("/")
    if len(parts) != 3:
        raise UsageError(f"error: invalid GroupVersionKind format: {text}, please follow <group/version/kind>")
    group, version, kind = parts
    return (version if group == "core" else f"{group}/{version}"), kind
