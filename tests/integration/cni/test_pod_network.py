"""The pod network in a namespace of its own: the file, routes and rules, and a Pod made by the real CNI plugins."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from kajitori.aiokit.process import run as run_command
from kajitori.cni.apply import Network
from kajitori.cni.plan import Options
from kajitori.cni.views import Meta, Node, NodeAddress, NodeSpec, NodeStatus

pytestmark = pytest.mark.integration
PLUGINS = next((p for p in ("/opt/cni/bin", "/usr/lib/cni") if Path(p, "ptp").exists()), "")


KNOCK = """
import socket, sys
try: socket.create_connection((sys.argv[1], 9), timeout=3)
except ConnectionRefusedError: print("ConnectionRefusedError")
except OSError as error: print(f"OSError: {error.errno}")
"""


@pytest.fixture
def names() -> Iterator[tuple[str, str]]:
    if os.geteuid() != 0 or not PLUGINS or not shutil.which("ip"):
        pytest.skip("needs root, iproute2 and the CNI plugins")
    made = (f"netschedcni{os.getpid()}", f"netschedpod{os.getpid()}")
    for name in made:
        subprocess.run(["ip", "netns", "add", name], check=True)
        subprocess.run(["ip", "-n", name, "link", "set", "lo", "up"], check=True)
    try:
        yield made
    finally:
        for name in made:
            subprocess.run(["ip", "netns", "del", name], check=False)


def test_a_pod_gets_an_address_and_unknown_pods_are_unreachable(names: tuple[str, str], tmp_path: Path) -> None:
    here, pod = names

    async def run(argv: Sequence[str], text: str = "") -> str:
        return await run_command(["ip", "netns", "exec", here, *argv], text)

    addresses = [NodeAddress(type="InternalIP", address="192.0.2.2")]
    node = Node(
        metadata=Meta(name="n1"),
        spec=NodeSpec(pod_cidrs=["10.88.3.0/24"]),
        status=NodeStatus(addresses=addresses),
    )
    options = Options(cluster_cidrs=("10.88.0.0/16",), ipam_dir=str(tmp_path / "ipam"))
    for _ in range(2):  # again, as after a restart: nothing is doubled
        network = Network(node_name="n1", options=options, conf_dir=tmp_path / "net.d", run=run)
        assert asyncio.run(network.sync([node]))
    rules = asyncio.run(run(["iptables-save", "-t", "nat"]))
    assert rules.count("-j KIND-MASQ-AGENT") == 1
    assert "unreachable 10.88.0.0/16" in asyncio.run(run(["ip", "route"]))

    document = json.loads((tmp_path / "net.d" / "10-kindnet.conflist").read_text())
    config = {"cniVersion": document["cniVersion"], "name": document["name"], **document["plugins"][0]}
    environment = {
        **os.environ,
        "CNI_CONTAINERID": "c1",
        "CNI_NETNS": f"/var/run/netns/{pod}",
        "CNI_IFNAME": "eth0",
        "CNI_PATH": PLUGINS,
    }
    argv = ["ip", "netns", "exec", here, f"{PLUGINS}/ptp"]

    def plugin(command: str) -> str:
        given = json.dumps(config)
        env = {**environment, "CNI_COMMAND": command}
        done = subprocess.run(argv, input=given, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    ip = json.loads(plugin("ADD"))["ips"][0]["address"].split("/")[0]
    assert ip.startswith("10.88.3.")
    assert asyncio.run(run([sys.executable, "-S", "-c", KNOCK, ip])).strip() == "ConnectionRefusedError", "it is there"
    plugin("DEL")
    assert asyncio.run(run([sys.executable, "-S", "-c", KNOCK, ip])).strip() == "OSError: 113", "no route to host"
