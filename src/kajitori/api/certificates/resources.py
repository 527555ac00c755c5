"""certificates.k8s.io/v1: CertificateSigningRequests. May import: api."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.api.cells import NONE, age, dig, name, table
from kajitori.api.certificates import requests
from kajitori.api.registration import Resource, Subresource
from kajitori.api.rules import Rules, RulesStrategy, resource, selectable
from kajitori.machinery.times import human_duration

Object = dict[str, Any]


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


class SigningRequestStrategy(RulesStrategy):
    """The status is the signer's, but for the decision."""

    def prepare_for_status_update(self, obj: Object, old: Object) -> None:
        super().prepare_for_status_update(obj, old)
        requests.keep_decisions(obj, old)


RULES = Rules(
    validate=requests.validate,
    on_update=requests.keep_spec,
    validate_status=requests.validate_status,
    status=True,
    table=table("Name, Age, SignerName, Requestor, RequestedDuration, Condition", _row),
)

RESOURCES: list[Resource] = [
    resource(
        "certificates.k8s.io/v1",
        "certificatesigningrequests",
        "CertificateSigningRequest",
        RULES,
        strategy=SigningRequestStrategy(RULES),
        namespaced=False,
        short_names=("csr",),
        subresources={"approval": Subresource()},
        selectable_fields=selectable(spec__signerName=""),
    )
]
