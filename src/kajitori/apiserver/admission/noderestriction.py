"""NodeRestriction: a kubelet may change its own node and the Pods bound to it, and of those only what is its business.

The rules are plain functions that say why not (or None). May import: admission_types, admission.{podreferences,
nodetokens,certificates}, authorization.node, deps.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, ClassVar

from kajitori.api.registration import Resource
from kajitori.apiserver.admission.certificates import common_name
from kajitori.apiserver.admission.nodetokens import check_token
from kajitori.apiserver.admission.podreferences import api_reference
from kajitori.apiserver.admission.refusal import refuse
from kajitori.apiserver.admission.serviceaccount import MIRROR
from kajitori.apiserver.admission_types import CREATE, DELETE, UPDATE, AdmissionPlugin, AdmissionRequest
from kajitori.apiserver.attributes import Authorizer
from kajitori.apiserver.authorization.node import node_name
from kajitori.apiserver.deps import Reader, ServerDeps
from kajitori.machinery.errors import NotFound

Object = dict[str, Any]
_HANDLED = {
    ("", "pods"),
    ("", "nodes"),
    ("", "persistentvolumeclaims"),
    ("", "serviceaccounts"),
    ("certificates.k8s.io", "certificatesigningrequests"),
    ("coordination.k8s.io", "leases"),
    ("resource.k8s.io", "resourceslices"),
    ("storage.k8s.io", "csinodes"),
}
_KUBELET_SIGNERS = ("kubernetes.io/kubelet-serving", "kubernetes.io/kube-apiserver-client-kubelet")
_CLAIM_STATUS = ("capacity", "conditions", "allocatedResourceStatuses", "allocatedResources")
"""What a node says of a claim: how its resize goes."""
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
        "topology.kubernetes.io/region",
        "topology.kubernetes.io/zone",
    }
)
_KUBELET_PREFIXES = ("kubelet.kubernetes.io", "node.kubernetes.io")


class NodeRestriction(AdmissionPlugin):
    """Concerns users of the group system:nodes; anybody else passes."""

    name: ClassVar[str] = "NodeRestriction"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE, UPDATE, DELETE})

    def __init__(self, deps: ServerDeps, authorizer: Authorizer | None = None) -> None:
        self._reader, self._authorizer = deps.reader, authorizer

    def handles(self, resource: Resource, subresource: str) -> bool:
        return (resource.group, resource.plural) in _HANDLED

    async def validate(self, request: AdmissionRequest) -> None:
        node = node_name(request.user)
        if node is None:
            return
        if not node:
            raise refuse(request, f'could not determine node from user "{request.user.name}"')
        if (request.resource.plural, request.subresource) == ("serviceaccounts", "token"):
            await check_token(node, request, self._reader, self._authorizer)
            return
        why = self._problem(node, request)
        if why is not None:
            raise refuse(request, why)

    def _problem(self, node: str, request: AdmissionRequest) -> str | None:
        match request.resource.plural:
            case "pods":
                return pod_problem(node, request, self._reader)
            case "nodes":
                return node_problem(node, request)
            case "persistentvolumeclaims":
                return claim_problem(node, request)
            case "certificatesigningrequests":
                return signing_problem(node, request)
            case "resourceslices":
                return slice_problem(node, request)
        own = request.name or _metadata(request).get("name", "")
        if request.resource.plural == "leases":
            if request.namespace != "kube-node-lease":
                return 'can only access leases in the "kube-node-lease" system namespace'
            if own != node:
                return "can only access node lease with the same name as the requesting node"
        if request.resource.plural == "csinodes" and own != node:
            return "can only access CSINode with the same name as the requesting node"
        return None


def pod_problem(node: str, request: AdmissionRequest, reader: Reader) -> str | None:
    """Nodes make and delete mirror Pods, write the status of their Pods, and evict them. Raises NotFound."""
    if request.subresource == "status":
        return _status_problem(node, request)
    if request.subresource == "eviction":
        name = request.name or _metadata(request).get("name", "")
        pod = reader.get("", "pods", request.namespace, name)
        if pod is None:
            raise NotFound.of("", "pods", name)
        return None if _bound_to(pod) == node else f"node {node} can only evict pods with spec.nodeName set to itself"
    if request.subresource:
        return f"unexpected pod subresource \"{request.subresource}\", only 'status' and 'eviction' are allowed"
    if request.operation == CREATE:
        return _mirror_problem(node, request.object or {}, reader)
    if request.operation == DELETE:
        if _bound_to(request.old_object or {}) != node:
            return f'node "{node}" can only delete pods with spec.nodeName set to itself'
        return None
    return f'unexpected operation "{request.operation}", node "{node}" can only create and delete mirror pods'


def _status_problem(node: str, request: AdmissionRequest) -> str | None:
    old, new = request.old_object or {}, request.object or {}
    if _bound_to(old) != node:
        return f'node "{node}" can only update pod status for pods with spec.nodeName set to itself'
    if (old["metadata"].get("labels") or {}) != (new["metadata"].get("labels") or {}):
        return f'node "{node}" cannot update labels through pod status'
    if _claim_statuses(old) != _claim_statuses(new):
        return f'node "{node}" cannot update resource claim statues'
    before, after = ((pod.get("status") or {}).get("extendedResourceClaimStatus") for pod in (old, new))
    return None if before == after else f'node "{node}" cannot update extended resource claim status'


def _claim_statuses(pod: Object) -> list[tuple[Any, Any]]:
    claims = (pod.get("status") or {}).get("resourceClaimStatuses") or ()
    return [(one.get("name"), one.get("resourceClaimName")) for one in claims]


def _mirror_problem(node: str, pod: Object, reader: Reader) -> str | None:
    metadata, spec = pod.get("metadata") or {}, pod.get("spec") or {}
    if MIRROR not in (metadata.get("annotations") or {}):
        return f'pod does not have "{MIRROR}" annotation, node "{node}" can only create mirror pods'
    if spec.get("nodeName") != node:
        return f'node "{node}" can only create pods with spec.nodeName set to itself'
    why = _owner_problem(node, metadata.get("ownerReferences") or (), reader)
    if why is not None:
        return why
    referred = api_reference(spec)
    return f'node "{node}" can not create pods that reference {referred}' if referred else None


def _owner_problem(node: str, owners: Sequence[Object], reader: Reader) -> str | None:
    """A mirror Pod is its node's: one owner, the controller, that very node. Raises NotFound."""
    if len(owners) > 1:
        return f'node "{node}" can only create pods with a single owner reference set to itself'
    owner = owners[0] if owners else {}
    if (owner.get("apiVersion"), owner.get("kind"), owner.get("name")) != ("v1", "Node", node):
        return f'node "{node}" can only create pods with an owner reference set to itself'
    if not owner.get("controller"):
        return f'node "{node}" can only create pods with a controller owner reference set to itself'
    if owner.get("blockOwnerDeletion"):
        return f'node "{node}" must not set blockOwnerDeletion on an owner reference'
    found = reader.get("", "nodes", "", node)
    if found is None:
        raise NotFound.of("", "nodes", node)
    uid = found["metadata"].get("uid") or ""
    if owner.get("uid") != uid:
        return f"node {node} UID mismatch: expected {owner.get('uid')} got {uid}"
    return None


def claim_problem(node: str, request: AdmissionRequest) -> str | None:
    """Nodes say how the resize of a claim goes."""
    if request.subresource != "status":
        return "may only update PVC status"
    if request.operation != UPDATE:
        return f'unexpected operation "{request.operation}"'
    if _beside_resize(request.old_object or {}) == _beside_resize(request.object or {}):
        return None
    return f'node "{node}" is not allowed to update fields other than status.capacity and status.conditions'


def _beside_resize(claim: Object) -> Object:
    out = copy.deepcopy(claim)
    for field in ("resourceVersion", "managedFields"):
        (out.get("metadata") or {}).pop(field, None)
    for field in _CLAIM_STATUS:
        (out.get("status") or {}).pop(field, None)
    return out


def slice_problem(node: str, request: AdmissionRequest) -> str | None:
    """Nodes publish their own devices; what is there already the authorizer has looked at."""
    obj = request.object if request.operation == CREATE else request.old_object
    if request.operation == UPDATE or ((obj or {}).get("spec") or {}).get("nodeName") == node:
        return None
    verb = "create" if request.operation == CREATE else "delete"
    return f"can only {verb} ResourceSlice with the same NodeName as the requesting node"


def signing_problem(node: str, request: AdmissionRequest) -> str | None:
    """A kubelet asks for certificates of its own node."""
    spec = (request.object or {}).get("spec") or {}
    if request.operation != CREATE or request.subresource or spec.get("signerName") not in _KUBELET_SIGNERS:
        return None
    if common_name(spec) == f"system:node:{node}":
        return None
    return f"can only create a node CSR with CN=system:node:{node}"


def node_problem(node: str, request: AdmissionRequest) -> str | None:
    """Nodes change themselves only, and neither their taints, their owners nor labels that are reserved."""
    name = request.name or _metadata(request).get("name", "")
    if name != node:
        return f'node "{node}" is not allowed to modify node "{name}"'
    new, old = request.object or {}, request.old_object or {}
    config = (new.get("spec") or {}).get("configSource")
    labels = _forbidden_labels(old, new)
    if request.operation == CREATE:
        if config is not None:
            return f'node "{node}" is not allowed to create pods with a non-nil configSource'
        return f'node "{node}" is not allowed to set the following labels: {labels}' if labels else None
    if request.operation != UPDATE:
        return None
    if config is not None and config != (old.get("spec") or {}).get("configSource"):
        return f'node "{node}" is not allowed to update configSource to a new non-nil configSource'
    for part, field in (("spec", "taints"), ("metadata", "ownerReferences")):
        before, after = ((obj.get(part) or {}).get(field) or [] for obj in (old, new))
        if before != after:
            return f'node "{node}" is not allowed to modify {field}'
    return f"is not allowed to modify labels: {labels}" if labels else None


def _forbidden_labels(old: Object, new: Object) -> str:
    """The labels that changed and are not a node's to change, joined."""
    before, after = ((obj.get("metadata") or {}).get("labels") or {} for obj in (old, new))
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    return ", ".join(sorted(key for key in changed if not may_label(key)))


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


def _bound_to(pod: Object) -> str:
    return str((pod.get("spec") or {}).get("nodeName") or "")


def _metadata(request: AdmissionRequest) -> Object:
    return ((request.object or request.old_object or {}).get("metadata")) or {}
