"""NodeRestriction's rules for tokens of service accounts: for Pods of the node, for audiences that these Pods use.

May import: admission_types, admission.refusal, attributes, deps.
"""

from __future__ import annotations

from typing import Any

from kajitori.apiserver.admission.refusal import refuse
from kajitori.apiserver.admission_types import AdmissionRequest
from kajitori.apiserver.attributes import Attributes, Authorizer
from kajitori.apiserver.deps import Reader
from kajitori.machinery.errors import NotFound
from kajitori.machinery.gotext import quote

Object = dict[str, Any]


async def check_token(node: str, request: AdmissionRequest, reader: Reader, authorizer: Authorizer | None) -> None:
    """A node's request for a token. Raises Forbidden, NotFound."""
    spec = (request.object or {}).get("spec") or {}
    pod = _bound_pod(node, request, spec.get("boundObjectRef") or {}, reader)
    audiences = spec.get("audiences") or []
    if len(audiences) > 1:
        raise refuse(request, "node may only request 0 or 1 audiences")
    audience = audiences[0] if audiences else ""
    if uses_audience(pod, audience, reader) or await _may_request(request, audience, authorizer):
        return
    why = f"audience {quote(audience)} not found in pod spec volume, {request.user.name} is not authorized to "
    raise refuse(request, why + "request tokens for this audience")


def _bound_pod(node: str, request: AdmissionRequest, reference: Object, reader: Reader) -> Object:
    if reference.get("apiVersion") != "v1" or reference.get("kind") != "Pod" or not reference.get("name"):
        raise refuse(request, "node requested token not bound to a pod")
    uid = reference.get("uid")
    if not uid:
        raise refuse(request, "node requested token with a pod binding without a uid")
    pod = reader.get("", "pods", request.namespace, reference["name"])
    if pod is None:
        raise NotFound.of("", "pods", reference["name"])
    if pod["metadata"].get("uid") != uid:
        why = f"the UID in the bound object reference ({uid}) does not match the UID in record. "
        raise refuse(request, why + "The object might have been deleted and then recreated")
    if (pod.get("spec") or {}).get("nodeName") != node:
        raise refuse(request, "node requested token bound to a pod scheduled on a different node")
    return pod


def uses_audience(pod: Object, audience: str, reader: Reader) -> bool:
    """Whether a projected token or a CSI driver of the Pod's volumes is for this audience ("": the API server's)."""
    for volume in (pod.get("spec") or {}).get("volumes") or ():
        for source in (volume.get("projected") or {}).get("sources") or ():
            token = source.get("serviceAccountToken")
            if token is not None and (token.get("audience") or "") == audience:
                return True
        driver = _driver_of(pod, volume, reader)
        wanted = reader.get("storage.k8s.io", "csidrivers", "", driver) if driver else None
        requests = ((wanted or {}).get("spec") or {}).get("tokenRequests") or ()
        if any((one.get("audience") or "") == audience for one in requests):
            return True
    return False


def _driver_of(pod: Object, volume: Object, reader: Reader) -> str:
    """The CSI driver behind a volume: its own, or that of the claim's PersistentVolume."""
    metadata = pod["metadata"]
    if volume.get("csi"):
        return str(volume["csi"].get("driver") or "")
    claim_name = (volume.get("persistentVolumeClaim") or {}).get("claimName")
    if volume.get("ephemeral"):
        claim_name = f"{metadata.get('name', '')}-{volume.get('name', '')}"
    if not claim_name:
        return ""
    claim = reader.get("", "persistentvolumeclaims", metadata.get("namespace", ""), claim_name)
    volume_name = ((claim or {}).get("spec") or {}).get("volumeName")
    found = reader.get("", "persistentvolumes", "", volume_name) if volume_name else None
    return str((((found or {}).get("spec") or {}).get("csi") or {}).get("driver") or "")


async def _may_request(request: AdmissionRequest, audience: str, authorizer: Authorizer | None) -> bool:
    """Whether an administrator lets this node ask for the audience, for this service account."""
    if authorizer is None:
        return False
    question = Attributes(
        user=request.user,
        verb="request-serviceaccounts-token-audience",
        is_resource_request=True,
        group="",
        version="v1",
        resource=audience,
        namespace=request.namespace,
        name=request.name,
    )
    return (await authorizer.authorize(question)).allowed
