"""Making the plan true: the CNI file, routes, masquerade. Everything may be repeated; only differences are written.

May import: cni.plan, aiokit.
"""

import os
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from kajitori.aiokit.logs import get_logger
from kajitori.aiokit.process import CommandFailed
from kajitori.aiokit.process import run as run_command
from kajitori.cni import plan
from kajitori.cni.plan import Options, Route

log = get_logger(__name__)
Run = Callable[..., Awaitable[str]]


def write_conflist(folder: Path, text: str) -> bool:
    """Replace the file in one step (the runtime watches the folder); whether it was different."""
    target = folder / plan.FILE_NAME
    try:
        if target.read_text() == text:
            return False
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
    # The temporary name must not look like a configuration.
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".kindnet-")
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    Path(name).chmod(0o644)
    Path(name).replace(target)
    return True


class Network:
    """The node's state as far as we made it."""

    def __init__(self, *, node_name: str, options: Options, conf_dir: Path, run: Run = run_command) -> None:
        self._name, self._options, self._dir, self._run = node_name, options, conf_dir, run
        self._routes: set[Route] = set()
        self._rules: dict[int, str] = {}

    async def sync(self, nodes: Sequence[Any]) -> bool:
        """One pass; false while this node has no podCIDR yet."""
        own = next((n for n in nodes if n.metadata.name == self._name), None)
        cidrs = plan.pod_cidrs(own) if own is not None else ()
        if not cidrs:
            return False
        await self._sync_routes(plan.routes(nodes, self._name, self._options))
        for family in sorted({6 if ":" in cidr else 4 for cidr in cidrs}):
            await self._sync_masquerade(nodes, family)
        # Last: the runtime takes the file as the sign that Pods may come.
        if write_conflist(self._dir, plan.conflist(cidrs, self._options)):
            log.info("wrote the CNI configuration", node=self._name, cidrs=",".join(cidrs))
        return True

    async def _sync_routes(self, wanted: set[Route]) -> None:
        for route in sorted(self._routes - wanted):
            try:
                await self._run(route.argv("del"))
            except CommandFailed as error:
                log.v(1).info("route was gone already", route=route.destination, err=str(error))
            self._routes.discard(route)
        for route in sorted(wanted - self._routes):
            try:
                await self._run(route.argv("replace"))
            except CommandFailed as error:
                log.error("cannot set a route", route=route.destination, via=route.gateway, err=str(error))
                continue
            self._routes.add(route)

    async def _sync_masquerade(self, nodes: Sequence[Any], family: int) -> None:
        tool = "ip6tables" if family == 6 else "iptables"
        text = plan.masquerade(nodes, self._name, self._options, family, has_hook=True)
        if self._rules.get(family) == text:
            return
        saved = await self._run([f"{tool}-save", "-t", "nat"])
        has_hook = plan.HOOK in saved.splitlines()
        await self._run(
            [f"{tool}-restore", "-w", "5", "--noflush"],
            plan.masquerade(nodes, self._name, self._options, family, has_hook=has_hook),
        )
        self._rules[family] = text
