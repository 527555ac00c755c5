"""A cluster's network made for real, on a host of our own: a fresh network name space with an uplink to a small world."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator

import pytest

pytestmark = [pytest.mark.integration, pytest.mark.skipif(os.geteuid() != 0, reason="makes network devices")]

TAG = f"t{os.getpid() % 10**7:07d}"
HOST, WORLD = f"{TAG}-host", f"{TAG}-world"
NODE = f"kj-{TAG}-0"

PLAN = f"""
from kajitori.cluster import network
from kajitori.cluster.network import Plan
plan = Plan(tag="{TAG}", subnet="192.168.49.0/24", pod_cidr="10.244.0.0/16", service_cidr="10.96.0.0/12", isolated=ISOLATED)
"""


def sh(*argv: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, capture_output=True, text=True, check=check)


def on(namespace: str, *argv: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """In that network name space, with our own mounts: what is made under /run/netns is seen by all."""
    return sh("nsenter", f"--net=/run/netns/{namespace}", *argv, check=check)


def on_host(code: str, *, isolated: bool) -> None:
    text = PLAN.replace("ISOLATED", str(isolated)) + textwrap.dedent(code)
    done = on(HOST, sys.executable, "-c", text, check=False)
    assert done.returncode == 0, done.stderr


def snapshot() -> set[str]:
    links = {line.split()[1].partition("@")[0] for line in on(HOST, "ip", "-o", "link").stdout.splitlines()}
    shown = on(HOST, "ip", "route", "show").stdout.splitlines()
    routes = {line.replace(" linkdown", "") for line in shown}  # a link's carrier comes and goes by itself
    return links | routes | set(on(HOST, "nft", "list", "tables").stdout.splitlines())


@pytest.fixture
def host() -> Iterator[None]:
    """A host at 203.0.113.1 whose only neighbour, at 203.0.113.2, is also its way out."""
    for name in (HOST, WORLD):
        sh("ip", "netns", "add", name)
    try:
        sh("ip", "link", "add", "up0", "netns", HOST, "type", "veth", "peer", "name", "up0", "netns", WORLD)
        for name, address in ((HOST, "203.0.113.1/24"), (WORLD, "203.0.113.2/24")):
            on(name, "ip", "link", "set", "lo", "up")
            on(name, "ip", "addr", "add", address, "dev", "up0")
            on(name, "ip", "link", "set", "up0", "up")
        on(HOST, "ip", "route", "add", "default", "via", "203.0.113.2")
        yield
    finally:
        for name in (NODE, HOST, WORLD):
            sh("ip", "netns", "delete", name, check=False)


def reaches(namespace: str, address: str) -> bool:
    return on(namespace, "busybox", "ping", "-c1", "-W1", address, check=False).returncode == 0


RAISE = "network.raise_(plan); network.node_up(plan, 0)"


def test_a_node_reaches_the_world_under_the_hosts_name(host: None) -> None:
    on_host(RAISE, isolated=False)
    assert reaches(NODE, "203.0.113.2")
    assert reaches(HOST, "192.168.49.2")


def test_an_isolated_node_reaches_its_host_and_nothing_else(host: None) -> None:
    on_host(RAISE, isolated=True)
    assert reaches(NODE, "192.168.49.1")
    assert not reaches(NODE, "203.0.113.2")


def test_raising_twice_changes_nothing(host: None) -> None:
    on_host(RAISE, isolated=False)
    before = snapshot()
    on_host("network.raise_(plan)", isolated=False)
    assert snapshot() == before


def test_nothing_addressed_to_a_cluster_leaves_by_the_default_route(host: None) -> None:
    on_host(RAISE, isolated=False)
    assert "via 203.0.113.2" in on(HOST, "ip", "route", "get", "198.51.100.1").stdout
    for address in ("10.244.7.7", "10.96.0.10"):
        answer = on(HOST, "ip", "route", "get", address, check=False)
        assert (answer.returncode, answer.stderr) == (2, "RTNETLINK answers: No route to host\n")


def test_lowering_leaves_the_host_as_it_was(host: None) -> None:
    before = snapshot()
    on_host(RAISE, isolated=False)
    assert snapshot() != before
    on_host("network.lower(plan, 1)", isolated=False)
    assert snapshot() == before
