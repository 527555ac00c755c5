"""certificates.k8s.io/v1: CertificateSigningRequests. May import: api."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.api import checks
from kajitori.api.cells import NONE, age, dig, name, table
from kajitori.api.checks import Errors
from kajitori.api.registration import Resource, Subresource
from kajitori.api.rules import Rules, resource, selectable
from kajitori.machinery.fieldpath import Path, invalid, required
from kajitori.machinery.times import human_duration

Object = dict[str, Any]
MIN_LIFETIME_S = 600


def _row(obj: Object, now: datetime) -> list[Any]:
    spec = obj.get("spec") or {}
    lifetime = spec.get("expirationSeconds")
    duration = NONE if lifetime is None else human_duration(lifetime)
    signer = spec.get("signerName") or NONE
    return [name(obj), age(obj, now), signer, spec.get("username", ""), duration, _condition(obj)]


def _condition(obj: Object) -> str:
    kinds = [c.get("type", "") for c in dig(obj, "status.conditions", ())]
    words = [next((k for k in ("Denied", "Approved") if k in kinds), "Pending")]
    if "Failed" in kinds:
        words.append("Failed")
    if dig(obj, "status.certificate"):
        words.append("Issued")
    return ",".join(words)


def _validate(obj: Object) -> Errors:
    spec, path = obj.get("spec") or {}, Path("spec")
    errors: Errors = []
    if not spec.get("request"):
        errors.append(required(path.child("request")))
    if not spec.get("usages"):
        errors.append(required(path.child("usages")))
    if not spec.get("signerName"):
        errors.append(required(path.child("signerName")))
    lifetime = spec.get("expirationSeconds")
    if lifetime is not None and lifetime < MIN_LIFETIME_S:
        message = f"may not specify a duration less than {MIN_LIFETIME_S} seconds (10 minutes)"
        errors.append(invalid(path.child("expirationSeconds"), lifetime, message))
    return errors


def _update(obj: Object, old: Object) -> Errors:
    return checks.unchanged(Path("spec"), obj.get("spec"), old.get("spec"))


RULES = Rules(
    validate=_validate,
    validate_update=_update,
    status=True,
    table=table("Name, Age, SignerName, Requestor, RequestedDuration, Condition", _row),
)

RESOURCES: list[Resource] = [
    resource(
        "certificates.k8s.io/v1",
        "certificatesigningrequests",
        "CertificateSigningRequest",
        RULES,
        namespaced=False,
        short_names=("csr",),
        subresources={"approval": Subresource()},
        selectable_fields=selectable(spec__signerName=""),
    )
]
