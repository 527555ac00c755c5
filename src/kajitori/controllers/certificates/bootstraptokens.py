"""Bootstrap tokens (Secrets in kube-system): expired ones are deleted, and the others sign the ConfigMap
kube-public/cluster-info, by which a joining node knows that a cluster is the one it means.

Both controllers run only where --controllers names them, as upstream. May import: client, api.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime

import orjson

from kajitori.api import schema
from kajitori.api.core.v1 import ConfigMap, Secret
from kajitori.client.objects import ObjectKey
from kajitori.controllers.controller import DONE, Context, Controller, Result
from kajitori.machinery.errors import NotFound
from kajitori.machinery.times import parse_time

TOKEN_TYPE = "bootstrap.kubernetes.io/token"  # noqa: S105 (a Secret's type)
NAMESPACE = "kube-system"
CLUSTER_INFO = ObjectKey("kube-public", "cluster-info")
_SIGNATURE = "jws-kubeconfig-"


class TokenCleaner(Controller):
    """Its keys are Secrets."""

    name, workers, account = "token-cleaner-controller", 1, "token-cleaner"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.secrets = self.watch(context.informers.of(Secret, field_selector=f"type={TOKEN_TYPE}")).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        secret = self.secrets.get(key)
        end = expiration(secret) if secret is not None and key.namespace == NAMESPACE else None
        if secret is None or end is None:
            return DONE
        wait = (end - self.clock.now()).total_seconds()
        if wait > 0:
            return Result(requeue_after_s=wait + 1)
        with contextlib.suppress(NotFound):
            await self.client.delete(Secret, key.name, key.namespace, uid=secret.metadata.uid)
        return DONE


class BootstrapSigner(Controller):
    """Its only key is cluster-info's."""

    name, workers, account = "bootstrap-signer-controller", 1, "bootstrap-signer"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        tokens = context.informers.of(Secret, field_selector=f"type={TOKEN_TYPE}")
        self.secrets = self.watch(tokens, lambda _: CLUSTER_INFO).lister
        maps = context.informers.of(ConfigMap, field_selector=f"metadata.name={CLUSTER_INFO.name}")
        self.maps = self.watch(maps, lambda _: CLUSTER_INFO).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        info = self.maps.get(CLUSTER_INFO)
        if info is None or "kubeconfig" not in info.data:
            return DONE
        tokens = signing_tokens(list(self.secrets.in_namespace(NAMESPACE)), self.clock.now())
        wanted = {f"{_SIGNATURE}{token}": signature(info.data["kubeconfig"], token, tokens[token]) for token in tokens}
        kept = {name: value for name, value in info.data.items() if not name.startswith(_SIGNATURE)}
        if info.data != kept | wanted:
            changed = schema.clone(info)
            changed.data = kept | wanted
            await self.client.update(changed)
        return DONE


def field(secret: Secret, name: str) -> str:
    """The decoded value; empty where there is none or it is no base64 of text."""
    try:
        return base64.b64decode(secret.data.get(name, "")).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def expiration(secret: Secret) -> datetime | None:
    """When the token ends; None for one that never does. One whose time cannot be read has ended long ago."""
    text = field(secret, "expiration")
    if not text:
        return None
    try:
        return parse_time(text)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def signing_tokens(secrets: list[Secret], now: datetime) -> Mapping[str, str]:
    """token id → token secret, of those that may sign now."""
    found = {}
    for secret in secrets:
        token, word, end = field(secret, "token-id"), field(secret, "token-secret"), expiration(secret)
        fits = secret.type == TOKEN_TYPE and secret.metadata.name == f"bootstrap-token-{token}"
        if fits and word and field(secret, "usage-bootstrap-signing") == "true" and (end is None or end > now):
            found[token] = word
    return found


def signature(content: str, token_id: str, token_secret: str) -> str:
    """A JWS (HS256) of the content with the content left out."""
    head = _base64url(orjson.dumps({"alg": "HS256", "kid": token_id}))
    signed = f"{head}.{_base64url(content.encode())}"
    mac = hmac.new(token_secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{head}..{_base64url(mac)}"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
