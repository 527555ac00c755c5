"""`kajitori cni`: sets up the pod network of this node and keeps it so; with --once, sets it up and ends.

May import: cni, client, aiokit.
"""

import asyncio
import os
import socket
from collections.abc import Sequence
from pathlib import Path

from kajitori.aiokit import logs
from kajitori.aiokit.backoff import Backoff
from kajitori.aiokit.flags import Flags, Options
from kajitori.aiokit.main import run_main
from kajitori.aiokit.process import CommandFailed
from kajitori.aiokit.services import forever
from kajitori.client.component import rest_config_or_exit
from kajitori.client.informers import Informers
from kajitori.client.rest import Client
from kajitori.cni.apply import Network
from kajitori.cni.plan import Options as PlanOptions
from kajitori.cni.plan import pod_cidrs
from kajitori.cni.views import Node

log = logs.get_logger(__name__)


def flags() -> Flags:
    f = Flags("kajitori cni", "The pod network of a node (kindnetd's part).")
    f.string("kubeconfig", "", "Path to a kubeconfig; without one, the Pod's service account")
    f.string("master", "", "The address of the API server (overrides any value in kubeconfig)")
    f.string("hostname-override", "", "The name of this node (default: $NODE_NAME, then the host name)")
    f.string("conf-dir", "/etc/cni/net.d", "Where the runtime reads its CNI configuration")
    f.string("mode", "ptp", "The main plugin: ptp or bridge")
    f.integer("mtu", 0, "MTU of Pod interfaces; 0: the default")
    f.strings("cluster-cidr", (), "The ranges of all Pods of the cluster")
    f.boolean("once", False, "Set up and end, instead of following the cluster's nodes")
    return f


def main(argv: Sequence[str]) -> int:
    """The process; gives its exit code."""
    options = flags().parse_or_exit(argv)
    logs.configure(options["v"], options["logging-format"], options["vmodule"])
    return run_main(lambda: run(options))


async def run(options: Options) -> None:
    """Serve until cancelled, or until the network stands for --once."""
    name = options["hostname-override"] or os.environ.get("NODE_NAME", "") or socket.gethostname().lower()
    rest = rest_config_or_exit(options["kubeconfig"], options["master"])
    _enable_forwarding()
    network = Network(
        node_name=name,
        options=PlanOptions(mode=options["mode"], mtu=options["mtu"], cluster_cidrs=tuple(options["cluster-cidr"])),
        conf_dir=Path(options["conf-dir"]),
    )
    async with Client(rest) as client, asyncio.TaskGroup() as group:
        informers = Informers(client)
        nodes = informers.of(Node)
        changed = asyncio.Event()

        def updated(old: Node, new: Node) -> None:
            if pod_cidrs(old) != pod_cidrs(new) or old.status.addresses != new.status.addresses:
                changed.set()

        nodes.add_handler(lambda _: changed.set(), updated, lambda _: changed.set())
        watching = group.create_task(forever(informers.run(), "informers"), name="informers")
        await informers.synced()
        backoff = Backoff(0.2, max_s=10.0)
        while True:
            await changed.wait()
            changed.clear()
            try:
                stands = await network.sync(nodes.lister.list())
                backoff.reset()
            except (CommandFailed, OSError) as error:
                log.error("cannot set up the network", err=str(error))
                await asyncio.sleep(backoff.next())
                changed.set()
                continue
            if stands and options["once"]:
                watching.cancel()
                return


def _enable_forwarding() -> None:
    path = Path("/proc/sys/net/ipv4/ip_forward")
    try:
        if path.read_text().strip() != "1":
            path.write_text("1")
    except OSError as error:
        log.warning("cannot enable forwarding", err=str(error))
