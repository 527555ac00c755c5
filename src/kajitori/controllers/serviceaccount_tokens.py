"""Token controller: Secrets of type kubernetes.io/service-account-token are filled with a token, the cluster's CA and
their namespace, and go when their ServiceAccount goes.

Nobody makes such Secrets by itself any more; where somebody asks for one, it is served. Runs with
--service-account-private-key-file. May import: client, api, controllers.legacytokens.
"""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

from kajitori.api import schema
from kajitori.api.core.v1 import Secret, ServiceAccount
from kajitori.client.objects import ObjectKey, key_of
from kajitori.controllers import legacytokens
from kajitori.controllers.controller import DONE, Context, Controller, Result
from kajitori.machinery.errors import NotFound


class TokenController(Controller):
    """Its keys are Secrets."""

    name = "serviceaccount-token-controller"
    account = ""  # as upstream it acts as the controller manager itself

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.client = context.client
        tokens = context.informers.of(Secret, field_selector=f"type={legacytokens.TYPE}")
        self.secrets = self.watch(tokens).lister
        accounts = context.informers.of(ServiceAccount)
        self.accounts = self.watch(accounts, self._secrets_of).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        if not self.options.service_account_key_file:
            return DONE
        secret = self.secrets.get(key)
        if secret is None:
            await self._forget(key)
            return DONE
        account = await self._account(secret)
        if account is None:
            try:
                await self.client.delete(Secret, key.name, key.namespace, uid=secret.metadata.uid)
            except NotFound:
                return DONE
        elif secret.metadata.deletion_timestamp is None:
            await self._fill(secret, account)
        return DONE

    async def _account(self, secret: Secret) -> ServiceAccount | None:
        """The account that the Secret is for, if that one still exists; asked of the server before it is missed."""
        name, uid = (secret.metadata.annotations.get(key, "") for key in (legacytokens.NAME, legacytokens.UID))
        found = self.accounts.get(ObjectKey(secret.metadata.namespace or "", name))
        if found is None and name:
            try:
                found = await self.client.get(ServiceAccount, name, secret.metadata.namespace)
            except NotFound:
                return None
        return found if found is not None and uid in ("", found.metadata.uid) else None

    async def _fill(self, secret: Secret, account: ServiceAccount) -> None:
        key = key_of(secret)
        data = legacytokens.lacking(secret.data, self.options.root_ca, key.namespace)
        name, uid = account.metadata.name or "", account.metadata.uid or ""
        if not secret.data.get("token"):
            pem = await asyncio.to_thread(Path(self.options.service_account_key_file).read_bytes)
            token = legacytokens.token(pem, key.namespace, name, uid, key.name)
            data["token"] = base64.b64encode(token.encode()).decode()
        if not data:
            return
        changed = schema.clone(secret)
        changed.data = {**changed.data, **data}
        changed.metadata.annotations |= {legacytokens.NAME: name, legacytokens.UID: uid}
        await self.client.update(changed)

    async def _forget(self, key: ObjectKey) -> None:
        """An account no longer mentions a Secret that is gone."""
        for account in self.accounts.in_namespace(key.namespace):
            if any(one.name == key.name for one in account.secrets):
                changed = schema.clone(account)
                changed.secrets = [one for one in changed.secrets if one.name != key.name]
                await self.client.update(changed)

    def _secrets_of(self, account: ServiceAccount) -> list[ObjectKey]:
        name, namespace = account.metadata.name, account.metadata.namespace or ""
        found = self.secrets.in_namespace(namespace)
        return [key_of(one) for one in found if one.metadata.annotations.get(legacytokens.NAME) == name]
