"""The node's own keeper of the pod network's rules, in a network name space of its own."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kajitori.cluster import kubelet
from kajitori.cluster.profile import Node, Profile
from kajitori.cluster.sandbox.entry import KEEP_POD_NETWORK

pytestmark = [pytest.mark.integration, pytest.mark.skipif(os.geteuid() != 0, reason="makes a network name space")]
NAMESPACE = f"kept-{os.getpid()}"


def inside(*argv: str) -> str:
    done = subprocess.run(["ip", "netns", "exec", NAMESPACE, *argv], capture_output=True, text=True, check=True)
    return done.stdout


def rules() -> list[str]:
    return inside("iptables", "-t", "nat", "-S").splitlines()


@pytest.fixture
def keep(tmp_path: Path) -> Iterator[list[str]]:
    """The command that a node runs at first and then every half minute."""
    node = Node(name="n", ip="192.168.49.2", index=0)
    files = kubelet.pod_network(Profile(name="p", nodes=(node,)), node)
    (tmp_path / "rules").write_text(files["kajitori/pod-network.rules"])
    (tmp_path / "keep").write_text(KEEP_POD_NETWORK)
    subprocess.run(["ip", "netns", "add", NAMESPACE], check=True)
    try:
        yield ["bash", str(tmp_path / "keep"), str(tmp_path / "rules")]
    finally:
        subprocess.run(["ip", "netns", "del", NAMESPACE], check=True)


@pytest.mark.parametrize(
    "damage", [["-F"], ["-F", "POSTROUTING"], ["-F", "KIND-MASQ-AGENT"], ["-D", "POSTROUTING", "1"]], ids=" ".join
)
def test_rules_that_somebody_flushed_are_put_back_as_they_were(keep: list[str], damage: list[str]) -> None:
    inside(*keep)
    whole = rules()
    assert sum("-j KIND-MASQ-AGENT" in rule for rule in whole) == 1
    inside(*keep)
    assert rules() == whole, "nothing is done where nothing is missing"
    inside("iptables", "-t", "nat", *damage)
    assert rules() != whole
    inside(*keep)
    assert rules() == whole
