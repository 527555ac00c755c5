"""Revisions of workloads: replica sets of a deployment, controller revisions of daemon sets and stateful sets.

May import: client, kubectl, machinery.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.describers.marks import selector_string
from kajitori.kubectl.describers.revisions import split_replica_sets
from kajitori.kubectl.describers.wire import controller_of
from kajitori.kubectl.rollouts.status import revision_of

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

Wire = dict[str, Any]
REPLICA_SETS = ResourcePath("apps/v1", "replicasets", namespaced=True)
CONTROLLER_REVISIONS = ResourcePath("apps/v1", "controllerrevisions", namespaced=True)
CHANGE_CAUSE = "kubernetes.io/change-cause"


@dataclass(frozen=True)
class Revision:
    """`keeper` is the object that remembers it: a ReplicaSet or a ControllerRevision."""

    number: int
    keeper: Wire

    @property
    def change_cause(self) -> str:
        return str((self.keeper["metadata"].get("annotations") or {}).get(CHANGE_CAUSE) or "")

    def restored(self, workload: Wire) -> Wire:
        """The workload as it was: what the keeper holds, put over what it is now."""
        if self.keeper.get("kind") == "ReplicaSet":
            return {**workload, "spec": {**workload["spec"], "template": self.keeper["spec"]["template"]}}
        from kajitori.api import schema
        from kajitori.machinery.patch import strategic

        group, _, version = workload["apiVersion"].partition("/")
        found: Wire = strategic.apply(
            workload, self.keeper.get("data") or {}, schema.for_kind(group, version, workload["kind"])
        )
        return found


async def revisions_of(ctx: Context, workload: Wire) -> list[Revision]:
    """Sorted by number; with the deployment's newest replica set last."""
    namespace = workload["metadata"]["namespace"]
    selector = selector_string(workload["spec"].get("selector"))
    if workload["kind"] == "Deployment":
        found = await ctx.client().list(REPLICA_SETS, namespace, label_selector=selector)
        old, new = split_replica_sets(workload, found.items)
        keepers = [*old, *([new] if new else [])]
        numbered = [(revision_of(one), one) for one in keepers]
    else:
        found = await ctx.client().list(CONTROLLER_REVISIONS, namespace, label_selector=selector)
        uid = workload["metadata"]["uid"]
        own = [one for one in found.items if (controller_of(one) or {}).get("uid") == uid]
        numbered = [(one.get("revision", 0), one) for one in own]
    kind = "ReplicaSet" if workload["kind"] == "Deployment" else "ControllerRevision"
    known = [
        Revision(number, {"apiVersion": "apps/v1", "kind": kind, **one})
        for number, one in numbered
        if number is not None
    ]
    return sorted(known, key=lambda revision: revision.number)
