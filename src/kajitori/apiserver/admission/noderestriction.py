"""NodeRestriction: a kubelet may change its own node and the Pods bound to it, and of those only what is its business.

The rules are plain functions that say why not (or None). May import: admission_types, authorization.node, deps.
"""

from __future__ import annotations

from typing import Any, ClassVar

from kajitori.api.registration import Resource
from kajitori.apiserver.admission.refusal import refuse
from kajitori.apiserver.admission.serviceaccount import MIRROR, secret_names
from kajitori.apiserver.admission_types import CREATE, DELETE, UPDATE, AdmissionPlugin, AdmissionRequest
from kajitori.apiserver.authorization.node import node_name
from kajitori.apiserver.deps import Reader, ServerDeps

Object = dict[str, Any]
_HANDLED = {
    ("", "pods"),
    ("", "nodes"),
    ("", "serviceaccounts"),
    ("coordination.k8s.io", "leases"),
    ("storage.k8s.io", "csinodes"),
}
_KUBELET_LABELS = frozenset(
    {
        "kubernetes.io/hostname",
        "kubernetes.io/arch",
        "kubernetes.io/os",
        "beta.kubernetes.io/arch",
        "beta.kubernetes.io/os",
        "beta.kubernetes.io/instance-type",
        "node.kubernetes.io/instance-type",
        "failure-domain.beta.kubernetes.io/region",
        "failure-domain.beta.kubernetes.io/zone",
        "failure-domain.kubernetes.io/region",
        "failure-domain.kubernetes.io/zone",
        "topology.kubernetes.io/region",
        "topology.kubernetes.io/zone",
    }
)
_KUBELET_PREFIXES = ("kubelet.kubernetes.io", "node.kubernetes.io")


class NodeRestriction(AdmissionPlugin):
    """Concerns users of the group system:nodes; anybody else passes."""

    name: ClassVar[str] = "NodeRestriction"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE, UPDATE, DELETE})

    def __init__(self, deps: ServerDeps) -> None:
        self._reader = deps.reader

    def handles(self, resource: Resource, subresource: str) -> bool:
        return (resource.group, resource.plural) in _HANDLED

    async def validate(self, request: AdmissionRequest) -> None:
        node = node_name(request.user)
        if node is None:
            return
        if not node:
            raise refuse(request, f'could not determine node from user "{request.user.name}"')
        why = self._problem(node, request)
        if why is not None:
            raise refuse(request, why)

    def _problem(self, node: str, request: AdmissionRequest) -> str | None:
        plural, subresource = request.resource.plural, request.subresource
        if plural == "pods":
            return pod_problem(node, request, self._reader)
        if plural == "nodes":
            return node_problem(node, request)
        if plural == "serviceaccounts":
            return token_problem(node, request, self._reader) if subresource == "token" else None
        own = request.name or _metadata(request).get("name", "")
        if plural == "leases":
            if request.namespace != "kube-node-lease":
                return 'can only access leases in the "kube-node-lease" system namespace'
            if own != node:
                return f"can only access node lease with the same name as the requesting node ({node})"
        if plural == "csinodes" and own != node:
            return "can only access CSINode with the same name as the requesting node"
        return None


def pod_problem(node: str, request: AdmissionRequest, reader: Reader) -> str | None:
    """Nodes make and delete mirror Pods, write the status of their Pods, and evict them."""
    if request.subresource == "status":
        return _status_problem(node, request)
    if request.subresource == "eviction":
        pod = reader.get("", "pods", request.namespace, request.name)
        if pod is not None and _bound_to(pod) != node:
            return f'node "{node}" can only evict pods with spec.nodeName set to itself'
        return None
    if request.subresource:
        return f"unexpected pod subresource {request.subresource}, only 'status' and 'eviction' are allowed"
    if request.operation == CREATE:
        return _mirror_problem(node, request.object or {})
    if request.operation == DELETE:
        if _bound_to(request.old_object or {}) != node:
            return f'node "{node}" can only delete pods with spec.nodeName set to itself'
        return None
    return f'unexpected operation {request.operation}, node "{node}" can only create and delete mirror pods'


def _status_problem(node: str, request: AdmissionRequest) -> str | None:
    old, new = request.old_object or {}, request.object or {}
    if _bound_to(old) != node:
        return f'node "{node}" can only update pod status for pods with spec.nodeName set to itself'
    if (old["metadata"].get("labels") or {}) != (new["metadata"].get("labels") or {}):
        return f'node "{node}" cannot update labels through pod status'
    return None


def _mirror_problem(node: str, pod: Object) -> str | None:
    metadata, spec = pod.get("metadata") or {}, pod.get("spec") or {}
    if MIRROR not in (metadata.get("annotations") or {}):
        return f'pod does not have "{MIRROR}" annotation, node "{node}" can only create mirror pods'
    if spec.get("nodeName") != node:
        return f'node "{node}" can only create pods with spec.nodeName set to itself'
    owners = metadata.get("ownerReferences") or ()
    if len(owners) > 1:
        return f'node "{node}" can only create pods with a single owner reference set to itself'
    for owner in owners:
        if (owner.get("apiVersion"), owner.get("kind"), owner.get("name")) != ("v1", "Node", node):
            return f'node "{node}" can only create pods with an owner reference set to itself'
    return _reference_problem(node, spec)


def _reference_problem(node: str, spec: Object) -> str | None:
    say = f'node "{node}" can not create pods that reference '
    if spec.get("serviceAccountName"):
        return say + "a service account"
    if any(True for _ in secret_names(spec)):
        return say + "secrets"
    for volume in spec.get("volumes") or ():
        if "configMap" in volume:
            return say + "configmaps"
        if "persistentVolumeClaim" in volume:
            return say + "persistentvolumeclaims"
    return None


def node_problem(node: str, request: AdmissionRequest) -> str | None:
    """Nodes change themselves only, neither their taints nor labels that are reserved."""
    name = request.name or _metadata(request).get("name", "")
    if name != node:
        return f'node "{node}" is not allowed to modify node "{name}"'
    new, old = request.object or {}, request.old_object or {}
    if request.operation == CREATE:
        return _label_problem(node, {}, (new.get("metadata") or {}).get("labels") or {}, "set")
    taints = [(obj.get("spec") or {}).get("taints") or [] for obj in (old, new)]
    if request.operation == UPDATE and not request.subresource and taints[0] != taints[1]:
        return f'node "{node}" is not allowed to modify taints'
    if request.operation == UPDATE:
        before, after = (obj.get("metadata", {}).get("labels") or {} for obj in (old, new))
        return _label_problem(node, before, after, "modify")
    return None


def _label_problem(node: str, before: dict[str, str], after: dict[str, str], action: str) -> str | None:
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    forbidden = sorted(key for key in changed if not may_label(key))
    if not forbidden:
        return None
    return f'node "{node}" is not allowed to {action} the following labels: {", ".join(forbidden)}'


def may_label(key: str) -> bool:
    """A kubelet sets the labels about itself; kubernetes.io labels beyond those are for administrators."""
    prefix, slash, _ = key.partition("/")
    if not slash:
        return True
    if prefix == "node-restriction.kubernetes.io" or prefix.endswith(".node-restriction.kubernetes.io"):
        return False
    if not any(prefix == domain or prefix.endswith("." + domain) for domain in ("kubernetes.io", "k8s.io")):
        return True
    if key in _KUBELET_LABELS:
        return True
    return any(prefix == own or prefix.endswith("." + own) for own in _KUBELET_PREFIXES)


def token_problem(node: str, request: AdmissionRequest, reader: Reader) -> str | None:
    """Nodes get tokens for Pods that run on them, bound to the Pod by uid."""
    reference = ((request.object or {}).get("spec") or {}).get("boundObjectRef") or {}
    if reference.get("kind") != "Pod" or not reference.get("name"):
        return "node requested token not bound to a pod"
    if not reference.get("uid"):
        return "node requested token with a pod binding without a uid"
    pod = reader.get("", "pods", request.namespace, reference["name"])
    if pod is None:
        return f'pod "{reference["name"]}" not found'
    if pod["metadata"].get("uid") != reference["uid"]:
        return f"the UID in the bound object reference ({reference['uid']}) does not match the UID in record."
    if _bound_to(pod) != node:
        return "node requested token bound to a pod scheduled on a different node"
    return None


def _bound_to(pod: Object) -> str:
    return str((pod.get("spec") or {}).get("nodeName") or "")


def _metadata(request: AdmissionRequest) -> Object:
    return ((request.object or request.old_object or {}).get("metadata")) or {}
