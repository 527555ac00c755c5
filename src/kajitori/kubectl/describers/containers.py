"""Containers of pods and pod templates: image, ports, command, state, resources, probes, environment, mounts.

May import: kubectl.describers, machinery.gotext.
"""

from __future__ import annotations

from dataclasses import dataclass

from kajitori.kubectl.describers.environment import Resolver, write_environment
from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.wire import Wire, amount, boolean, dig, join_host_port, moment, or_none, words
from kajitori.machinery.gotext import quote


@dataclass(frozen=True)
class Section:
    """A list of containers under a title. `indent` is set inside templates; `resolve` knows the pod's own fields."""

    title: str
    containers: list[Wire]
    statuses: list[Wire]
    indent: str = ""
    resolve: Resolver | None = None

    def write(self, page: Page) -> None:
        """Pairs each container with its status by name; none at all is told as such."""
        page.row(0, f"{self.indent}{self.title}:" + ("" if self.containers else " <none>"))
        known = {one.get("name"): one for one in self.statuses}
        for container in self.containers:
            page.row(1, f"{' ' if self.indent else ''}{container.get('name', '')}:")
            _container(page, container, known.get(container.get("name")), self.resolve)


def _container(page: Page, container: Wire, state: Wire | None, resolve: Resolver | None) -> None:
    _basics(page, container, state)
    _command(page, container)
    if state is not None:
        _state(page, state)
    write_resources(page, container.get("resources"), 2)
    for title, key in (("Liveness:", "livenessProbe"), ("Readiness:", "readinessProbe"), ("Startup:", "startupProbe")):
        if container.get(key) is not None:
            page.row(2, title, probe_text(container[key]))
    write_environment(page, container, resolve)
    _mounts(page, container)


def _basics(page: Page, container: Wire, state: Wire | None) -> None:
    if state is not None:
        page.row(2, "Container ID:", state.get("containerID") or "")
    page.row(2, "Image:", container.get("image") or "")
    if state is not None:
        page.row(2, "Image ID:", state.get("imageID") or "")
    ports = container.get("ports") or []
    _ports(page, "Port", [_port(one) for one in ports])
    _ports(page, "Host Port", [_host_port(one) for one in ports])
    write_seccomp(page, dig(container, "securityContext", "seccompProfile"), 2, 3)


def _port(port: Wire) -> str:
    return f"{port.get('containerPort', 0)}/{port.get('protocol', '')}" + _port_name(port)


def _host_port(port: Wire) -> str:
    return f"{port.get('hostPort') or 0}/{port.get('protocol', '')}" + _port_name(port)


def _port_name(port: Wire) -> str:
    return f" ({port['name']})" if port.get("name") else ""


def _ports(page: Page, title: str, texts: list[str]) -> None:
    text = ", ".join(texts)
    if "," in text:
        page.row(2, f"{title}s:", text)
    else:
        page.row(2, f"{title}:", or_none(text))


def write_seccomp(page: Page, profile: Wire | None, level: int, detail_level: int) -> None:
    """Nothing for None; `detail_level` is the indentation of a profile's path."""
    if profile is None:
        return
    page.row(level, "SeccompProfile:", profile.get("type", ""))
    if profile.get("type") == "Localhost":
        page.row(detail_level, "LocalhostProfile:", profile.get("localhostProfile", ""))


def _command(page: Page, container: Wire) -> None:
    for title, key in (("Command:", "command"), ("Args:", "args")):
        if container.get(key):
            page.row(2, title)
            for word in container[key]:
                for line in word.split("\n"):
                    page.row(3, line)


def _state(page: Page, state: Wire) -> None:
    _one_state(page, "State", state.get("state") or {})
    if dig(state, "lastState", "terminated") is not None:
        _one_state(page, "Last State", state["lastState"])
    page.row(2, "Ready:", boolean(state.get("ready")))
    page.row(2, "Restart Count:", state.get("restartCount") or 0)


def _one_state(page: Page, title: str, state: Wire) -> None:
    if state.get("running") is not None:
        page.row(2, f"{title}:", "Running")
        page.row(3, "Started:", moment(state["running"].get("startedAt")))
    elif state.get("terminated") is not None and state.get("waiting") is None:
        _terminated(page, title, state["terminated"])
    else:
        page.row(2, f"{title}:", "Waiting")
        if dig(state, "waiting", "reason"):
            page.row(3, "Reason:", state["waiting"]["reason"])


def _terminated(page: Page, title: str, ended: Wire) -> None:
    page.row(2, f"{title}:", "Terminated")
    if ended.get("reason"):
        page.row(3, "Reason:", ended["reason"])
    if ended.get("message"):
        page.row(3, "Message:", ended["message"])
    page.row(3, "Exit Code:", ended.get("exitCode") or 0)
    if ended.get("signal"):
        page.row(3, "Signal:", ended["signal"])
    page.row(3, "Started:", moment(ended.get("startedAt")))
    page.row(3, "Finished:", moment(ended.get("finishedAt")))


def write_resources(page: Page, resources: Wire | None, level: int) -> None:
    """Limits, then requests, by name; nothing where there are none."""
    for title, key in (("Limits:", "limits"), ("Requests:", "requests")):
        amounts = (resources or {}).get(key) or {}
        if amounts:
            page.row(level, title)
        for name in sorted(amounts):
            page.row(level + 1, f"{name}:", amount(amounts[name]))


def probe_text(probe: Wire) -> str:
    """One line, as upstream puts it: how it asks, then the five numbers."""
    numbers = [probe.get(key) or 0 for key in (
        "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"
    )]  # fmt: skip
    attributes = "delay={}s timeout={}s period={}s #success={} #failure={}".format(*numbers)
    if probe.get("exec") is not None:
        return f"exec {words(probe['exec'].get('command'))} {attributes}"
    if probe.get("httpGet") is not None:
        return f"http-get {_url(probe['httpGet'])} {attributes}"
    if probe.get("tcpSocket") is not None:
        socket = probe["tcpSocket"]
        return f"tcp-socket {socket.get('host') or ''}:{socket.get('port', '')} {attributes}"
    if probe.get("grpc") is not None:
        return f"grpc <pod>:{probe['grpc'].get('port', 0)} {probe['grpc'].get('service') or ''} {attributes}"
    return f"unknown {attributes}"


def _url(action: Wire) -> str:
    from urllib.parse import quote as escape

    host, port = action.get("host") or "", action.get("port", "")
    scheme = (action.get("scheme") or "").lower()
    where = join_host_port(host, port) if port != "" else host
    path = escape(action.get("path") or "", safe="/:@!$&'()*+,;=~-._[]")
    if path and not path.startswith("/"):
        path = "/" + path
    return (f"{scheme}:" if scheme else "") + f"//{where}{path}"


def _mounts(page: Page, container: Wire) -> None:
    mounts = container.get("volumeMounts") or []
    none = "" if mounts else "\t<none>"
    page.row(2, "Mounts:" + none)
    for mount in sorted(mounts, key=lambda one: one.get("mountPath", "")):
        flags = ["ro" if mount.get("readOnly") else "rw"]
        flags += [f"path={quote(mount['subPath'])}"] if mount.get("subPath") else []
        page.row(3, f"{mount.get('mountPath', '')} from {mount.get('name', '')} ({','.join(flags)})")
    devices = container.get("volumeDevices") or []
    if devices:
        page.row(2, "Devices:" + none)
        for device in sorted(devices, key=lambda one: one.get("devicePath", "")):
            page.row(3, f"{device.get('devicePath', '')} from {device.get('name', '')}")
