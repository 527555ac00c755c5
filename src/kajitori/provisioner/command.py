"""`kajitori provisioner`: flags → a running provisioner.

May import: provisioner, client, aiokit.
"""

import asyncio
import os
import socket
from collections.abc import Sequence
from contextlib import AsyncExitStack

from kajitori.aiokit import logs
from kajitori.aiokit.flags import Flags
from kajitori.aiokit.flags import Options as FlagOptions
from kajitori.aiokit.main import run_main
from kajitori.aiokit.services import forever
from kajitori.client.component import rest_config_or_exit
from kajitori.client.events import EventRecorder
from kajitori.client.informers import Informers
from kajitori.client.leader import LeaderElector
from kajitori.client.rest import Client
from kajitori.provisioner.plan import LOCAL_PATH, MINIKUBE, Options
from kajitori.provisioner.provisioner import Provisioner


def flags() -> Flags:
    f = Flags("kajitori provisioner", "The host-path storage provisioner.")
    f.string("kubeconfig", "", "Path to a kubeconfig; without one, the Pod's service account")
    f.string("master", "", "The address of the API server (overrides any value in kubeconfig)")
    f.string("hostname-override", "", "The name of this node (default: $NODE_NAME, then the host name)")
    f.string("hostpath-dir", "/tmp/hostpath-provisioner", f"Where volumes of {MINIKUBE} live")
    f.string("local-path-dir", "/var/local-path-provisioner", f"Where volumes of {LOCAL_PATH} live")
    f.strings("provisioners", (MINIKUBE, LOCAL_PATH), "The provisioner names to serve")
    f.boolean("leader-elect", False, "Become leader before working")
    return f


def main(argv: Sequence[str]) -> int:
    """The process; gives its exit code."""
    options = flags().parse_or_exit(argv)
    logs.configure(options["v"], options["logging-format"], options["vmodule"])
    return run_main(lambda: run(options))


async def run(flag: FlagOptions) -> None:
    """Serve until cancelled."""
    node = flag["hostname-override"] or os.environ.get("NODE_NAME", "") or socket.gethostname().lower()
    known = {MINIKUBE: flag["hostpath-dir"], LOCAL_PATH: flag["local-path-dir"]}
    roots = {name: known.get(name, flag["hostpath-dir"]) for name in flag["provisioners"]}
    rest = rest_config_or_exit(flag["kubeconfig"], flag["master"])
    async with Client(rest) as client, AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        informers = Informers(client)
        recorder = EventRecorder(client, f"{next(iter(roots), MINIKUBE)}_{node}")
        stack.push_async_callback(recorder.close)
        options = Options(roots=roots, node_name=node, identity=node)
        provisioner = Provisioner(client, informers, recorder, options)
        group.create_task(forever(informers.run(), "informers"), name="informers")
        await informers.synced()
        if flag["leader-elect"]:
            await LeaderElector(client, name="k8s.io-minikube-hostpath").run(provisioner.run)
        else:
            await provisioner.run()
