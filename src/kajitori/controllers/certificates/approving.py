"""Approves the requests of kubelets for client certificates, if whoever asks may have one (a SubjectAccessReview says).

May import: client, api, controllers.certificates.*; never another controller.
"""

from __future__ import annotations

import base64
from typing import Any

import orjson

from kajitori.api import schema
from kajitori.api.authorization.v1 import SubjectAccessReview
from kajitori.api.certificates.v1 import CertificateSigningRequest
from kajitori.client.objects import ObjectKey
from kajitori.controllers.certificates import requests
from kajitori.controllers.certificates.csrs import ACCOUNT, has, with_condition
from kajitori.controllers.controller import DONE, Context, Controller, Result
from kajitori.machinery.errors import Forbidden

_SELF = ("selfnodeclient", "Auto approving self kubelet client certificate after SubjectAccessReview.")
_NEW = ("nodeclient", "Auto approving kubelet client certificate after SubjectAccessReview.")


class ApprovingController(Controller):
    name, workers, account = "certificatesigningrequest-approving-controller", 1, ACCOUNT

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.csrs = self.watch(context.informers.of(CertificateSigningRequest)).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        csr = self.csrs.get(key)
        if csr is None or csr.status.certificate or has(csr, "Approved") or has(csr, "Denied"):
            return DONE
        ways = ways_to_approve(csr)
        for subresource, message in ways:
            if await self._may(csr, subresource):
                approved = with_condition(csr, "Approved", "AutoApproved", message, self.clock.now())
                await self.client.update_subresource(approved, "approval")
                return DONE
        if ways:  # roles may come later than requests
            names = " ".join(subresource for subresource, _ in ways)
            why = f'recognized csr "{key.name}" as [{names}] but subject access review was not approved'
            raise Forbidden(why)
        return DONE

    async def _may(self, csr: CertificateSigningRequest, subresource: str) -> bool:
        review = SubjectAccessReview.API_VERSION, SubjectAccessReview.KIND
        body = review_of(csr, subresource)
        response = await self.client.raw(
            "POST",
            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            body={"apiVersion": review[0], "kind": review[1], "spec": body},
        )
        return bool((orjson.loads(response.body).get("status") or {}).get("allowed"))


def ways_to_approve(csr: CertificateSigningRequest) -> list[tuple[str, str]]:
    """(subresource to be allowed, message): none when it is not a kubelet's request for a client certificate."""
    if csr.spec.signer_name != requests.KUBELET_CLIENT:
        return []
    try:
        asked = requests.read(base64.b64decode(csr.spec.request or ""))
    except ValueError:
        return []
    if not requests.is_kubelet_client(asked, csr.spec.usages):
        return []
    return [_SELF, _NEW] if csr.spec.username == asked.common_name else [_NEW]


def review_of(csr: CertificateSigningRequest, subresource: str) -> dict[str, Any]:
    """May whoever made the request create this kind of certificate?"""
    wire = schema.to_wire(csr)["spec"]
    spec: dict[str, Any] = {
        "user": csr.spec.username,
        "groups": csr.spec.groups,
        "resourceAttributes": {
            "group": "certificates.k8s.io",
            "resource": "certificatesigningrequests",
            "verb": "create",
            "subresource": subresource,
            "version": "*",
        },
    }
    for name in ("uid", "extra"):
        if wire.get(name):
            spec[name] = wire[name]
    return spec
