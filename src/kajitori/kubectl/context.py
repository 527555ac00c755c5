"""What a running verb has at hand: streams, the cluster, the mapping of resource names, the namespace.

Everything is made on first use, so that a verb that talks to no cluster opens none. May import: client, kubectl.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from kajitori.kubectl.globals import GlobalOptions, default_cache_dir
from kajitori.kubectl.streams import Streams

if TYPE_CHECKING:
    from kajitori.client.config import RestConfig
    from kajitori.client.discovery import Discovery
    from kajitori.client.dynamic import DynamicClient
    from kajitori.client.kubeconfig import KubeConfig
    from kajitori.kubectl.connection import Connection


class Context:
    """One per invocation; `client()` and `discovery()` are opened once and closed by `closing()`."""

    def __init__(self, options: GlobalOptions, streams: Streams | None = None) -> None:
        self.options = options
        self.streams = streams or Streams()
        self._client: Connection | None = None
        self._discovery: Discovery | None = None
        self._config: RestConfig | None = None
        self.errand = ""
        self.errand_path = ""

    def set_out(self, errand: str, path: str = "") -> None:
        """What is attempted from now on: should the server be out of reach, the error says so.

        `path` is what upstream would have asked for at this point, where we ask for something else.
        """
        self.errand, self.errand_path = errand, path

    def kubeconfig(self) -> KubeConfig:
        """The kubeconfig files as one. Raises ConfigError where an explicit file is missing."""
        from kajitori.client.kubeconfig import KubeConfig

        return KubeConfig.read(self.options.kubeconfig or None)

    def config(self) -> RestConfig:
        """The kubeconfig under the command line's flags, made once; raises where a file that it names is missing."""
        if self._config is None:
            said, kubeconfig = self.options.overrides(), self.kubeconfig()
            self._config = kubeconfig.rest_config(said)
            kubeconfig.check_files(said)
            if self.options.username or self.options.password:
                import dataclasses

                self._config = dataclasses.replace(
                    self._config, username=self.options.username, password=self.options.password
                )
        return self._config

    @property
    def namespace(self) -> str:
        """The namespace that namespaced requests go to."""
        return self.options.namespace or self.config().namespace or "default"

    @property
    def namespace_is_explicit(self) -> bool:
        return bool(self.options.namespace)

    def client(self) -> DynamicClient:
        """The wire-dict client; warnings that the server sends go to stderr as upstream prints them."""
        if self._client is None:
            from kajitori.kubectl.connection import Connection

            self._client = Connection(self.config(), self.streams)
        return self._client

    @property
    def warnings(self) -> int:
        """How many different warnings the server sent."""
        return 0 if self._client is None else self._client.warnings

    def discovery(self) -> Discovery:
        """Names of resources → how to address them, cached on disk."""
        if self._discovery is None:
            from kajitori.client.discovery import Discovery

            folder = Path(self.options.cache_dir or default_cache_dir()) / "kajitori"
            self._discovery = Discovery(self.client(), cache_dir=folder)
        return self._discovery

    @contextlib.asynccontextmanager
    async def closing(self) -> AsyncIterator[Context]:
        """Closes the connections at the end, if any was opened."""
        try:
            yield self
        finally:
            if self._client is not None:
                await self._client.close()
