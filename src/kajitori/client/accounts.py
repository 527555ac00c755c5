"""Credentials of a ServiceAccount, by TokenRequest: how one process acts under several accounts.

The token is asked for when it is first needed, kept in memory, and renewed when a fifth of its life is left.
May import: client.{auth,config,raw,transport}, machinery.errors, aiokit.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import orjson

from kajitori.aiokit.clock import Clock, RealClock
from kajitori.client.auth import Credentials
from kajitori.client.config import RestConfig
from kajitori.client.raw import RawClient
from kajitori.client.transport import Transport
from kajitori.machinery.errors import AlreadyExists, NotFound

LIFETIME_S = 3600
RENEW_AT = 0.8


class ServiceAccountCredentials(Credentials):
    """Acts as `namespace/name`, which is created if need be; `owner` must be allowed to ask for its tokens."""

    def __init__(self, owner: RawClient, namespace: str, name: str, clock: Clock | None = None) -> None:
        super().__init__(account_config(owner.config))
        self._owner, self._namespace, self._name = owner, namespace, name
        self._clock = clock or RealClock()
        self._token_text, self._renew_at = "", float("-inf")
        self._lock: asyncio.Lock | None = None

    async def headers(self) -> list[tuple[str, str]]:
        self._lock = self._lock or asyncio.Lock()
        async with self._lock:
            if self._clock.monotonic() >= self._renew_at:
                self._token_text = await self._request()
                self._renew_at = self._clock.monotonic() + LIFETIME_S * RENEW_AT
        return [("Authorization", f"Bearer {self._token_text}")]

    def refused(self) -> bool:
        """The token may have died with its account: ask for another."""
        self._renew_at = float("-inf")
        return True

    async def _request(self) -> str:
        accounts = f"/api/v1/namespaces/{self._namespace}/serviceaccounts"
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": LIFETIME_S},
        }
        try:
            response = await self._owner.raw("POST", f"{accounts}/{self._name}/token", body=body)
        except NotFound:
            metadata = {"name": self._name, "namespace": self._namespace}
            account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}
            try:
                await self._owner.raw("POST", accounts, body=account)
            except AlreadyExists:
                pass  # somebody else made it at the same moment
            response = await self._owner.raw("POST", f"{accounts}/{self._name}/token", body=body)
        return str(orjson.loads(response.body)["status"]["token"])


def account_config(config: RestConfig) -> RestConfig:
    """The same server, nobody's credentials."""
    return replace(
        config,
        client_cert_data=None,
        client_cert_file="",
        client_key_data=None,
        client_key_file="",
        token="",
        token_file="",
        username="",
        password="",
        exec=None,
        impersonate=None,
    )


def account_transport(owner: RawClient, namespace: str, name: str) -> Transport:
    """A transport of its own that acts as this ServiceAccount; `owner` must be allowed to create its tokens."""
    return Transport(account_config(owner.config), credentials=ServiceAccountCredentials(owner, namespace, name))
