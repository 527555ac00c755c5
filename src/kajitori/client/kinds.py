"""Kind → resource for the built-in kinds, without asking a server and without loading the scheme.

Plurals follow client-go's guess, which is right for every built-in kind but Endpoints; scope is a short table.
May import: nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

CLUSTER_SCOPED = frozenset(
    {
        "Namespace",
        "Node",
        "PersistentVolume",
        "ComponentStatus",
        "ClusterRole",
        "ClusterRoleBinding",
        "StorageClass",
        "VolumeAttachment",
        "VolumeAttributesClass",
        "CSINode",
        "CSIDriver",
        "PriorityClass",
        "CertificateSigningRequest",
        "ClusterTrustBundle",
        "MutatingWebhookConfiguration",
        "ValidatingWebhookConfiguration",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "CustomResourceDefinition",
        "APIService",
        "IngressClass",
        "IPAddress",
        "ServiceCIDR",
        "RuntimeClass",
        "FlowSchema",
        "PriorityLevelConfiguration",
        "TokenReview",
        "SelfSubjectReview",
        "SubjectAccessReview",
        "SelfSubjectAccessReview",
        "SelfSubjectRulesReview",
        "DeviceClass",
        "ResourceSlice",
    }
)


class ResourcePath(NamedTuple):
    """Where a kind lives: `/apis/apps/v1`, `deployments`, namespaced."""

    api_version: str
    plural: str
    namespaced: bool

    def url(self, namespace: str | None = None, name: str = "", subresource: str = "") -> str:
        """The path on the server; the namespace is left out where there is none."""
        parts = [f"/apis/{self.api_version}" if "/" in self.api_version else f"/api/{self.api_version}"]
        if self.namespaced and namespace:
            parts.append(f"namespaces/{namespace}")
        parts.append(self.plural)
        if name:
            parts.append(name)
        if subresource:
            parts.append(subresource)
        return "/".join(parts)


def plural_of(kind: str) -> str:
    """`pods` of `Pod`, in lower case."""
    word = kind.lower()
    if word == "endpoints":
        return word
    if word.endswith("s"):
        return word + "es"
    if word.endswith("y") and not word.endswith("ay"):
        return word[:-1] + "ies"
    return word + "s"


def resource_of(kind: type[Any]) -> ResourcePath:
    """The resource of a struct type."""
    found = _known.get(kind)
    if found is None:
        name = kind.KIND
        found = _known[kind] = ResourcePath(kind.API_VERSION, plural_of(name), name not in CLUSTER_SCOPED)
    return found


_known: dict[type[Any], ResourcePath] = {}
