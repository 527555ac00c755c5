"""A node, two Pods and an outside client as network namespaces; servers in the Pods say who they are and who asked.

client 10.77.9.2 ── 10.77.9.1 node 10.77.1.1 ── pod1 10.77.1.2 (on the node)
                                   10.77.2.1 ── pod2 10.77.2.2 (stands for another node's Pod)
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence

import pytest
from tests.waiting import eventually

from kajitori.aiokit.process import run as run_command

SERVER = """
import socket, sys, threading
name = sys.argv[1]
t = socket.create_server(("0.0.0.0", 8080), backlog=64)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(("0.0.0.0", 8053))
def udp():
    while True:
        data, peer = u.recvfrom(512); u.sendto(f"{name} {peer[0]}".encode(), peer)
threading.Thread(target=udp, daemon=True).start()
print("ready", flush=True)
while True:
    c, peer = t.accept(); c.sendall(f"{name} {peer[0]}".encode()); c.close()
"""
CLIENT = """
import socket, sys
proto, host, port, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
for _ in range(count):
    try:
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if proto == "tcp" else socket.SOCK_DGRAM)
        s.settimeout(float(sys.argv[5])); s.connect((host, port))
        if proto == "udp": s.send(b"?")
        print(s.recv(100).decode())
    except ConnectionRefusedError: print("refused")
    except TimeoutError: print("timeout")
    finally: s.close()
"""


def sh(*argv: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, f"{' '.join(argv)}: {done.stderr}"
    return done.stdout


class Net:
    """The namespaces and how to use them."""

    node_ip = "10.77.9.1"
    pod1, pod2 = "10.77.1.2", "10.77.2.2"

    def __init__(self) -> None:
        self.prefix = f"netsched{os.getpid()}-"
        self.processes: list[subprocess.Popen[str]] = []

    def ns(self, name: str) -> str:
        return self.prefix + name

    def build(self) -> None:
        for name in ("node", "pod1", "pod2", "client"):
            sh("ip", "netns", "add", self.ns(name))
            sh("ip", "-n", self.ns(name), "link", "set", "lo", "up")
        for name, subnet in (("pod1", "10.77.1"), ("pod2", "10.77.2"), ("client", "10.77.9")):
            node, peer = self.ns("node"), self.ns(name)
            sh("ip", "-n", node, "link", "add", f"v-{name}", "type", "veth", "peer", "name", "eth0", "netns", peer)
            sh("ip", "-n", node, "addr", "add", f"{subnet}.1/24", "dev", f"v-{name}")
            sh("ip", "-n", node, "link", "set", f"v-{name}", "up")
            sh("ip", "-n", peer, "addr", "add", f"{subnet}.2/24", "dev", "eth0")
            sh("ip", "-n", peer, "link", "set", "eth0", "up")
            sh("ip", "-n", peer, "route", "add", "default", "via", f"{subnet}.1")
        # The way out leads nowhere; through the client's own link it would add ICMP redirects to what is tested.
        sh("ip", "-n", self.ns("node"), "link", "add", "out", "type", "bridge")
        sh("ip", "-n", self.ns("node"), "link", "set", "out", "up")
        sh("ip", "-n", self.ns("node"), "route", "add", "default", "dev", "out")
        settings = ("net.ipv4.ip_forward=1", "net.ipv4.conf.all.route_localnet=1")
        sh("ip", "netns", "exec", self.ns("node"), "sysctl", "-qw", *settings)
        for name in ("pod1", "pod2"):
            argv = ["ip", "netns", "exec", self.ns(name), sys.executable, "-S", "-c", SERVER, name]
            process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
            self.processes.append(process)
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"

    def destroy(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait(10)
            assert process.stdout is not None
            process.stdout.close()
        for name in ("node", "pod1", "pod2", "client"):
            subprocess.run(["ip", "netns", "del", self.ns(name)], capture_output=True)

    async def run(self, argv: Sequence[str], text: str = "") -> str:
        """As aiokit's `run`, inside the node."""
        return await run_command(["ip", "netns", "exec", self.ns("node"), *argv], text)

    def ask(
        self, who: str, host: str, port: int, *, count: int = 1, proto: str = "tcp", timeout_s: float = 2.0
    ) -> list[str]:
        """What connections from a namespace get: "pod1 <address it saw>", "refused" or "timeout"."""
        argv = ["ip", "netns", "exec", self.ns(who), sys.executable, "-S", "-c", CLIENT]
        return sh(*argv, proto, host, str(port), str(count), str(timeout_s)).split("\n")[:-1]


@pytest.fixture
def net() -> Iterator[Net]:
    if os.geteuid() != 0 or not shutil.which("ip"):
        pytest.skip("needs root and iproute2")
    built = Net()
    try:
        built.build()
        yield built
    finally:
        built.destroy()
        eventually(lambda: built.prefix not in sh("ip", "netns", "list"), "no namespace is left behind", 5)
