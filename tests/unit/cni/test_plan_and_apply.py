"""What a node's network should be, and that only differences are written."""

import asyncio
import json
from pathlib import Path
from typing import Any

from kajitori.aiokit.process import CommandFailed
from kajitori.cni.apply import Network, write_conflist
from kajitori.cni.plan import HOOK, Options, Route, conflist, masquerade, routes
from kajitori.cni.views import Meta, Node, NodeAddress, NodeSpec, NodeStatus


def node(name: str, cidr: str, ip: str) -> Node:
    return Node(
        metadata=Meta(name=name),
        spec=NodeSpec(pod_cidr=cidr or None, pod_cidrs=[cidr] if cidr else []),
        status=NodeStatus(
            addresses=[NodeAddress(type="Hostname", address=name), NodeAddress(type="InternalIP", address=ip)]
        ),
    )


ONE, TWO = node("n1", "10.244.0.0/24", "192.168.49.2"), node("n2", "10.244.1.0/24", "192.168.49.3")
OPTIONS = Options(cluster_cidrs=("10.244.0.0/16",))


def test_the_cni_configuration_gives_pods_an_address_of_the_nodes_range() -> None:
    document = json.loads(conflist(["10.244.0.0/24"], Options(mtu=1400)))
    ptp, portmap = document["plugins"]
    assert (document["name"], ptp["type"], ptp["mtu"]) == ("kindnet", "ptp", 1400)
    assert ptp["ipam"]["ranges"] == [[{"subnet": "10.244.0.0/24"}]]
    assert portmap == {"type": "portmap", "capabilities": {"portMappings": True}}
    assert json.loads(conflist(["10.244.0.0/24"], Options(mode="bridge")))["plugins"][0]["hairpinMode"] is True


def test_other_nodes_are_routed_to_and_the_rest_is_unreachable() -> None:
    assert routes([ONE, TWO], "n1", OPTIONS) == {Route("10.244.1.0/24", "192.168.49.3"), Route("10.244.0.0/16")}
    assert routes([ONE], "n1", Options()) == {Route("10.244.0.0/24")}
    assert routes([ONE, node("n3", "", "1.2.3.4")], "n1", Options()) == {Route("10.244.0.0/24")}
    assert Route("10.244.0.0/16").argv("replace")[:5] == ["ip", "-4", "route", "replace", "unreachable"]


def test_only_what_leaves_the_cluster_is_masqueraded() -> None:
    text = masquerade([ONE, TWO], "n1", OPTIONS, 4, has_hook=False).splitlines()
    ours = [line for line in text if line.startswith("-A KIND-MASQ-AGENT")]
    assert [line.split()[2:4] for line in ours] == [
        ["-d", "10.244.0.0/16"],
        ["-d", "10.244.0.0/24"],
        ["-d", "10.244.1.0/24"],
        ["-s", "10.244.0.0/24"],
    ]
    assert text[-2] == HOOK
    assert HOOK not in masquerade([ONE], "n1", OPTIONS, 4, has_hook=True)


class Tools:
    """Records what would be run."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.failing = ""

    async def __call__(self, argv: list[str], text: str = "") -> str:
        line = " ".join(argv)
        self.ran.append(line)
        if self.failing and self.failing in line:
            raise CommandFailed(argv, 2, "no")
        return ""


def test_a_sync_writes_once_and_then_only_differences(tmp_path: Path) -> None:
    tools = Tools()
    network = Network(node_name="n1", options=OPTIONS, conf_dir=tmp_path / "net.d", run=tools)

    def sync(*nodes: Any) -> list[str]:
        tools.ran.clear()
        assert asyncio.run(network.sync(nodes))
        return list(tools.ran)

    first = sync(ONE)
    assert first[0].startswith("ip -4 route replace unreachable 10.244.0.0/16")
    assert sync(ONE) == []
    assert "ip -4 route replace 10.244.1.0/24 via 192.168.49.3" in sync(ONE, TWO)
    assert "ip -4 route del 10.244.1.0/24 via 192.168.49.3" in sync(ONE)
    tools.failing = "10.244.1.0/24"
    sync(ONE, TWO)
    tools.failing = ""
    assert "ip -4 route replace 10.244.1.0/24 via 192.168.49.3" in sync(ONE, TWO), "a failed route is tried again"


def test_without_a_range_nothing_is_written(tmp_path: Path) -> None:
    network = Network(node_name="n1", options=OPTIONS, conf_dir=tmp_path / "net.d", run=Tools())
    assert not asyncio.run(network.sync([node("n1", "", "1.2.3.4")]))
    assert not (tmp_path / "net.d").exists()


def test_the_file_is_replaced_only_when_it_differs(tmp_path: Path) -> None:
    assert write_conflist(tmp_path, "a")
    assert not write_conflist(tmp_path, "a")
    assert write_conflist(tmp_path, "b")
    assert [p.name for p in tmp_path.iterdir()] == ["10-kindnet.conflist"]
