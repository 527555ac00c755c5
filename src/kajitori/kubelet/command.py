"""`kajitori kubelet`: flags and file → a running node agent.

May import: kubelet, client, aiokit; nothing heavy before it is known that there is something to run.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from kajitori.aiokit import logs
from kajitori.aiokit.flags import UsageError
from kajitori.aiokit.main import run_main

from .configuration import Config, flags, from_flags


def main(argv: Sequence[str]) -> int:
    """The process; gives its exit code."""
    options = flags().parse_or_exit(argv)
    logs.configure(options["v"], options["logging-format"])
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
    from kajitori.client.rest import Client

    async with Client(rest_config(config.kubeconfig)) as client:
        await Kubelet(config, client).run()
