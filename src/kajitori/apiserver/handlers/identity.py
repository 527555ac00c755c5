"""What a written object must say of itself: the name in the URL, and of some kinds the version that it replaces.

May import: objects.metadata.
"""

from typing import Any

from kajitori.api.registration import Resource
from kajitori.apiserver.objects.metadata import metadata_of, stated
from kajitori.machinery import fieldpath
from kajitori.machinery.errors import BadRequest, Invalid
from kajitori.machinery.fieldpath import Path

Object = dict[str, Any]
NO_UNCONDITIONAL_UPDATE = frozenset(
    {
        "apiservices.apiregistration.k8s.io",
        "csidrivers.storage.k8s.io",
        "csinodes.storage.k8s.io",
        "customresourcedefinitions.apiextensions.k8s.io",
        "leases.coordination.k8s.io",
        "mutatingwebhookconfigurations.admissionregistration.k8s.io",
        "poddisruptionbudgets.policy",
        "runtimeclasses.node.k8s.io",
        "validatingadmissionpolicies.admissionregistration.k8s.io",
        "validatingadmissionpolicybindings.admissionregistration.k8s.io",
        "validatingwebhookconfigurations.admissionregistration.k8s.io",
        "volumeattachments.storage.k8s.io",
    }
)
"""Resources whose PUT must say which version it replaces, as that of every custom resource."""


def needs_version(resource: Resource) -> bool:
    """Whether such an object is replaced only by what says which version it replaces."""
    return resource.custom or resource.group_resource in NO_UNCONDITIONAL_UPDATE


def require_version(resource: Resource, obj: Object, name: str) -> None:
    """The version must be there, and a number. Raises Invalid or BadRequest."""
    version = metadata_of(obj).get("resourceVersion")
    if not version or not stated(version):
        problem = fieldpath.invalid(Path("metadata", "resourceVersion"), 0, "must be specified for an update")
        raise Invalid.of(resource.group, resource.plural, name, [problem])


def check_name(given: str | None, name: str) -> None:
    """An object bears the name of the URL. Raises BadRequest."""
    if not given:
        why = f"the name of the object ({name} based on URL) was undeterminable: name must be provided"
        raise BadRequest(why)
    if given != name:
        raise BadRequest(f"the name of the object ({given}) does not match the name on the URL ({name})")
