"""From desired ports to kernel rules, atomically: the iptables and the nftables way behind one protocol.

A backend remembers which chains are in the kernel, so each transaction also removes what is no longer wanted; after a
failure (or a flush by somebody else) it looks again. May import: proxy's pure modules, aiokit.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from kajitori.aiokit.process import CommandFailed
from kajitori.aiokit.process import run as run_command
from kajitori.proxy import nftables
from kajitori.proxy.iptables import installed
from kajitori.proxy.iptables.ruleset import render
from kajitori.proxy.ruleset import Options
from kajitori.proxy.services import ServicePort

Run = Callable[..., Awaitable[str]]


class Backend(Protocol):
    """A way to put rules into the kernel. `apply` raises `CommandFailed`, after which it may be called again."""

    async def apply(self, ports: Sequence[ServicePort]) -> None:
        """Make the kernel's rules those of `ports`; all or nothing."""

    async def is_intact(self) -> bool:
        """Whether our rules still stand (another program may have flushed the tables)."""

    async def cleanup(self) -> None:
        """Remove everything of ours."""


class IptablesBackend:
    """``iptables-restore --noflush`` in one go; jumps from the built-in chains are added where they are missing."""

    def __init__(self, options: Options, run: Run = run_command) -> None:
        self.options, self._run = options, run
        self._prefix = "ip6tables" if options.family == "IPv6" else "iptables"
        self._chains: frozenset[str] | None = None  # None: unknown, look first
        self._applied: list[ServicePort] = []

    async def apply(self, ports: Sequence[ServicePort]) -> None:
        """One iptables-restore; nothing is run while the ports are those applied last."""
        hooks = ""
        unchanged = set(self._applied).intersection(ports)
        if self._chains is None:
            unchanged.clear()
            saved = await self._run([f"{self._prefix}-save"])
            hooks, self._chains = installed.missing_hooks(saved), installed.service_chains(saved)
        elif ports == self._applied:
            return
        ruleset = render(ports, self.options, existing=self._chains, unchanged=unchanged, hooks=hooks)
        try:
            await self._run([f"{self._prefix}-restore", "-w", "5", "--noflush"], ruleset.text)
        except BaseException:  # cancelled too: the tool may have finished before
            self._chains = None
            raise
        self._chains, self._applied = ruleset.chains, list(ports)

    async def is_intact(self) -> bool:
        """Whether all jumps to our chains are there and no chain that has rules was flushed."""
        try:
            saved = await self._run([f"{self._prefix}-save"])
        except CommandFailed:
            saved = ""
        if not installed.missing_hooks(saved) and not installed.emptied(saved, self._chains or ()):
            return True
        self._chains = None
        return False

    async def cleanup(self) -> None:
        """Takes our chains and jumps out, and leaves everybody else's."""
        text = installed.cleanup(await self._run([f"{self._prefix}-save"]))
        if text:
            await self._run([f"{self._prefix}-restore", "-w", "5", "--noflush"], text)
        self._chains = None


class NftablesBackend:
    """One ``nft -f -`` transaction on our own table."""

    def __init__(self, options: Options, run: Run = run_command) -> None:
        self.options, self._run = options, run
        self._family = "ip6" if options.family == "IPv6" else "ip"
        self._objects: frozenset[str] | None = None
        self._filled: frozenset[str] = frozenset()
        self._applied: list[ServicePort] = []

    async def apply(self, ports: Sequence[ServicePort]) -> None:
        """One nft transaction; nothing is run while the ports are those applied last."""
        if self._objects is None:
            self._objects = nftables.service_objects(await self._list())
        elif ports == self._applied:
            return
        ruleset = nftables.render(ports, self.options, existing=self._objects)
        try:
            await self._run(["nft", "-f", "-"], ruleset.text)
        except BaseException:
            self._objects = None
            raise
        self._objects, self._applied = ruleset.chains, list(ports)
        self._filled = nftables.filled(ruleset.text)

    async def _list(self) -> str:
        try:
            return await self._run(["nft", "list", "table", self._family, nftables.TABLE])
        except CommandFailed:
            return ""  # no such table yet

    async def is_intact(self) -> bool:
        """Whether our table is still there; if not, the next `apply` writes all of it."""
        """Whether the table is there and nothing in it that has rules or elements was emptied."""
        listing = await self._list()
        if listing and self._filled <= nftables.holding(listing):
            return True
        self._objects = None
        return False

    async def cleanup(self) -> None:
        await self._run(["nft", "-f", "-"], nftables.cleanup(self.options))
        self._objects = None
