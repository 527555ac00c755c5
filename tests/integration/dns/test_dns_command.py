"""`kajitori dns` as a process, against a real API server."""

import asyncio
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import dnslib
import pytest
from tests.waiting import until

from kajitori.client.rest import Client
from kajitori.testing.controlplane import ControlPlane
from kajitori.testing.ports import free_port

pytestmark = pytest.mark.integration


def ask(port: int, name: str) -> list[str]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        sock.connect(("127.0.0.1", port))
        sock.send(dnslib.DNSRecord.question(name).pack())
        return [str(rr.rdata) for rr in dnslib.DNSRecord.parse(sock.recv(4096)).rr]


def fetch(port: int, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
            return str(response.read().decode())
    except (urllib.error.URLError, ConnectionError) as error:
        return type(error).__name__


def test_services_of_an_api_server_have_names_as_soon_as_they_exist(tmp_path: Path) -> None:
    port, health, ready, metrics = (free_port() for _ in range(4))
    (tmp_path / "Corefile").write_text(
        f".:{port} {{\n errors\n health :{health}\n ready :{ready}\n prometheus :{metrics}\n"
        " kubernetes cluster.local in-addr.arpa {\n  pods insecure\n }\n cache 30\n loop\n reload\n}\n"
    )

    async def scenario(cp: ControlPlane) -> None:
        await until(lambda: asyncio.to_thread(fetch, ready, "/ready"), "it is ready", holds=lambda told: told == "OK")
        assert await asyncio.to_thread(fetch, health, "/health") == "OK"
        name = "web.default.svc.cluster.local"

        async def addresses() -> list[str]:
            return await asyncio.to_thread(ask, port, name)

        assert await addresses() == []
        async with Client(cp.rest_config) as client:
            spec = {"clusterIP": "10.96.5.5", "ports": [{"port": 80}]}
            body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": spec}
            await client.raw("POST", "/api/v1/namespaces/default/services", body=body)
            await until(addresses, "the name is there", holds=lambda told: told == ["10.96.5.5"])
            await client.raw("DELETE", "/api/v1/namespaces/default/services/web")
            await until(addresses, "the name is gone", holds=lambda told: told == [])
        text = await asyncio.to_thread(fetch, metrics, "/metrics")
        assert 'coredns_dns_requests_total{proto="udp",server="dns://' in text

    with ControlPlane() as cp:
        argv = [sys.executable, "-m", "kajitori", "dns", "-conf", str(tmp_path / "Corefile")]
        process = subprocess.Popen([*argv, "--kubeconfig", str(cp.kubeconfig), "--bind-address=127.0.0.1"])
        try:
            asyncio.run(scenario(cp))
        finally:
            process.terminate()
            assert process.wait(10) == 0
