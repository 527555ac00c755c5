"""CertificateSubjectRestriction: nobody becomes system:masters by a certificate signing request.

May import: admission_types; cryptography lazily.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, ClassVar

from kajitori.api.registration import Resource
from kajitori.apiserver.admission.refusal import refuse
from kajitori.apiserver.admission_types import CREATE, AdmissionPlugin, AdmissionRequest

_SIGNER = "kubernetes.io/kube-apiserver-client"


class CertificateSubjectRestriction(AdmissionPlugin):
    """Refuses requests of kubernetes.io/kube-apiserver-client whose organization is system:masters."""

    name: ClassVar[str] = "CertificateSubjectRestriction"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE})

    def handles(self, resource: Resource, subresource: str) -> bool:
        return (resource.group, resource.plural, subresource) == (
            "certificates.k8s.io",
            "certificatesigningrequests",
            "",
        )

    async def validate(self, request: AdmissionRequest) -> None:
        spec = (request.object or {}).get("spec") or {}
        if spec.get("signerName") == _SIGNER and "system:masters" in organizations(spec):
            raise refuse(request, f"use of {_SIGNER} signer with system:masters group is not allowed")


def organizations(spec: dict[str, Any]) -> list[str]:
    """The organizations of the request's subject; none when it cannot be read (validation says so)."""
    return _subject(spec, "2.5.4.10")


def common_name(spec: dict[str, Any]) -> str:
    """The name that a request is for; with several the last counts, as in Go."""
    return next(reversed(_subject(spec, "2.5.4.3")), "")


def _subject(spec: dict[str, Any], oid: str) -> list[str]:
    from cryptography import x509

    try:
        csr = x509.load_pem_x509_csr(base64.b64decode(spec.get("request") or ""))
    except (ValueError, binascii.Error):
        return []
    return [str(one.value) for one in csr.subject.get_attributes_for_oid(x509.ObjectIdentifier(oid))]
