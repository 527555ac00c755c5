"""One check of one container: exec, httpGet, tcpSocket, grpc. Says healthy or not, and why in Kubernetes' words.

A check raises only `CheckError`, when it could not be made at all; everything the container does wrong is an `Outcome`.
HTTP is spoken here in a few lines: a GET of a status line needs no client. May import: kubelet.interfaces.
"""

from __future__ import annotations

import asyncio
import errno
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from kajitori.kubelet.interfaces import ContainerRuntime, CRIError, ExecTimeout
from kajitori.machinery.gotext import quote
from kajitori.machinery.times import format_go_duration

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container, Probe

MAX_OUTPUT = 10 * 1024
MAX_REDIRECTS = 10
USER_AGENT = "kube-probe/1.34"


class CheckError(Exception):
    """The check itself failed: no such port, the runtime does not answer."""


@dataclass(frozen=True)
class Outcome:
    """What a check found. `message` is the event's text; `warning`: well, with a doubt (a redirect to elsewhere)."""

    ok: bool
    message: str = ""
    warning: bool = False


@dataclass(frozen=True)
class Target:
    """What a probe looks at."""

    container: Container
    container_id: str
    pod_ip: str


async def check(probe: Probe, target: Target, runtime: ContainerRuntime) -> Outcome:
    """Asks by the handler that the probe names; without timeoutSeconds for one second. Raises `CheckError`."""
    timeout_s = float(probe.timeout_seconds or 1)
    if probe.exec is not None:
        return await check_exec(probe.exec.command, target, runtime, timeout_s)
    if probe.http_get is not None:
        return await check_http(probe.http_get, target, timeout_s)
    if probe.tcp_socket is not None:
        host = probe.tcp_socket.host or target.pod_ip
        return await check_tcp(host, port_number(probe.tcp_socket.port, target.container), timeout_s)
    if probe.grpc is not None:
        return await check_grpc(target.pod_ip, int(probe.grpc.port or 0), probe.grpc.service or "", timeout_s)
    raise CheckError(f"missing probe handler for {target.container.name}")


def port_number(port: int | str | None, container: Container) -> int:
    """A probe's port: a number, or the name of one of the container's ports."""
    if isinstance(port, str) and not port.isdigit():
        named = next((p.container_port for p in container.ports if p.name == port), None)
        if named is None:
            raise CheckError(f"couldn't find port: {quote(port)} in container {container.name}")
        port = named
    number = int(port or 0)
    if not 0 < number < 65536:
        raise CheckError(f"invalid port number: {number}")
    return number


async def check_exec(command: Sequence[str], target: Target, runtime: ContainerRuntime, timeout_s: float) -> Outcome:
    """Well if the command exits with 0; the message is its output, stdout first, at most `MAX_OUTPUT` bytes."""
    try:
        result = await runtime.exec_sync(target.container_id, command, timeout_s)
    except ExecTimeout:
        return Outcome(
            False, f"command timed out: {quote(' '.join(command))} timed out after {format_go_duration(timeout_s)}"
        )
    except CRIError as err:
        raise CheckError(str(err)) from err
    output = (result.stdout + result.stderr)[:MAX_OUTPUT].decode("utf-8", "replace")
    return Outcome(result.exit_code == 0, output)


async def check_tcp(host: str, port: int, timeout_s: float) -> Outcome:
    """Well if a connection can be opened; it is closed at once, without a byte."""
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return Outcome(False, f"dial tcp {_address(host, port)}: i/o timeout")
    except OSError as err:
        return Outcome(False, dial_error(host, port, err))
    writer.close()
    return Outcome(True)


@dataclass
class _Answer:
    status: int
    headers: dict[str, str] = field(default_factory=dict)


async def check_http(action: Any, target: Target, timeout_s: float) -> Outcome:
    """Well for 200 to 399; certificates are not verified, redirects are followed on the same host only.

    A header that the Pod gives replaces ours, and an empty Accept or User-Agent leaves it out, as upstream.
    """
    scheme = (action.scheme or "HTTP").lower()
    host, port = action.host or target.pod_ip, port_number(action.port, target.container)
    path = action.path or "/"
    url = f"{scheme}://{_address(host, port)}{path if path.startswith('/') else '/' + path}"
    headers = {"User-Agent": USER_AGENT, "Accept": "*/*"}
    for header in action.http_headers:
        name, value = header.name or "", header.value or ""
        existing = next((known for known in headers if known.lower() == name.lower()), None)
        headers.pop(existing, None) if existing else None
        if value or name.lower() not in ("accept", "user-agent"):
            headers[name] = value
    try:
        async with asyncio.timeout(timeout_s):
            return await _follow(url, headers)
    except TimeoutError:
        why = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        return Outcome(False, f'Get "{url}": {why}')


async def _follow(url: str, headers: Mapping[str, str]) -> Outcome:
    first = url
    for _ in range(MAX_REDIRECTS):
        try:
            answer = await _get(url, headers)
        except (OSError, asyncio.IncompleteReadError, ValueError) as err:
            return Outcome(False, f'Get "{url}": {_http_error(url, err)}')
        location = answer.headers.get("location")
        if answer.status in (301, 302, 303, 307, 308) and location:
            onward = urljoin(url, location)
            if urlsplit(onward).hostname != urlsplit(first).hostname:
                return Outcome(True, "Probe terminated redirects, Response body: ", warning=True)
            url = onward
            continue
        if 200 <= answer.status < 400:
            return Outcome(True)
        return Outcome(False, f"HTTP probe failed with statuscode: {answer.status}")
    return Outcome(False, f'Get "{url}": stopped after {MAX_REDIRECTS} redirects')


async def _get(url: str, headers: Mapping[str, str]) -> _Answer:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=_unverified() if secure else None)
    try:
        host = next((value for name, value in headers.items() if name.lower() == "host"), parts.netloc)
        rest = [f"{name}: {value}" for name, value in headers.items() if name.lower() != "host"]
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        head = [f"GET {target} HTTP/1.1", f"Host: {host}", *rest, "Connection: close"]
        writer.write(("\r\n".join(head) + "\r\n\r\n").encode("utf-8"))
        while (answer := _parse(await reader.readuntil(b"\r\n\r\n"))).status < 200:
            pass  # an interim answer: the real one follows
        return answer
    except asyncio.LimitOverrunError as err:
        raise ValueError("server response headers exceeded 65536 bytes") from err
    finally:
        writer.close()


def _parse(head: bytes) -> _Answer:
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/") or not words[1].isdigit():
        raise ValueError(f"malformed HTTP response {quote(first[:64])}")
    pairs = (line.partition(":") for line in lines if ":" in line)
    return _Answer(int(words[1]), {name.strip().lower(): value.strip() for name, _, value in pairs})


@cache
def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def check_grpc(host: str, port: int, service: str, timeout_s: float) -> Outcome:
    """grpc.health.v1.Health/Check, whose two messages are one field each: written here as bytes."""
    from kajitori.kubelet.probes.health import health_status

    address, limit = _address(host, port), format_go_duration(timeout_s)
    try:
        async with asyncio.timeout(timeout_s):
            status = await health_status(host, port, service)
    except TimeoutError:
        return Outcome(False, f"timeout: health rpc did not complete within {limit}")
    except OSError:
        return Outcome(
            False, f"timeout: failed to connect service {quote(address)} within {limit}: context deadline exceeded"
        )
    except CRIError as err:
        if err.code == "Unimplemented":
            return Outcome(
                False, f"this server does not implement the grpc health protocol (grpc.health.v1.Health): {err.detail}"
            )
        return Outcome(False, f"error: health rpc probe failed: {err}")
    if status == "SERVING":
        return Outcome(True)
    return Outcome(False, f'service unhealthy (responded with "{status}")')


def dial_error(host: str, port: int, err: OSError) -> str:
    """Go's words for a connection that failed."""
    return f"dial tcp {_address(host, port)}: connect: {_errno_words(err)}"


def _http_error(url: str, err: Exception) -> str:
    parts = urlsplit(url)
    if isinstance(err, asyncio.IncompleteReadError):
        return "EOF"
    if isinstance(err, ConnectionResetError):
        return "read: connection reset by peer"
    if isinstance(err, ssl.SSLError):
        return "http: server gave HTTP response to HTTPS client" if "WRONG_VERSION" in str(err) else str(err)
    if isinstance(err, OSError):
        return dial_error(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80), err)
    return str(err)


def _errno_words(err: OSError) -> str:
    words = {
        errno.ECONNREFUSED: "connection refused",
        errno.EHOSTUNREACH: "no route to host",
        errno.ENETUNREACH: "network is unreachable",
        errno.ECONNRESET: "connection reset by peer",
    }
    return words.get(err.errno or 0, (err.strerror or str(err)).lower())


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
