"""UDP has no goodbye: flows that the kernel still remembers must be forgotten when their endpoint goes or comes.

Pure: what changed between two states → ``conntrack -D`` command lines. May import: proxy.services.
"""

from collections.abc import Iterable, Sequence

from kajitori.proxy.services import ServicePort

Key = tuple[str, str, str, str]


def stale_flows(before: Iterable[ServicePort], after: Iterable[ServicePort]) -> list[list[str]]:
    """Commands that delete UDP flows to vanished endpoints, and those that bypassed a Service without endpoints."""
    commands: dict[tuple[str, ...], None] = {}
    new = {_key(port): port for port in after if port.protocol == "udp"}
    old = {_key(port): port for port in before if port.protocol == "udp"}
    for key, was in old.items():
        now = new.get(key)
        gone = _ips(was) - (_ips(now) if now else set())
        for ip in sorted(gone):
            for command in _to_endpoint(was, ip):
                commands[tuple(command)] = None
    for key, now in new.items():
        previous = old.get(key)
        if now.has_endpoints and not (previous and previous.has_endpoints):
            # Before there was an endpoint, packets went out untranslated; their flows would keep doing so.
            for command in _to_service(now):
                commands[tuple(command)] = None
    return [list(command) for command in commands]


def _key(port: ServicePort) -> Key:
    return port.namespace, port.name, port.port_name, port.protocol


def _ips(port: ServicePort) -> set[str]:
    return {endpoint.ip for endpoint in (*port.cluster_endpoints, *port.local_endpoints)}


def _addresses(port: ServicePort) -> Sequence[str]:
    return (port.cluster_ip, *port.external_ips, *port.load_balancer_ips)


def _to_endpoint(port: ServicePort, endpoint_ip: str) -> list[list[str]]:
    base = ["conntrack", "-D", "-p", "udp"]
    commands = [[*base, "--orig-dst", ip, "--dst-nat", endpoint_ip] for ip in _addresses(port)]
    if port.node_port:
        commands.append([*base, "--dport", str(port.node_port), "--dst-nat", endpoint_ip])
    return commands


def _to_service(port: ServicePort) -> list[list[str]]:
    base = ["conntrack", "-D", "-p", "udp"]
    commands = [[*base, "--orig-dst", ip] for ip in _addresses(port)]
    if port.node_port:
        commands.append([*base, "--dport", str(port.node_port)])
    return commands
