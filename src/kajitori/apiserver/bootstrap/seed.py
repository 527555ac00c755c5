"""Writes what a new cluster contains: namespaces, RBAC policy, priority classes, the `kubernetes` Service, the
ConfigMap that tells extension servers whom to trust.

Only what is missing is written, all of one kind at once (the store groups them into one commit); an existing role or
binding of the policy gets what it lacks, unless its autoupdate annotation is "false". Running it again is harmless.
May import: deps, authorization.rules, bootstrap.*.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Iterable
from typing import Any

from kajitori.aiokit.logs import get_logger
from kajitori.apiserver.authentication.legacytokens import TRACKING
from kajitori.apiserver.authorization.rules import uncovered
from kajitori.apiserver.bootstrap.extension_authentication import ensure_extension_authentication
from kajitori.apiserver.bootstrap.kubernetes_service import ensure_kubernetes_service, service_cidr
from kajitori.apiserver.bootstrap.policy import RBAC, policy_objects
from kajitori.apiserver.deps import Reader, ServerDeps
from kajitori.apiserver.flowcontrol.controller import flow_objects
from kajitori.machinery.errors import AlreadyExists

Object = dict[str, Any]
Located = tuple[str, str, Object]
"""(group, plural, object)"""
SYSTEM_NAMESPACES = ("kube-system", "kube-public", "kube-node-lease", "default")
_PLURALS = {
    "ClusterRole": "clusterroles",
    "ClusterRoleBinding": "clusterrolebindings",
    "Role": "roles",
    "RoleBinding": "rolebindings",
}
_AUTOUPDATE = "rbac.authorization.kubernetes.io/autoupdate"
log = get_logger(__name__)


async def bootstrap(deps: ServerDeps) -> None:
    """Raises StatusError when the store refuses; the server then tries again."""
    await _create_missing(deps, (("", "namespaces", namespace(name)) for name in SYSTEM_NAMESPACES))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_policy(deps), name="bootstrap-rbac")
        tasks.create_task(_create_missing(deps, _priority_classes()), name="bootstrap-priority-classes")
        tasks.create_task(_create_missing(deps, _service_cidrs(deps)), name="bootstrap-service-cidr")
        if deps.config.enable_priority_and_fairness:
            tasks.create_task(_create_missing(deps, flow_objects()), name="bootstrap-priority-and-fairness")
        tasks.create_task(ensure_kubernetes_service(deps), name="bootstrap-kubernetes-service")
        tasks.create_task(ensure_extension_authentication(deps), name="bootstrap-extension-authentication")
        tasks.create_task(_create_missing(deps, _token_tracking(deps)), name="bootstrap-token-tracking")


def namespace(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _priority_classes() -> Iterable[Located]:
    for name, value, description in (
        (
            "system-node-critical",
            2000001000,
            "Used for system critical pods that must not be moved from their current node.",
        ),
        (
            "system-cluster-critical",
            2000000000,
            "Used for system critical pods that must run in the cluster, but can be moved to another node "
            "if necessary.",
        ),
    ):
        obj = {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": {"name": name},
            "value": value,
            "description": description,
            "preemptionPolicy": "PreemptLowerPriority",
        }
        yield "scheduling.k8s.io", "priorityclasses", obj


def _service_cidrs(deps: ServerDeps) -> Iterable[Located]:
    cidrs = [cidr.strip() for cidr in deps.config.service_cluster_ip_range.split(",")]
    yield "networking.k8s.io", "servicecidrs", service_cidr(cidrs)


def _token_tracking(deps: ServerDeps) -> Iterable[Located]:
    metadata = {"name": TRACKING, "namespace": "kube-system"}
    data = {"since": f"{deps.clock.now():%Y-%m-%d}"}
    yield "", "configmaps", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


async def _policy(deps: ServerDeps) -> None:
    for plural, obj in strangers(deps.reader):
        metadata = obj["metadata"]
        await deps.writer.delete(RBAC, plural, metadata.get("namespace", ""), metadata["name"])
    missing, outdated = plan_policy(deps.reader)
    await _create_missing(deps, missing)
    async with asyncio.TaskGroup() as tasks:
        for group, plural, obj in outdated:
            tasks.create_task(deps.writer.update(group, plural, obj), name=f"update-{obj['metadata']['name']}")
    if missing or outdated:
        log.info("wrote bootstrap RBAC policy", created=len(missing), updated=len(outdated))


def plan_policy(reader: Reader) -> tuple[list[Located], list[Located]]:
    """(what to create, what to update), pure but for reading."""
    missing: list[Located] = []
    outdated: list[Located] = []
    for wanted in policy_objects():
        plural = _PLURALS[wanted["kind"]]
        metadata = wanted["metadata"]
        existing = reader.get(RBAC, plural, metadata.get("namespace", ""), metadata["name"])
        if existing is None:
            missing.append((RBAC, plural, wanted))
        elif (completed := complete(existing, wanted)) is not None:
            outdated.append((RBAC, plural, completed))
    return missing, outdated


def strangers(reader: Reader) -> list[tuple[str, Object]]:
    """Bindings with the name of one of the policy's that bind another role: they are made anew."""
    found = []
    for wanted in policy_objects():
        plural, metadata = _PLURALS[wanted["kind"]], wanted["metadata"]
        existing = reader.get(RBAC, plural, metadata.get("namespace", ""), metadata["name"])
        if existing is None or "roleRef" not in wanted or existing.get("roleRef") == wanted["roleRef"]:
            continue
        if (existing["metadata"].get("annotations") or {}).get(_AUTOUPDATE) != "false":
            found.append((plural, existing))
    return found


def complete(existing: Object, wanted: Object) -> Object | None:
    """The existing object with the rules, subjects, labels and annotations it lacks; None when nothing is missing."""
    annotations = existing["metadata"].get("annotations") or {}
    if annotations.get(_AUTOUPDATE) == "false":
        return None
    out = copy.deepcopy(existing)
    changed = False
    for field in ("labels", "annotations"):
        have = out["metadata"].setdefault(field, {})
        for key, value in wanted["metadata"][field].items():
            if key not in have:
                have[key], changed = value, True
    for field, lacking in _lacking(existing, wanted):
        if lacking:
            out[field], changed = [*(out.get(field) or ()), *lacking], True
    if (wanted.get("aggregationRule") or {}) != {} and _selectors(wanted, existing):
        kept = (existing.get("aggregationRule") or {}).get("clusterRoleSelectors") or []
        out["aggregationRule"] = {"clusterRoleSelectors": [*kept, *_selectors(wanted, existing)]}
        changed = True
    return out if changed else None


def _lacking(existing: Object, wanted: Object) -> Iterable[tuple[str, list[Object]]]:
    """Rules count by what they allow, however they are written; those of an aggregated role are gathered, not kept."""
    if not wanted.get("aggregationRule"):
        have = existing.get("rules") or []
        yield "rules", uncovered(have, [rule for rule in wanted.get("rules") or () if rule not in have])
    subjects = existing.get("subjects") or ()
    yield "subjects", [one for one in wanted.get("subjects") or () if one not in subjects]


def _selectors(wanted: Object, existing: Object) -> list[Object]:
    """What an aggregated role should gather, too."""
    kept = (existing.get("aggregationRule") or {}).get("clusterRoleSelectors") or []
    return [one for one in wanted["aggregationRule"]["clusterRoleSelectors"] if one not in kept]


async def _create_missing(deps: ServerDeps, objects: Iterable[Located]) -> None:
    async with asyncio.TaskGroup() as tasks:
        for group, plural, obj in objects:
            metadata = obj["metadata"]
            if deps.reader.get(group, plural, metadata.get("namespace", ""), metadata["name"]) is None:
                tasks.create_task(_create(deps, group, plural, obj), name=f"create-{plural}-{metadata['name']}")


async def _create(deps: ServerDeps, group: str, plural: str, obj: Object) -> None:
    try:
        await deps.writer.create(group, plural, obj)
    except AlreadyExists:
        return  # another server was faster
