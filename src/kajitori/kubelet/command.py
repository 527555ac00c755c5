"""`kajitori kubelet`: flags and file → a running node agent.

May import: kubelet, client, aiokit; nothing heavy before it is known that there is something to run.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from kajitori.aiokit import logs
from kajitori.aiokit.clock import RealClock
from kajitori.aiokit.flags import UsageError
from kajitori.aiokit.main import run_main
from kajitori.aiokit.services import forever

from .configuration import Config, flags, from_flags


def main(argv: Sequence[str]) -> int:
    """The process; gives its exit code."""
    options = flags().parse_or_exit(argv)
    logs.configure(options["v"], options["logging-format"], options["vmodule"])
    try:
        config = from_flags(options)
    except UsageError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    return run_main(lambda: run(config))


async def run(config: Config) -> None:
    """Serve until cancelled."""
    from .kubelet import Kubelet

    if not config.kubeconfig:
        await Kubelet(config).run()
        return
    from kajitori.client.component import rest_config
    from kajitori.client.config import ConfigError
    from kajitori.client.rest import Client

    if config.bootstrap_kubeconfig:
        from .clientcertificate import ensure

        await ensure(
            bootstrap=config.bootstrap_kubeconfig,
            kubeconfig=config.kubeconfig,
            cert_dir=config.cert_dir,
            node_name=config.node_name,
        )
    try:
        rest = rest_config(config.kubeconfig)
    except ConfigError as error:
        raise SystemExit(f"Error: {error}") from error
    async with Client(rest) as client:
        if not config.rotate_certificates or not rest.client_cert_file.endswith("/kubelet-client-current.pem"):
            await Kubelet(config, client).run()
            return
        from .clientcertificate import Rotation

        rotation = Rotation(client, Path(rest.client_cert_file), config.node_name, clock=RealClock())
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(forever(rotation.run(), "certificate rotation"), name="certificate rotation")
            tasks.create_task(forever(Kubelet(config, client).run(), "kubelet"), name="kubelet")
