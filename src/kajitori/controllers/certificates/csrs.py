"""What the controllers of CertificateSigningRequests share: their conditions, and how one is added.

May import: client, api, machinery.
"""

from __future__ import annotations

from datetime import datetime

from kajitori.api import schema
from kajitori.api.certificates.v1 import CertificateSigningRequest, CertificateSigningRequestCondition
from kajitori.machinery.times import format_time

ACCOUNT = "certificate-controller"


def has(csr: CertificateSigningRequest, kind: str) -> bool:
    """Whether it has a condition of this type that is not explicitly false."""
    return any(c.type == kind and c.status != "False" for c in csr.status.conditions)


def with_condition(
    csr: CertificateSigningRequest, kind: str, reason: str, message: str, now: datetime
) -> CertificateSigningRequest:
    """A copy with one more condition."""
    changed = schema.clone(csr)
    stamp = format_time(now)
    condition = {
        "type": kind,
        "status": "True",
        "reason": reason,
        "message": message,
        "lastUpdateTime": stamp,
        "lastTransitionTime": stamp,
    }
    changed.status.conditions.append(schema.from_wire(CertificateSigningRequestCondition, condition))
    return changed
