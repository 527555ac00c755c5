"""Service account tokens for projected volumes: bound to their Pod, kept until four fifths of their life are over.

May import: api, machinery, aiokit.clock, kubelet.volumes.sources.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from kajitori.aiokit.clock import Clock
from kajitori.machinery.times import parse_time

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod

DEFAULT_EXPIRATION_S = 3600
MAX_AGE_S = 24 * 3600.0
JITTER_S = 10.0


class TokenSource(Protocol):
    """Who issues tokens: a TokenRequest's spec in, its status out."""

    async def token(self, namespace: str, account: str, spec: dict[str, Any]) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Token:
    """A token and when a new one is due."""

    text: str
    refresh_at: float  # on the monotonic clock


class TokenCache:
    def __init__(self, source: TokenSource, clock: Clock) -> None:
        self._source, self._clock = source, clock
        self._tokens: dict[tuple[str, str, int], Token] = {}  # pod UID, audience, expiration

    async def get(self, pod: Pod, audience: str, expiration_s: int) -> Token:
        """The token for this Pod, audience ("" for the API server's own) and life; asked for anew when it is due.

        Raises what the source raises, and keeps nothing then.
        """
        key = (pod.metadata.uid or "", audience, expiration_s)
        known = self._tokens.get(key)
        if known is not None and self._clock.monotonic() < known.refresh_at:
            return known
        spec = {
            "audiences": [audience] if audience else [],
            "expirationSeconds": expiration_s,
            "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": pod.metadata.name, "uid": pod.metadata.uid},
        }
        account = pod.spec.service_account_name or "default"
        status = await self._source.token(pod.metadata.namespace or "", account, spec)
        token = Token(status["token"], self._refresh_at(status["expirationTimestamp"]))
        self._tokens[key] = token
        return token

    def forget(self, pod_uid: str) -> None:
        for key in [key for key in self._tokens if key[0] == pod_uid]:
            del self._tokens[key]

    def _refresh_at(self, expiration: str) -> float:
        life_s = (parse_time(expiration) - self._clock.now()).total_seconds()
        wait_s = min(life_s * 0.8, MAX_AGE_S) - random.uniform(0, min(JITTER_S, life_s * 0.05))
        return self._clock.monotonic() + max(wait_s, 1.0)
