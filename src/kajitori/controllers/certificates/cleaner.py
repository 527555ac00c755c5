"""Deletes CertificateSigningRequests that nobody needs any more.

    pending                    a day after creation
    denied, failed, approved   an hour after that was said
    issued                     also as soon as the certificate has expired

May import: client, api, controllers.certificates.*; never another controller.
"""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

from kajitori.api.certificates.v1 import CertificateSigningRequest
from kajitori.client.objects import ObjectKey
from kajitori.controllers.certificates.csrs import ACCOUNT
from kajitori.controllers.controller import DONE, Context, Controller, Result
from kajitori.machinery.errors import NotFound
from kajitori.machinery.times import parse_time

PENDING = timedelta(hours=24)
DECIDED = timedelta(hours=1)


class CleanerController(Controller):
    name, workers, account = "certificatesigningrequest-cleaner-controller", 1, ACCOUNT

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.csrs = self.watch(context.informers.of(CertificateSigningRequest)).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        csr = self.csrs.get(key)
        if csr is None:
            return DONE
        wait = (ends(csr) - self.clock.now()).total_seconds()
        if wait > 0:
            return Result(requeue_after_s=wait + 1)
        try:
            await self.client.delete(CertificateSigningRequest, key.name, uid=csr.metadata.uid)
        except NotFound:
            return DONE
        return DONE


def ends(csr: CertificateSigningRequest) -> datetime:
    """When the request may go."""
    deadlines = []
    for condition in csr.status.conditions:
        said = condition.last_update_time or condition.last_transition_time
        if condition.type in ("Approved", "Denied", "Failed") and said:
            deadlines.append(parse_time(said) + DECIDED)
    if not deadlines:
        deadlines.append(parse_time(csr.metadata.creation_timestamp or "") + PENDING)
    if csr.status.certificate:
        deadlines.append(_expiry(csr.status.certificate) or deadlines[0])
    return min(deadlines)


def _expiry(certificate: str) -> datetime | None:
    from kajitori.machinery.certificates import expiry

    try:
        return expiry(base64.b64decode(certificate))
    except ValueError:
        return None
