"""Notes on which day a service-account token that is kept in a Secret was last used: a label of that Secret.

May import: aiokit, authentication.serviceaccount, deps.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from kajitori.aiokit.logs import get_logger
from kajitori.apiserver.deps import ServerDeps
from kajitori.machinery.errors import StatusError

Object = dict[str, Any]
LAST_USED = "kubernetes.io/legacy-token-last-used"
TRACKING = "kube-apiserver-legacy-service-account-token-tracking"
"""The ConfigMap in kube-system that says since when this is noted."""
log = get_logger(__name__)


class LegacyTokenUse:
    """`used` costs nothing but once a day and Secret; `run` writes."""

    def __init__(self, deps: ServerDeps) -> None:
        self._deps = deps
        self._waiting: asyncio.Queue[tuple[str, str]] = asyncio.Queue(maxsize=1024)

    def used(self, secret: Object) -> None:
        """Queue the label, unless it says today (or tomorrow: another server's clock)."""
        metadata, now = secret["metadata"], self._deps.clock.now()
        noted = (metadata.get("labels") or {}).get(LAST_USED)
        if noted not in (f"{now:%Y-%m-%d}", f"{now + timedelta(days=1):%Y-%m-%d}") and not self._waiting.full():
            self._waiting.put_nowait((metadata["namespace"], metadata["name"]))

    async def run(self) -> None:
        """Serve until cancelled."""
        while True:
            namespace, name = await self._waiting.get()
            today = f"{self._deps.clock.now():%Y-%m-%d}"

            def note(secret: Object, today: str = today) -> None:
                secret["metadata"].setdefault("labels", {})[LAST_USED] = today

            try:
                await self._deps.writer.guaranteed_update("", "secrets", namespace, name, note)
            except StatusError as error:
                log.info("cannot note that a token was used", namespace=namespace, secret=name, err=error.message)
