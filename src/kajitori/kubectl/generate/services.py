"""Services made from flags: ``create service …`` and what ``expose`` and ``run --expose`` send. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.generate.parsing import int_or_text

Wire = dict[str, Any]


def tcp_ports(specs: Sequence[str], node_port: int = 0) -> list[Wire]:
    """``80``, ``80:8080``, ``80:http`` as service ports named after the text."""
    return [_tcp_port(spec, node_port) for spec in specs]


def _tcp_port(spec: str, node_port: int) -> Wire:
    port, colon, target = spec.partition(":")
    if not port.isdigit():
        raise UsageError(f'error: strconv.Atoi: parsing "{port}": invalid syntax')
    shown: int | str = int_or_text(target) if colon else int(port)
    made: Wire = {"name": spec.replace(":", "-"), "protocol": "TCP", "port": int(port), "targetPort": shown}
    return made | ({"nodePort": node_port} if node_port else {})


def service(
    name: str,
    kind: str,
    ports: Sequence[Wire],
    *,
    cluster_ip: str = "",
    external_name: str = "",
) -> Wire:
    """A service that selects ``app=NAME``."""
    spec: Wire = {}
    if ports:
        spec["ports"] = list(ports)
    spec["selector"] = {"app": name}
    if cluster_ip:
        spec["clusterIP"] = cluster_ip
    spec["type"] = kind
    if external_name:
        spec["externalName"] = external_name
    return {
        "kind": "Service",
        "apiVersion": "v1",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": spec,
        "status": {"loadBalancer": {}},
    }
