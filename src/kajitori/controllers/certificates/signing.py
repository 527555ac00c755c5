"""Signs approved requests for the signers of Kubernetes; what does not fit its signer gets the condition Failed.

Which signers are served depends on the flags: one pair of files for all, or one for each. Signing runs in a thread.
May import: client, api, controllers.certificates.*; never another controller.
"""

from __future__ import annotations

import asyncio
import base64

from kajitori.api import schema
from kajitori.api.certificates.v1 import CertificateSigningRequest
from kajitori.client.objects import ObjectKey
from kajitori.controllers.certificates import requests
from kajitori.controllers.certificates.authority import Authority
from kajitori.controllers.certificates.csrs import ACCOUNT, has, with_condition
from kajitori.controllers.controller import DONE, Context, Controller, Options, Result


class SigningController(Controller):
    name, workers, account = "certificatesigningrequest-signing-controller", 2, ACCOUNT

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.authorities = authorities(context.options)
        self.csrs = self.watch(context.informers.of(CertificateSigningRequest)).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        csr = self.csrs.get(key)
        if csr is None or csr.status.certificate or not has(csr, "Approved") or has(csr, "Failed"):
            return DONE
        authority = self.authorities.get(csr.spec.signer_name or "")
        if authority is None or has(csr, "Denied"):
            return DONE
        pem, spec = base64.b64decode(csr.spec.request or ""), csr.spec
        try:
            asked = await asyncio.to_thread(requests.read, pem)
            requests.check(spec.signer_name or "", asked, spec.usages)
            now = self.clock.now()
            certificate = await asyncio.to_thread(authority.sign, pem, spec.usages, spec.expiration_seconds, now)
        except requests.Unfit as why:
            failed = with_condition(csr, "Failed", "SignerValidationFailure", str(why), self.clock.now())
            await self.client.update_status(failed)
            return DONE
        signed = schema.clone(csr)
        signed.status.certificate = base64.b64encode(certificate).decode()
        await self.client.update_status(signed)
        return DONE


def authorities(options: Options) -> dict[str, Authority]:
    """signer → authority, for those that have files."""
    found = {}
    for signer in requests.SIGNERS:
        own = signer.rpartition("/")[2]
        cert, key = options.signing_files.get(own) or options.signing_files.get("") or ("", "")
        if cert and key:
            found[signer] = Authority(cert, key, options.signing_duration_s)
    return found
