"""The flow schemas and priority levels that every server has: two of each are as they are, the others a beginning.

Names, shares and rules are v1.34's. Pure. May import: the standard library.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Object = dict[str, Any]
V1 = "flowcontrol.apiserver.k8s.io/v1"
AUTOUPDATE = "apf.kubernetes.io/autoupdate-spec"
EXEMPT, CATCH_ALL = "exempt", "catch-all"
_NODES, _MASTERS, _ACCOUNTS = "system:nodes", "system:masters", "system:serviceaccounts"
_EVERYBODY = ("system:unauthenticated", "system:authenticated")
_ALL = ("*",)


def _level(name: str, spec: Object) -> Object:
    metadata = {"name": name, "annotations": {AUTOUPDATE: "true"}}
    return {"apiVersion": V1, "kind": "PriorityLevelConfiguration", "metadata": metadata, "spec": spec}


def _limited(name: str, shares: int, lendable: int, queues: int = 0, hand: int = 0) -> Object:
    response: Object = {"type": "Reject"}
    if queues:
        response = {"type": "Queue", "queuing": {"queues": queues, "handSize": hand, "queueLengthLimit": 50}}
    limited = {"nominalConcurrencyShares": shares, "lendablePercent": lendable, "limitResponse": response}
    return _level(name, {"type": "Limited", "limited": limited})


def _schema(name: str, level: str, precedence: int, method: str, *rules: Object) -> Object:
    spec: Object = {
        "priorityLevelConfiguration": {"name": level},
        "matchingPrecedence": precedence,
        "rules": list(rules),
    }
    if method:
        spec["distinguisherMethod"] = {"type": method}
    metadata = {"name": name, "annotations": {AUTOUPDATE: "true"}}
    return {"apiVersion": V1, "kind": "FlowSchema", "metadata": metadata, "spec": spec}


def _groups(*names: str) -> list[Object]:
    return [{"kind": "Group", "group": {"name": name}} for name in names]


def _users(*names: str) -> list[Object]:
    return [{"kind": "User", "user": {"name": name}} for name in names]


def _system_accounts() -> list[Object]:
    return [{"kind": "ServiceAccount", "serviceAccount": {"name": "*", "namespace": "kube-system"}}]


def _resources(verbs: Sequence[str], groups: Sequence[str], resources: Sequence[str], *, cluster: bool) -> Object:
    rule: Object = {"verbs": list(verbs), "apiGroups": list(groups), "resources": list(resources), "namespaces": ["*"]}
    return {**rule, "clusterScope": True} if cluster else rule


def _paths(verbs: Sequence[str], *urls: str) -> Object:
    return {"verbs": list(verbs), "nonResourceURLs": list(urls)}


def _everything(subjects: list[Object]) -> Object:
    return {
        "subjects": subjects,
        "resourceRules": [_resources(_ALL, _ALL, _ALL, cluster=True)],
        "nonResourceRules": [_paths(_ALL, "*")],
    }


_LEASES = ("coordination.k8s.io",), ("leases",)
_ELECTIONS: Object = {
    "subjects": [*_users("system:kube-controller-manager", "system:kube-scheduler"), *_system_accounts()],
    "resourceRules": [_resources(("get", "create", "update"), *_LEASES, cluster=False)],
}
_NODE_HEALTH: Object = {
    "subjects": _groups(_NODES),
    "resourceRules": [
        _resources(_ALL, ("",), ("nodes", "nodes/status"), cluster=True),
        _resources(_ALL, *_LEASES, cluster=False),
    ],
}
_PROBES: Object = {
    "subjects": _groups(*_EVERYBODY),
    "nonResourceRules": [_paths(("get",), "/healthz", "/readyz", "/livez")],
}

MANDATORY_LEVELS: tuple[Object, ...] = (
    _limited(CATCH_ALL, 5, 0),
    _level(EXEMPT, {"type": "Exempt", "exempt": {"nominalConcurrencyShares": 0, "lendablePercent": 0}}),
)
SUGGESTED_LEVELS: tuple[Object, ...] = (
    _limited("system", 30, 33, 64, 6),
    _limited("node-high", 40, 25, 64, 6),
    _limited("leader-election", 10, 0, 16, 4),
    _limited("workload-high", 40, 50, 128, 6),
    _limited("workload-low", 100, 90, 128, 6),
    _limited("global-default", 20, 50, 128, 6),
)
MANDATORY_SCHEMAS: tuple[Object, ...] = (
    _schema(EXEMPT, EXEMPT, 1, "", _everything(_groups(_MASTERS))),
    _schema(CATCH_ALL, CATCH_ALL, 10_000, "ByUser", _everything(_groups(*_EVERYBODY))),
)
SUGGESTED_SCHEMAS: tuple[Object, ...] = (
    _schema("probes", EXEMPT, 2, "", _PROBES),
    _schema("system-leader-election", "leader-election", 100, "ByUser", _ELECTIONS),
    _schema("system-node-high", "node-high", 400, "ByUser", _NODE_HEALTH),
    _schema("system-nodes", "system", 500, "ByUser", _everything(_groups(_NODES))),
    _schema(
        "kube-controller-manager",
        "workload-high",
        800,
        "ByNamespace",
        _everything(_users("system:kube-controller-manager")),
    ),
    _schema("kube-scheduler", "workload-high", 800, "ByNamespace", _everything(_users("system:kube-scheduler"))),
    _schema("kube-system-service-accounts", "workload-high", 900, "ByNamespace", _everything(_system_accounts())),
    _schema("service-accounts", "workload-low", 9000, "ByUser", _everything(_groups(_ACCOUNTS))),
    _schema("global-default", "global-default", 9900, "ByUser", _everything(_groups(*_EVERYBODY))),
)
MANDATORY: dict[tuple[str, str], Object] = {
    (obj["kind"], obj["metadata"]["name"]): obj for obj in (*MANDATORY_LEVELS, *MANDATORY_SCHEMAS)
}


def same_spec(obj: Object, wanted: Object) -> bool:
    """Whether an object says what a standard one says; the numbers of the level `exempt` are its user's."""
    spec = obj.get("spec") or {}
    if (obj.get("kind"), obj["metadata"].get("name")) == ("PriorityLevelConfiguration", EXEMPT):
        spec = {**spec, "exempt": wanted["spec"]["exempt"]}
    return bool(_said(spec) == _said(wanted["spec"]))


def _said(value: Any) -> Any:
    """Without what is empty and so says nothing; a 0 does, and so does "" in a list, which is the core group."""
    if isinstance(value, dict):
        found = {key: _said(part) for key, part in value.items()}
        return {
            key: part for key, part in found.items() if part is not None and part is not False and part not in ({}, [])
        }
    return [_said(part) for part in value] if isinstance(value, list) else value
