"""The bootstrap policy as wire objects: every Role, ClusterRole and binding that a new cluster contains.

`policy_objects()` is pure and cheap; which of them are missing and how they are written is the business of `seed.py`.
Roles that kubeadm adds belong to the cluster library.

May import: the tables beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kajitori.apiserver.bootstrap.cluster_roles import AGGREGATED, CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, EVENTS, FEEDS
from kajitori.apiserver.bootstrap.controller_roles import CONTROLLER_ROLES
from kajitori.apiserver.bootstrap.rules import rules

RBAC = "rbac.authorization.k8s.io"
API_VERSION = f"{RBAC}/v1"
_LOCKING = "create,get,list,update,watch coordination.k8s.io: "
_LEADER_LOCK = (_LOCKING + "leases", _LOCKING + "leasecandidates")

# (namespace, name) → rules
ROLES: dict[tuple[str, str], tuple[str, ...]] = {
    ("kube-public", "system:controller:bootstrap-signer"): (
        "READ core: configmaps",
        "update core: configmaps [cluster-info]",
        EVENTS,
    ),
    ("kube-system", "extension-apiserver-authentication-reader"): (
        "READ core: configmaps [extension-apiserver-authentication]",
    ),
    ("kube-system", "system::leader-locking-kube-controller-manager"): _LEADER_LOCK,
    ("kube-system", "system::leader-locking-kube-scheduler"): _LEADER_LOCK,
    ("kube-system", "system:controller:bootstrap-signer"): ("READ core: secrets",),
    ("kube-system", "system:controller:cloud-provider"): ("create,get,list,watch core: configmaps",),
    ("kube-system", "system:controller:token-cleaner"): ("delete,get,list,watch core: secrets", EVENTS),
}
# (namespace, name) → (role, subjects)
ROLE_BINDINGS: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("kube-public", "system:controller:bootstrap-signer"): (
        "system:controller:bootstrap-signer",
        ("ServiceAccount:kube-system/bootstrap-signer",),
    ),
    ("kube-system", "system::extension-apiserver-authentication-reader"): (
        "extension-apiserver-authentication-reader",
        ("User:system:kube-controller-manager", "User:system:kube-scheduler"),
    ),
    ("kube-system", "system::leader-locking-kube-controller-manager"): (
        "system::leader-locking-kube-controller-manager",
        (
            "User:system:kube-controller-manager",
            "ServiceAccount:kube-system/kube-controller-manager",
            "ServiceAccount:kube-system/leader-election-controller",
        ),
    ),
    ("kube-system", "system::leader-locking-kube-scheduler"): (
        "system::leader-locking-kube-scheduler",
        ("User:system:kube-scheduler", "ServiceAccount:kube-system/kube-scheduler"),
    ),
    **{
        ("kube-system", f"system:controller:{name}"): (
            f"system:controller:{name}",
            (f"ServiceAccount:kube-system/{name}",),
        )
        for name in ("bootstrap-signer", "cloud-provider", "token-cleaner")
    },
}


def policy_objects() -> Iterator[dict[str, Any]]:
    """Every object of the policy: cluster roles first, then bindings, then the namespaced ones."""
    for name, lines in CLUSTER_ROLES.items():
        feeds = FEEDS.get(name)
        yield cluster_role(name, rules(*lines), aggregates_to=(feeds,) if feeds else ())
    for name, (gathers, carries) in AGGREGATED.items():
        role = cluster_role(name, _gathered(gathers), aggregates_to=carries)
        role["aggregationRule"] = {"clusterRoleSelectors": [{"matchLabels": {_aggregate_label(gathers): "true"}}]}
        yield role
    for controller, lines in CONTROLLER_ROLES.items():
        yield cluster_role(f"system:controller:{controller}", rules(*lines))
    for name, subjects in CLUSTER_ROLE_BINDINGS.items():
        yield binding("ClusterRoleBinding", name, name, subjects)
    for controller in CONTROLLER_ROLES:
        own_role = f"system:controller:{controller}"
        yield binding("ClusterRoleBinding", own_role, own_role, (f"ServiceAccount:kube-system/{controller}",))
    for (namespace, name), lines in ROLES.items():
        yield _object("Role", name, namespace=namespace, rules=rules(*lines))
    for (namespace, name), (role_name, subjects) in ROLE_BINDINGS.items():
        yield binding("RoleBinding", name, role_name, subjects, namespace=namespace)


def cluster_role(name: str, role_rules: list[dict[str, Any]], aggregates_to: tuple[str, ...] = ()) -> dict[str, Any]:
    """`aggregates_to` names the roles (`edit`) that take over its rules."""
    role = _object("ClusterRole", name, rules=role_rules)
    for target in aggregates_to:
        role["metadata"]["labels"][_aggregate_label(target)] = "true"
    return role


def binding(
    kind: str, name: str, role: str, subjects: tuple[str, ...], *, namespace: str | None = None
) -> dict[str, Any]:
    """Subjects are one-line texts, see `_subject`."""
    role_kind = "ClusterRole" if kind == "ClusterRoleBinding" else "Role"
    out = _object(kind, name, namespace=namespace, roleRef={"apiGroup": RBAC, "kind": role_kind, "name": role})
    if subjects:
        out["subjects"] = [_subject(text) for text in subjects]
    return out


def _gathered(target: str) -> list[dict[str, Any]]:
    """What the aggregation controller would write, so that the roles work before (and without) any controller.

    The same order as the controller's: feeding roles by name, each rule once.
    """
    feeders = sorted(
        [name for name, to in FEEDS.items() if to == target]
        + [name for name, (_, carries) in AGGREGATED.items() if target in carries]
    )
    out: list[dict[str, Any]] = []
    for name in feeders:
        feeder_rules = _gathered(AGGREGATED[name][0]) if name in AGGREGATED else rules(*CLUSTER_ROLES[name])
        out.extend(rule for rule in feeder_rules if rule not in out)
    return out


def _object(kind: str, name: str, *, namespace: str | None = None, **rest: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "name": name,
        "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"},
        "annotations": {"rbac.authorization.kubernetes.io/autoupdate": "true"},
    }
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, **rest}


def _subject(text: str) -> dict[str, str]:
    kind, _, name = text.partition(":")
    if kind == "ServiceAccount":
        namespace, _, name = name.partition("/")
        return {"kind": kind, "name": name, "namespace": namespace}
    return {"apiGroup": RBAC, "kind": kind, "name": name}


def _aggregate_label(target: str) -> str:
    return f"rbac.authorization.k8s.io/aggregate-to-{target}"
