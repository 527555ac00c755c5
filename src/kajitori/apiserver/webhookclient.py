"""A webhook that a kubeconfig describes (authentication, authorization): one POST, one answer.

May import: client.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from kajitori.apiserver.config import ConfigError

TIMEOUT_S = 30.0


class WebhookClient:
    """Connections stay open between questions."""

    def __init__(self, kubeconfig: str, timeout_s: float = TIMEOUT_S) -> None:
        """Without a kubeconfig: of the cluster that this server runs in. Raises ConfigError."""
        from kajitori.client import kubeconfig as kubeconfigs
        from kajitori.client.config import ConfigError as ClientConfigError
        from kajitori.client.config import in_cluster
        from kajitori.client.raw import RawClient

        try:
            rest = kubeconfigs.load(kubeconfig) if kubeconfig else in_cluster()
        except (OSError, ClientConfigError) as error:
            raise ConfigError(f"webhook kubeconfig {kubeconfig}: {error}") from error
        self._path = urlsplit(rest.server).path or "/"
        self._timeout_s = timeout_s
        self._client = RawClient(_at_root(rest))

    async def post(self, body: dict[str, Any] | bytes) -> bytes:
        """Raises StatusError, OSError."""
        answer = await self._client.raw("POST", self._path, body=body, timeout_s=self._timeout_s)
        return answer.body


def _at_root(rest: Any) -> Any:
    """The same server without its path, which every request names."""
    from dataclasses import replace

    parts = urlsplit(rest.server)
    return replace(rest, server=f"{parts.scheme}://{parts.netloc}")
