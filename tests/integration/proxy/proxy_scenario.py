"""Runs inside the node's namespace: an API server, a Service, and `kajitori proxy` as a process of its own.

Prints one line of JSON with what was seen; test_command.py judges it.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from kajitori.client.rest import Client
from kajitori.testing.controlplane import ControlPlane

PIECE = {
    "apiVersion": "discovery.k8s.io/v1",
    "kind": "EndpointSlice",
    "metadata": {"name": "web-1", "labels": {"kubernetes.io/service-name": "web"}},
    "addressType": "IPv4",
    "ports": [{"name": "", "port": 8080, "protocol": "TCP"}],
}
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web"},
    "spec": {
        "type": "NodePort",
        "clusterIP": "10.96.44.4",
        "ports": [{"port": 80, "targetPort": 8080, "nodePort": 30123}],
    },
}


def endpoints(*ips: str) -> list[dict[str, Any]]:
    return [{"addresses": [ip], "conditions": {"ready": True}} for ip in ips]


def answer() -> str:
    import socket

    try:
        with socket.create_connection(("10.96.44.4", 80), timeout=2) as sock:
            return sock.recv(100).decode().split()[0]
    except OSError as error:
        return type(error).__name__


def seconds_until(wanted: str) -> float:
    """Seconds until the Service answers as wanted."""
    started = time.monotonic()
    while (got := answer()) != wanted:
        if time.monotonic() - started > 20:
            raise SystemExit(f"wanted {wanted}, still {got}")
        time.sleep(0.01)
    return round(time.monotonic() - started, 3)


async def write(cp: ControlPlane, method: str, path: str, body: dict[str, Any]) -> None:
    async with Client(cp.rest_config) as client:
        await client.raw(method, path, body=body)


def main(mode: str) -> None:
    seen: dict[str, Any] = {}
    with ControlPlane() as cp:
        asyncio.run(write(cp, "POST", "/api/v1/namespaces/default/services", SERVICE))
        path = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
        asyncio.run(write(cp, "POST", path, {**PIECE, "endpoints": endpoints("10.77.1.2")}))
        argv = [sys.executable, "-m", "kajitori", "proxy", "--kubeconfig", str(cp.kubeconfig), "--hostname-override=n1"]
        proxy = subprocess.Popen([*argv, f"--proxy-mode={mode}", "--cluster-cidr=10.77.0.0/21"])
        try:
            seen["first"] = seconds_until("pod1")
            asyncio.run(write(cp, "PUT", f"{path}/web-1", {**PIECE, "endpoints": endpoints("10.77.2.2")}))
            seen["changed"] = seconds_until("pod2")
            asyncio.run(write(cp, "PUT", f"{path}/web-1", {**PIECE, "endpoints": []}))
            seen["refused"] = seconds_until("ConnectionRefusedError")
            with urllib.request.urlopen("http://127.0.0.1:10256/healthz", timeout=5) as response:
                seen["healthz"] = json.load(response)["nodeEligible"]
            with urllib.request.urlopen("http://127.0.0.1:10249/proxyMode", timeout=5) as response:
                seen["mode"] = response.read().decode()
            with Path(f"/proc/{proxy.pid}/smaps_rollup").open() as file:
                sizes = {line.split(":")[0]: line.split()[1] for line in file if line[:4] in ("Rss:", "Pss:")}
            seen["memory"] = sizes
            proxy.send_signal(signal.SIGTERM)
            seen["exit"] = proxy.wait(10)
        finally:
            proxy.kill()  # one that goes on would hold the pipe that the test reads
        seen["cleanup"] = subprocess.run([*argv, "--cleanup"]).returncode
        rules = subprocess.run(["nft", "list", "ruleset"], capture_output=True, text=True).stdout
        seen["left"] = [word for word in ("KUBE-", "kube-proxy") if word in rules]
    print(json.dumps(seen), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
