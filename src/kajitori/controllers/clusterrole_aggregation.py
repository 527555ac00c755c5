"""ClusterRole aggregation: a ClusterRole with an aggregationRule holds the rules of all that its selectors choose.

May import: client, api, machinery; never another controller.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kajitori.api import schema
from kajitori.api.rbac.v1 import ClusterRole
from kajitori.client.objects import ObjectKey, key_of
from kajitori.controllers.controller import DONE, Context, Controller, Result
from kajitori.machinery.labels import Selector


class ClusterRoleAggregationController(Controller):
    name, workers = "clusterrole-aggregation-controller", 1

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.roles = self.watch(context.informers.of(ClusterRole), self._concerned).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        role = self.roles.get(key)
        if role is None or role.aggregation_rule is None or role.metadata.deletion_timestamp is not None:
            return DONE
        rules = aggregate(role, self.roles)
        if [schema.to_wire(rule) for rule in role.rules] != rules:
            metadata = {"resourceVersion": role.metadata.resource_version}
            await self.client.patch(ClusterRole, key.name, {"metadata": metadata, "rules": rules}, patch_type="merge")
        return DONE

    def _concerned(self, role: ClusterRole) -> Iterable[ObjectKey]:
        """Itself, and every aggregated role: a change of labels can add it to any or take it away."""
        everyone = self.context.informers.of(ClusterRole).lister
        return [key_of(other) for other in (role, *everyone) if other.aggregation_rule is not None]


def aggregate(role: ClusterRole, roles: Iterable[ClusterRole]) -> list[dict[str, Any]]:
    """The rules of the chosen roles in wire form, by name of role, each once."""
    wanted = role.aggregation_rule.cluster_role_selectors if role.aggregation_rule is not None else []
    selectors = [Selector.from_label_selector(selector) for selector in wanted]
    chosen = [
        other
        for other in sorted(roles, key=lambda other: other.metadata.name or "")
        if other.metadata.name != role.metadata.name and any(s.matches(other.metadata.labels) for s in selectors)
    ]
    rules: list[dict[str, Any]] = []
    for other in chosen:
        rules += [wire for rule in other.rules if (wire := schema.to_wire(rule)) not in rules]
    return rules
