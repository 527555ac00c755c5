"""Which ports port-forward means: ``LOCAL:REMOTE`` words, port names, a service's ports mapped to its pod's.

Pure. May import: kubectl.flags.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kajitori.kubectl.flags import UsageError

Wire = dict[str, Any]


@dataclass(frozen=True)
class Forward:
    """A port here and one in the pod."""

    local: int  # 0: any that is free
    remote: int


def split(word: str) -> tuple[str, str]:
    """``8080:80`` → both; ``80`` → the same twice; ``:80`` → any local port."""
    parts = word.split(":")
    return (parts[0], parts[1]) if len(parts) == 2 else (parts[0], parts[0])


def parse(words: list[str]) -> list[Forward]:
    """Raises UsageError in upstream's words."""
    found = []
    for word in words:
        parts = word.split(":")
        if len(parts) > 2:
            raise UsageError(f"error: invalid port format '{word}'")
        local = parts[0] if len(parts) == 1 else parts[0] or "0"
        found.append(Forward(_number(local, "local"), _number(parts[-1], "remote")))
        if found[-1].remote == 0:
            raise UsageError("error: remote port must be > 0")
    return found


def _number(text: str, what: str) -> int:
    if text.isdigit() and int(text) < 65536:
        return int(text)
    why = "value out of range" if text.isdigit() else "invalid syntax"
    raise UsageError(f"error: error parsing {what} port '{text}': strconv.ParseUint: parsing \"{text}\": {why}")


def of_pod(words: list[str], pod: Wire) -> list[Forward]:
    """Names of container ports become numbers."""
    _refuse_udp(words, _pod_ports(pod), "containerPort", lambda name: _container_port(pod, name))
    resolved = []
    for word in words:
        local, remote = split(word)
        if not remote:
            raise UsageError("error: remote port cannot be empty")
        number = remote if remote.isdigit() else str(_container_port(pod, remote))
        resolved.append(number if local == remote else f"{local}:{number}")
    return parse(resolved)


def of_service(words: list[str], service: Wire, pod: Wire) -> list[Forward]:
    """Ports of the service become the ports of the pod that they lead to."""
    ports = (service.get("spec") or {}).get("ports") or []
    _refuse_udp(words, ports, "port", lambda name: _service_port(ports, name))
    resolved = []
    for word in words:
        local, remote = split(word)
        number = int(remote) if remote.isdigit() else _service_port(ports, remote)
        if local == remote:
            local = str(number)
        target = _target(service, pod, ports, number)
        resolved.append(str(target) if local == str(target) else f"{local}:{target}")
    return parse(resolved)


def _pod_ports(pod: Wire) -> list[Wire]:
    return [port for one in (pod.get("spec") or {}).get("containers") or () for port in one.get("ports") or ()]


def _container_port(pod: Wire, name: str) -> int:
    for port in _pod_ports(pod):
        if (port.get("name") or "") == name:
            return int(port["containerPort"])
    raise UsageError(f"error: Pod '{pod['metadata']['name']}' does not have a named port '{name}'")


def _service_port(ports: list[Wire], name: str) -> int:
    for port in ports:
        if (port.get("name") or "") == name:
            return int(port["port"])
    raise UsageError(f"error: Service does not have a named port '{name}'")


def _target(service: Wire, pod: Wire, ports: list[Wire], number: int) -> int:
    for port in ports:
        if port.get("port") != number:
            continue
        if (service.get("spec") or {}).get("clusterIP") == "None":
            return number
        target = port.get("targetPort")
        if isinstance(target, str):
            return _container_port(pod, target)
        return int(target or number)
    raise UsageError(f"error: Service {service['metadata']['name']} does not have a service port {number}")


def _refuse_udp(words: list[str], ports: list[Wire], key: str, resolve: Callable[[str], int]) -> None:
    def numbers(protocol: str) -> set[int]:
        return {port.get(key, 0) for port in ports if port.get("protocol", "TCP") == protocol}

    only_udp = numbers("UDP") - numbers("TCP")
    for word in words:
        remote = split(word)[1]
        if only_udp and (int(remote) if remote.isdigit() else resolve(remote)) in only_udp:
            raise UsageError(f"error: UDP protocol is not supported for {remote}")
