"""The client of a command line: the dynamic client that also tells the user what the server warns of.

May import: client.dynamic, kubectl.streams.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kajitori.client.dynamic import DynamicClient

if TYPE_CHECKING:
    from kajitori.client.config import RestConfig
    from kajitori.client.connection import Response
    from kajitori.client.transport import Query
    from kajitori.kubectl.streams import Streams

_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')


class Connection(DynamicClient):
    """Each warning is written once, on stderr; `warnings` counts them for ``--warnings-as-errors``."""

    def __init__(self, config: RestConfig, streams: Streams) -> None:
        super().__init__(config)
        self._streams = streams
        self._seen: set[str] = set()

    @property
    def warnings(self) -> int:
        return len(self._seen)

    async def raw(self, method: str, path: str, *, query: Query = (), **more: Any) -> Response:
        """As always; an error of the network knows its request (`errors.from_connection`)."""
        try:
            return await super().raw(method, path, query=query, **more)
        except OSError as error:
            from urllib.parse import urlencode

            words = f"?{urlencode(sorted(query))}" if query else ""
            error.request = f'{method.capitalize()} "{self.config.server.rstrip("/")}{path}{words}"'  # type: ignore[attr-defined]  # for who tells a person about it
            raise

    def heard(self, response: Response) -> None:
        header = response.headers.get("warning")
        for text in _WARNING.findall(header) if header else ():
            plain = re.sub(r"\\(.)", r"\1", text)
            if plain not in self._seen:
                self._seen.add(plain)
                self._streams.warn(f"Warning: {plain}")
