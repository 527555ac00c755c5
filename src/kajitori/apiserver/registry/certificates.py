"""Certificate signing requests: whose they are, and `approval`.

The server writes down who asked (spec.username, groups, uid, extra): signers trust that. Approving needs the right to
`approve` for the signer, issuing the right to `sign`.

May import: api.certificates, hooks, attributes, deps, registry.body.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from kajitori.api.certificates import requests
from kajitori.apiserver.attributes import Attributes, Authorizer
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.hooks import RegistryHooks, SubresourceHandler, SubresourceRequest, WriteContext
from kajitori.apiserver.registry.body import edit
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import Forbidden, Invalid, NotFound
from kajitori.machinery.times import format_time

Object = dict[str, Any]
GROUP, PLURAL = "certificates.k8s.io", "certificatesigningrequests"


class SigningRequestHooks(RegistryHooks):
    """Notes who asks, and asks the authorizer who may approve and sign."""

    def __init__(self, deps: ServerDeps, authorizer: Authorizer) -> None:
        self._deps, self._authorizer = deps, authorizer

    async def before_create(self, ctx: WriteContext, obj: Object) -> None:
        sign_in(obj.setdefault("spec", {}), ctx.user)

    def subresources(self) -> Mapping[str, SubresourceHandler]:
        return {"approval": self.approval}

    async def approval(self, request: SubresourceRequest) -> Object:
        """get, update and patch of the conditions alone."""
        name = request.info.name
        current = self._deps.reader.get(GROUP, PLURAL, "", name)
        if current is None:
            raise NotFound.of(GROUP, PLURAL, name)
        if request.info.verb == "get":
            return current
        change = await edit(request)
        await self._authorize(request, (current.get("spec") or {}).get("signerName") or "")

        def apply(obj: Object) -> None:
            approve(obj, change(copy.deepcopy(obj)))

        return await self._deps.writer.guaranteed_update(
            GROUP, PLURAL, "", name, apply, subresource="approval", user=request.user, dry_run=request.dry_run
        )

    async def before_update(self, ctx: WriteContext, obj: Object, old: Object) -> None:
        """Issuing a certificate, or saying that it failed, needs the right to `sign` for the signer."""
        requests.stamp(obj, old, format_time(self._deps.clock.now()))
        if ctx.subresource == "approval" or not is_signing(obj, old):
            return
        signer = (old.get("spec") or {}).get("signerName") or ""
        if not await self._may(ctx.user, "sign", signer):
            why = f'user not permitted to sign requests with signerName "{signer}"'
            raise Forbidden.of(GROUP, PLURAL, ctx.name, why)

    async def _authorize(self, request: SubresourceRequest, signer: str) -> None:
        if not await self._may(request.user, "approve", signer):
            why = f'user not permitted to approve requests with signerName "{signer}"'
            raise Forbidden.of(GROUP, PLURAL, request.info.name, why)

    async def _may(self, user: UserInfo, verb: str, signer: str) -> bool:
        """On this signer, or on all of its domain (`example.com/*`)."""
        for name in (signer, signer.partition("/")[0] + "/*"):
            question = Attributes(
                user=user,
                verb=verb,
                is_resource_request=True,
                group=GROUP,
                version="*",
                resource="signers",
                name=name,
            )
            if (await self._authorizer.authorize(question)).allowed:
                return True
        return False


def is_signing(obj: Object, old: Object) -> bool:
    """Whether an update of the status gives a certificate or says that there will be none."""

    def outcome(one: Object) -> tuple[Any, list[Object]]:
        status = one.get("status") or {}
        failed = [c for c in status.get("conditions") or () if c.get("type") not in requests.DECISIONS]
        return status.get("certificate"), failed

    return outcome(obj) != outcome(old)


def sign_in(spec: Object, user: UserInfo) -> None:
    """Who asks is what the server knows, whatever the body says."""
    for field in ("username", "uid", "groups", "extra"):
        spec.pop(field, None)
    spec |= user.wire()


def approve(obj: Object, edited: Object) -> None:
    """Take over metadata and conditions. Raises Invalid."""
    requests.keep_all_but_conditions(edited, obj)
    errors = requests.validate_conditions(edited, obj)
    if errors:
        raise Invalid.of(GROUP, "CertificateSigningRequest", obj["metadata"]["name"], errors)
    obj.clear()
    obj.update(edited)
