"""`serviceaccounts/token`: TokenRequest, by which Pods and people get tokens that expire.

May import: hooks, deps, authentication.serviceaccount, registry.body.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kajitori.apiserver.authentication.tokenissuer import BoundObject, TokenIssuer
from kajitori.apiserver.deps import Reader, ServerDeps
from kajitori.apiserver.hooks import RegistryHooks, SubresourceHandler, SubresourceRequest
from kajitori.apiserver.registry.body import admitted, read_object
from kajitori.machinery.errors import BadRequest, Conflict, Invalid, NotFound
from kajitori.machinery.fieldpath import FieldError, Path, invalid
from kajitori.machinery.gotext import quote
from kajitori.machinery.times import format_time

Object = dict[str, Any]
_DEFAULT_S, _LEAST_S, _MOST_S = 3600, 600, 1 << 32
_PLURALS = {"Pod": "pods", "Secret": "secrets", "Node": "nodes"}


class ServiceAccountHooks(RegistryHooks):
    """Without an issuer there is no `token`."""

    def __init__(self, deps: ServerDeps, issuer: TokenIssuer | None) -> None:
        self._deps, self._issuer = deps, issuer

    def subresources(self) -> Mapping[str, SubresourceHandler]:
        return {"token": self.token} if self._issuer is not None else {}

    async def token(self, request: SubresourceRequest) -> Object:
        """create of TokenRequest: the same object with the token and its expiry in the status."""
        assert self._issuer is not None
        wanted = await read_object(request, "TokenRequest")
        info = request.info
        metadata = wanted.setdefault("metadata", {})
        for field, value in (("name", info.name), ("namespace", info.namespace)):
            if metadata.get(field) not in (None, "", value):
                raise BadRequest(f"the {field} of the provided object does not match the {field} sent on the request")
            metadata[field] = value
        account = self._deps.reader.get("", "serviceaccounts", info.namespace, info.name)
        if account is None:
            raise NotFound.of("", "serviceaccounts", info.name)
        spec = wanted.setdefault("spec", {})
        spec["expirationSeconds"] = int(spec.get("expirationSeconds") or _DEFAULT_S)
        if errors := request_errors(spec):
            raise Invalid.of("authentication.k8s.io", "TokenRequest", "", errors)
        if self._issuer.max_expiration_s and spec["expirationSeconds"] > self._issuer.max_expiration_s:
            request.warnings.append(
                f"requested expiration of {spec['expirationSeconds']} seconds shortened to "
                f"{self._issuer.max_expiration_s} seconds"
            )
            spec["expirationSeconds"] = self._issuer.max_expiration_s
        wanted = await admitted(request, wanted)  # which may ask whether audiences were named
        spec = {"audiences": None, "expirationSeconds": None, "boundObjectRef": None, **wanted["spec"]}
        if not spec["audiences"]:
            spec["audiences"] = list(self._issuer.audiences)
        bound, node = bound_objects(spec.get("boundObjectRef"), account, self._deps.reader)
        token, expires = self._issuer.issue(
            account=account, audiences=spec["audiences"], expiration_s=spec["expirationSeconds"], bound=bound, node=node
        )
        stamp = format_time(datetime.fromtimestamp(expires, UTC))
        return {
            "kind": "TokenRequest",
            "apiVersion": "authentication.k8s.io/v1",
            "metadata": {"creationTimestamp": format_time(self._deps.clock.now()), **metadata},
            "spec": spec,
            "status": {"token": token, "expirationTimestamp": stamp},
        }


def request_errors(spec: Object) -> list[FieldError]:
    """Ten minutes at least, 2³² s at most."""
    path, seconds = Path("spec", "expirationSeconds"), spec["expirationSeconds"]
    if seconds < _LEAST_S:
        return [invalid(path, seconds, "may not specify a duration less than 10 minutes")]
    if seconds > _MOST_S:
        return [invalid(path, seconds, "may not specify a duration larger than 2^32 seconds")]
    return []


def bound_objects(
    reference: Object | None, account: Object, reader: Reader
) -> tuple[BoundObject | None, BoundObject | None]:
    """What the token is bound to, and for a Pod also its node. Raises NotFound, Conflict, BadRequest."""
    if not reference:
        return None, None
    kind, name = str(reference.get("kind") or ""), str(reference.get("name") or "")
    version = str(reference.get("apiVersion") or "")
    if kind not in _PLURALS or "/" in version:
        group_version = version if "/" in version else f"/{version}"
        raise BadRequest(f"cannot bind token to object of type {group_version}, Kind={kind}")
    namespace = "" if kind == "Node" else account["metadata"]["namespace"]
    found = reader.get("", _PLURALS[kind], namespace, name)
    if found is None:
        raise NotFound.of("", _PLURALS[kind], name)
    own = account["metadata"]["name"]
    if kind == "Pod" and (found.get("spec") or {}).get("serviceAccountName") != own:
        why = f"cannot bind token for serviceaccount {quote(own)} to pod running with different serviceaccount name."
        raise BadRequest(why)
    uid = found["metadata"]["uid"]
    if reference.get("uid") and reference["uid"] != uid:
        why = f"the UID in the bound object reference ({reference['uid']}) does not match the UID in record. "
        raise Conflict.of("", kind, name, why + "The object might have been deleted and then recreated")
    if kind != "Pod":
        return BoundObject(kind, name, uid), None
    return BoundObject(kind, name, uid), _node_of(found.get("spec") or {}, reader)


def _node_of(spec: Object, reader: Reader) -> BoundObject | None:
    node_name = spec.get("nodeName")
    if not node_name:
        return None
    node = reader.get("", "nodes", "", node_name)
    return BoundObject("Node", node_name, (node or {"metadata": {}})["metadata"].get("uid", ""))
