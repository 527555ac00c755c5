"""The Node authorizer: a kubelet may read what the Pods bound to its node use, and write about itself only.

Questions about secrets, config maps, claims, volumes and service accounts look for a Pod of that node that mentions
the object. The Pod found is remembered as the witness, so that a kubelet's repeated question costs one look at it; only
a first question reads through the Pods of the namespace. May import: attributes, deps.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kajitori.apiserver.attributes import Attributes, Decision, Verdict
from kajitori.apiserver.authentication.lru import LRU
from kajitori.apiserver.authorization.rules import Rule, allows
from kajitori.apiserver.bootstrap.cluster_roles import CLUSTER_ROLES
from kajitori.apiserver.bootstrap.rules import rules
from kajitori.apiserver.deps import Reader
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.fieldselector import FieldSelector, FieldSelectorError

NODES_GROUP = "system:nodes"
_NODE_PREFIX = "system:node:"
_ALLOW = Decision(Verdict.ALLOW)
_READ = frozenset({"get", "list", "watch"})
_POD_WRITES = frozenset(
    {("", "create"), ("", "delete"), ("status", "update"), ("status", "patch"), ("eviction", "create")}
)
_NODE_WRITES = frozenset({("", "create"), ("", "update"), ("", "patch"), ("status", "update"), ("status", "patch")})
_SECRET_FIELDS = (
    "secretRef",
    "nodePublishSecretRef",
    "nodeStageSecretRef",
    "nodeExpandSecretRef",
    "controllerExpandSecretRef",
)
ObjectRef = tuple[str, str, str]  # plural, namespace, name


def node_name(user: UserInfo) -> str | None:
    """The node that this user is, or None. A node's user without a name is "" (and may nothing)."""
    if NODES_GROUP not in user.groups or not user.name.startswith(_NODE_PREFIX):
        return None
    return user.name.removeprefix(_NODE_PREFIX)


class NodeAuthorizer:
    """Has no opinion of users that are no nodes."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._witnesses: LRU[tuple[str, ObjectRef], tuple[str, str]] = LRU(16384)
        self._rules: list[Rule] = rules(*CLUSTER_ROLES["system:node"])

    async def authorize(self, a: Attributes) -> Decision:
        """Special questions first; then the rules of system:node, which name no objects."""
        node = node_name(a.user)
        if node is None:
            return Decision(Verdict.NO_OPINION)
        if not node:
            return _no("unknown node for user " + f'"{a.user.name}"')
        if a.is_resource_request:
            special = self._special(node, a)
            if special is not None:
                return special
        return _ALLOW if any(allows(rule, a) for rule in self._rules) else Decision(Verdict.NO_OPINION)

    def _special(self, node: str, a: Attributes) -> Decision | None:
        """The verdict for resources with a rule of their own."""
        match (a.group, a.resource):
            case ("", "secrets" | "configmaps"):
                return self._read(node, a)
            case ("", "persistentvolumeclaims") if a.subresource == "status":
                return self._write_status(node, a)
            case (
                ("", "persistentvolumes" | "persistentvolumeclaims")
                | ("storage.k8s.io", "volumeattachments")
                | ("resource.k8s.io", "resourceclaims")
            ):
                return self._get(node, a)
            case ("", "serviceaccounts"):
                return self._service_account(node, a)
            case ("", "pods"):
                return self._pods(node, a)
            case ("", "nodes"):
                return _own_node(node, a)
            case ("coordination.k8s.io", "leases"):
                return _own_lease(node, a)
            case ("storage.k8s.io", "csinodes"):
                return _own_csinode(node, a)
            case ("resource.k8s.io", "resourceslices"):
                return self._slices(node, a)
        return None

    def _read(self, node: str, a: Attributes) -> Decision:
        """get, list and watch of one object by its name."""
        if a.verb not in _READ:
            return _no("can only read resources of this type")
        if a.subresource:
            return _no("cannot read subresource")
        if not a.namespace:
            return _no("can only read namespaced object of this type")
        return self._related(node, a)

    def _get(self, node: str, a: Attributes) -> Decision:
        if a.verb != "get":
            return _no("can only get individual resources of this type")
        if a.subresource:
            return _no("cannot get subresource")
        return self._related(node, a)

    def _write_status(self, node: str, a: Attributes) -> Decision:
        if a.verb not in ("update", "patch"):
            return _no("can only get/update/patch this type")
        return self._related(node, a)

    def _service_account(self, node: str, a: Attributes) -> Decision:
        """To look at (for credential providers of images), and to make tokens of: those that its Pods run as."""
        if a.verb == "get" and not a.subresource:
            return self._read(node, a)
        if a.verb != "create" or not a.name:
            return _no("can only create tokens for individual service accounts")
        if a.subresource != "token":
            return _no("can only create token subresource of serviceaccount")
        return self._related(node, a)

    def _pods(self, node: str, a: Attributes) -> Decision:
        """Its own Pods only (AuthorizeNodeWithSelectors); NodeRestriction limits what may be written."""
        key = (a.subresource, a.verb)
        if key == ("", "get"):
            return self._related(node, a)
        if key in (("", "list"), ("", "watch")):
            if selects(a.field_selector, "spec.nodeName", node):
                return _ALLOW
            return self._related(node, a) if a.name else _no(_ONLY_PODS)
        return _ALLOW if key in _POD_WRITES else _no("")

    def _slices(self, node: str, a: Attributes) -> Decision:
        """What devices the node itself has; of a new one NodeRestriction sees whose it is."""
        if a.subresource:
            return _no("cannot authorize ResourceSlice subresources")
        if a.verb == "create":
            return _ALLOW
        if a.verb in ("get", "update", "patch", "delete"):
            return self._related(node, a)
        if a.verb in ("watch", "list", "deletecollection"):
            return _ALLOW if selects(a.field_selector, "nodeName", node) else _no(_ONLY_SLICES)
        return _no(
            "only the following verbs are allowed for a ResourceSlice: "
            "get, watch, list, create, update, patch, delete, deletecollection"
        )

    def _related(self, node: str, a: Attributes) -> Decision:
        if not a.name:
            return _no("No Object name found")
        is_known = self._is_related(node, (a.resource, a.namespace, a.name))
        return _ALLOW if is_known else _no(f"no relationship found between node '{node}' and this object")

    def _is_related(self, node: str, ref: ObjectRef) -> bool:
        if ref[0] in _NAMING_THEIR_NODE:
            found = self._reader.get(_NAMING_THEIR_NODE[ref[0]], *ref)
            return ((found or {}).get("spec") or {}).get("nodeName") == node
        known = self._witnesses.get((node, ref))
        if known is not None:
            pod = self._reader.get("", "pods", *known)
            if pod is not None and self._vouches(pod, node, ref):
                return True
            self._witnesses.pop((node, ref))
        for namespace in namespaces_of(self._reader, ref):
            for pod in self._reader.list("", "pods", namespace):
                if self._vouches(pod, node, ref):
                    self._witnesses[node, ref] = (namespace, pod["metadata"]["name"])
                    return True
        return False

    def _vouches(self, pod: dict[str, Any], node: str, ref: ObjectRef) -> bool:
        """Whether this Pod runs on the node and mentions the object, itself or through a claim."""
        if (pod.get("spec") or {}).get("nodeName") != node:
            return False
        for mentioned in pod_references(pod):
            if mentioned == ref:
                return True
            if mentioned[0] == "persistentvolumeclaims" and ref in _behind_claim(self._reader, mentioned):
                return True
        return False


_ONLY_PODS = "can only list/watch pods with spec.nodeName field selector"
_ONLY_SLICES = "can only list/watch/deletecollection resourceslices with nodeName field selector"
_NAMING_THEIR_NODE = {"pods": "", "volumeattachments": "storage.k8s.io", "resourceslices": "resource.k8s.io"}
"""Resources whose objects say themselves which node they belong to, and their groups."""


def _no(reason: str) -> Decision:
    return Decision(Verdict.NO_OPINION, reason)


def selects(selector: str, field: str, value: str) -> bool:
    """Whether a field selector lets only objects through whose field has this value."""
    try:
        wanted = FieldSelector.parse(selector).requirements
    except FieldSelectorError:
        return False
    return any((one.field, one.operator, one.value) == (field, "=", value) for one in wanted)


def _own_node(node: str, a: Attributes) -> Decision:
    """Its own object only; NodeRestriction limits what may be written. By name, as it may not be there yet."""
    if a.subresource == "" and a.verb in _READ:
        if a.name == node:
            return _ALLOW
        what = f"'{a.name}'" if a.name else "all nodes"
        return _no(f"node '{node}' cannot read {what}, only its own Node object")
    return _ALLOW if (a.subresource, a.verb) in _NODE_WRITES else _no("")


def _own_lease(node: str, a: Attributes) -> Decision:
    if a.verb not in ("get", "create", "update", "patch", "delete"):
        return _no("can only get, create, update, patch, or delete a node lease")
    if a.namespace != "kube-node-lease":
        return _no('can only access leases in the "kube-node-lease" system namespace')
    if a.verb != "create" and a.name != node:
        return _no("can only access node lease with the same name as the requesting node")
    return _ALLOW


def _own_csinode(node: str, a: Attributes) -> Decision:
    if a.verb not in ("get", "create", "update", "patch", "delete"):
        return _no("can only get, create, update, patch, or delete a CSINode")
    if a.subresource:
        return _no("cannot authorize CSINode subresources")
    if a.verb != "create" and a.name != node:
        return _no("can only access CSINode with the same name as the requesting node")
    return _ALLOW


def namespaces_of(reader: Reader, ref: ObjectRef) -> list[str]:
    """Where Pods may be that mention the object: its namespace, and those of claims whose volume leads to it."""
    plural, namespace, name = ref
    if plural not in ("persistentvolumes", "secrets"):
        return [namespace]
    found = [namespace] if namespace else []
    for volume in reader.list("", "persistentvolumes"):
        claim_namespace = ((volume.get("spec") or {}).get("claimRef") or {}).get("namespace")
        if not claim_namespace or claim_namespace in found:
            continue
        is_it = plural == "persistentvolumes" and volume["metadata"]["name"] == name
        if is_it or ref in _volume_secrets(volume, claim_namespace):
            found.append(claim_namespace)
    return found


def _behind_claim(reader: Reader, claim_ref: ObjectRef) -> Iterator[ObjectRef]:
    _, namespace, name = claim_ref
    claim = reader.get("", "persistentvolumeclaims", namespace, name)
    volume_name = ((claim or {}).get("spec") or {}).get("volumeName")
    if not volume_name:
        return
    yield "persistentvolumes", "", volume_name
    volume = reader.get("", "persistentvolumes", "", volume_name)
    if volume is not None:
        yield from _volume_secrets(volume, namespace)


def _volume_secrets(volume: dict[str, Any], namespace: str) -> Iterator[ObjectRef]:
    for source in (volume.get("spec") or {}).values():
        if isinstance(source, dict):
            for key in _SECRET_FIELDS:
                secret = source.get(key)
                if isinstance(secret, dict) and secret.get("name"):
                    yield "secrets", secret.get("namespace") or namespace, secret["name"]


def pod_references(pod: dict[str, Any]) -> Iterator[ObjectRef]:
    """Every secret, config map, claim and service account that a Pod's spec mentions."""
    namespace, spec = pod["metadata"].get("namespace", ""), pod.get("spec") or {}
    if (pod["metadata"].get("annotations") or {}).get("kubernetes.io/config.mirror"):
        return  # a node writes its mirror Pods itself: they must not open anything
    if spec.get("serviceAccountName"):
        yield "serviceaccounts", namespace, spec["serviceAccountName"]
    for secret in spec.get("imagePullSecrets") or ():
        if secret.get("name"):
            yield "secrets", namespace, secret["name"]
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for container in spec.get(field) or ():
            yield from _container_references(namespace, container)
    for volume in spec.get("volumes") or ():
        yield from _volume_references(namespace, pod["metadata"].get("name", ""), volume)
    yield from _claim_references(namespace, pod)


def _claim_references(namespace: str, pod: dict[str, Any]) -> Iterator[ObjectRef]:
    """Claims of devices: those that the Pod names, and those that were made for it."""
    made = (pod.get("status") or {}).get("resourceClaimStatuses") or ()
    for claim in (*((pod.get("spec") or {}).get("resourceClaims") or ()), *made):
        if claim.get("resourceClaimName"):
            yield "resourceclaims", namespace, claim["resourceClaimName"]
    extended = (pod.get("status") or {}).get("extendedResourceClaimStatus") or {}
    if extended.get("resourceClaimName"):
        yield "resourceclaims", namespace, extended["resourceClaimName"]


def _container_references(namespace: str, container: dict[str, Any]) -> Iterator[ObjectRef]:
    for source in container.get("envFrom") or ():
        yield from _named(namespace, source.get("configMapRef"), "configmaps")
        yield from _named(namespace, source.get("secretRef"), "secrets")
    for variable in container.get("env") or ():
        source = variable.get("valueFrom") or {}
        yield from _named(namespace, source.get("configMapKeyRef"), "configmaps")
        yield from _named(namespace, source.get("secretKeyRef"), "secrets")


def _volume_references(namespace: str, pod_name: str, volume: dict[str, Any]) -> Iterator[ObjectRef]:
    yield from _named(namespace, volume.get("configMap"), "configmaps")
    if name := (volume.get("secret") or {}).get("secretName"):
        yield "secrets", namespace, name
    if name := (volume.get("persistentVolumeClaim") or {}).get("claimName"):
        yield "persistentvolumeclaims", namespace, name
    if "ephemeral" in volume:
        yield "persistentvolumeclaims", namespace, f"{pod_name}-{volume.get('name', '')}"
    for source in (volume.get("projected") or {}).get("sources") or ():
        yield from _named(namespace, source.get("configMap"), "configmaps")
        yield from _named(namespace, source.get("secret"), "secrets")
    for source in volume.values():
        if isinstance(source, dict):
            for key in ("secretRef", "nodePublishSecretRef"):
                yield from _named(namespace, source.get(key), "secrets")
            if isinstance(source.get("secretName"), str) and source is not volume.get("secret"):
                yield "secrets", source.get("secretNamespace") or namespace, source["secretName"]


def _named(namespace: str, reference: Any, plural: str) -> Iterator[ObjectRef]:
    if isinstance(reference, dict) and reference.get("name"):
        yield plural, namespace, reference["name"]
