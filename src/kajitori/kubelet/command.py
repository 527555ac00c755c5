"""`kajitori kubelet`: flags and file → a running node agent.

May import: kubelet, client, aiokit; nothing heavy before it is known that there is something to run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from kajitori.aiokit.clock import RealClock
from kajitori.aiokit.component import run_component
from kajitori.aiokit.services import forever

from .configuration import Config, flags, from_flags


def main(argv: Sequence[str]) -> int:
    """The process; gives its exit code."""
    return run_component(flags(), argv, from_flags, run)


async def run(config: Config) -> None:
    """Serve until cancelled."""
    from .kubelet import Kubelet

    if not config.kubeconfig:
        await Kubelet(config).run()
        return
    from kajitori.client.component import rest_config_or_exit
    from kajitori.client.rest import Client

    if config.bootstrap_kubeconfig:
        from .clientcertificate import ensure

        await ensure(
            bootstrap=config.bootstrap_kubeconfig,
            kubeconfig=config.kubeconfig,
            cert_dir=config.cert_dir,
            node_name=config.node_name,
        )
    rest = rest_config_or_exit(config.kubeconfig)
    async with Client(rest) as client:
        if not config.rotate_certificates or not rest.client_cert_file.endswith("/kubelet-client-current.pem"):
            await Kubelet(config, client).run()
            return
        from .clientcertificate import Rotation

        rotation = Rotation(client, Path(rest.client_cert_file), config.node_name, clock=RealClock())
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(forever(rotation.run(), "certificate rotation"), name="certificate rotation")
            tasks.create_task(forever(Kubelet(config, client).run(), "kubelet"), name="kubelet")
