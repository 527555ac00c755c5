"""Eviction: deleting a Pod unless its PodDisruptionBudgets say that it is needed.

`decide` is pure; `Eviction` takes one from the budget's status and deletes. May import: hooks, deps, registry.body.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from typing import Any

from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.hooks import SubresourceRequest
from kajitori.apiserver.registry.body import admitted, read_object
from kajitori.apiserver.registry.conditions import set_condition
from kajitori.machinery.errors import BadRequest, InternalError, NotFound, TooManyRequests
from kajitori.machinery.labels import Selector
from kajitori.machinery.times import format_time

Object = dict[str, Any]
GROUP, PLURAL = "policy", "poddisruptionbudgets"
_MAX_DISRUPTED = 2000
_SUCCESS: Object = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}


class Verdict(enum.Enum):
    """What an eviction has to ask."""

    DELETE = "delete without asking a budget"
    ASK = "take one from the budget, then delete"


class Eviction:
    """Serves `pods/eviction`."""

    def __init__(self, deps: ServerDeps) -> None:
        self._deps = deps

    async def evict(self, request: SubresourceRequest) -> Object:
        """Raises TooManyRequests when a budget has nothing to give."""
        eviction = await read_object(request, "Eviction")
        info = request.info
        given = (eviction.get("metadata") or {}).get("name")
        if given and given != info.name:
            raise BadRequest("name in URL does not match name in Eviction object")
        pod = self._deps.reader.get("", "pods", info.namespace, info.name)
        if pod is None:
            raise NotFound.of("", "pods", info.name)
        eviction = await admitted(request, eviction)
        options = dict(eviction.get("deleteOptions") or {})
        if request.dry_run or "All" in (options.get("dryRun") or ()):
            options["dryRun"] = ["All"]
        budgets = matching(pod, self._deps.reader.list(GROUP, PLURAL, info.namespace))
        if decide(pod, budgets) is Verdict.ASK:
            await self._take(pod, budgets, dry_run=bool(options.get("dryRun")))
        if not options.get("dryRun"):
            await self._announce(info.namespace, info.name)
        await self._deps.writer.delete("", "pods", info.namespace, info.name, options=options, user=request.user)
        return _SUCCESS

    async def _announce(self, namespace: str, name: str) -> None:
        """The Pod's condition says why it goes, for Jobs' failure policies and for people."""
        now = format_time(self._deps.clock.now())

        def mark(pod: Object) -> None:
            condition = {
                "type": "DisruptionTarget",
                "status": "True",
                "reason": "EvictionByEvictionAPI",
                "message": "Eviction API: evicting",
            }
            set_condition(pod, condition, now)

        await self._deps.writer.guaranteed_update("", "pods", namespace, name, mark, subresource="status")

    async def _take(self, pod: Object, budgets: Sequence[Object], *, dry_run: bool) -> None:
        if len(budgets) > 1:
            raise InternalError(
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
                code=500,
                reason="InternalError",
            )
        metadata = budgets[0]["metadata"]
        now = format_time(self._deps.clock.now())

        def take(budget: Object) -> None:
            take_one(budget, pod["metadata"]["name"], now)

        await self._deps.writer.guaranteed_update(
            GROUP, PLURAL, metadata["namespace"], metadata["name"], take, subresource="status", dry_run=dry_run
        )


def matching(pod: Object, budgets: Iterable[Object]) -> list[Object]:
    """The budgets that cover this Pod. An empty selector covers every Pod, an absent one none."""
    labels = pod["metadata"].get("labels") or {}
    out = []
    for budget in budgets:
        selector = (budget.get("spec") or {}).get("selector")
        if selector is not None and Selector.from_label_selector(selector).matches(labels):
            out.append(budget)
    return out


def decide(pod: Object, budgets: Sequence[Object]) -> Verdict:
    """Pods that run nothing, and unready ones that may always go, ask nobody."""
    status = pod.get("status") or {}
    if status.get("phase") in ("Succeeded", "Failed", "Pending") or pod["metadata"].get("deletionTimestamp"):
        return Verdict.DELETE
    if not budgets:
        return Verdict.DELETE
    if not _is_ready(pod) and len(budgets) == 1:
        budget = budgets[0]
        counts = budget.get("status") or {}
        if (budget.get("spec") or {}).get("unhealthyPodEvictionPolicy") == "AlwaysAllow":
            return Verdict.DELETE
        if counts.get("currentHealthy", 0) >= counts.get("desiredHealthy", 0) and counts.get("desiredHealthy", 0) > 0:
            return Verdict.DELETE
    return Verdict.ASK


def take_one(budget: Object, pod_name: str, now: str) -> None:
    """Count one disruption, or raise TooManyRequests with upstream's words."""
    name, status = budget["metadata"]["name"], budget.setdefault("status", {})
    if (status.get("observedGeneration") or 0) < (budget["metadata"].get("generation") or 0):
        cause = f"The disruption budget {name} is still being processed by the server."
        raise _too_many(cause, retry_after_s=10)
    allowed = int(status.get("disruptionsAllowed") or 0)
    if allowed < 1:
        needs, has = status.get("desiredHealthy", 0), status.get("currentHealthy", 0)
        raise _too_many(f"The disruption budget {name} needs {needs} healthy pods and has {has} currently")
    disrupted = status.setdefault("disruptedPods", {})
    if len(disrupted) > _MAX_DISRUPTED:
        raise _too_many("DisruptedPods map too big - too many evictions not confirmed by PDB controller")
    status["disruptionsAllowed"] = allowed - 1
    disrupted[pod_name] = now


def _too_many(cause: str, *, retry_after_s: int = 0) -> TooManyRequests:
    message = "Cannot evict pod as it would violate the pod's disruption budget."
    details = [{"reason": "DisruptionBudget", "message": cause}]
    return TooManyRequests.of(message, retry_after_s, details)


def _is_ready(pod: Object) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions)
