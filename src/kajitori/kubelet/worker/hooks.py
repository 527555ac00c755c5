"""postStart and preStop: exec, httpGet and sleep handlers.

May import: aiokit; of the kubelet `interfaces`, `pods`, `worker.context`.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

from kajitori.machinery.gotext import quote

from ..interfaces import ContainerRuntime, CRIError, ExecTimeout

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container, HTTPGetAction, LifecycleHandler

MAX_ANSWER_BYTES = 10 * 1024


class HookFailed(Exception):
    """The handler did not succeed; the text says why."""


async def run_hook(
    handler: LifecycleHandler, container: Container, container_id: str, pod_ip: str, runtime: ContainerRuntime
) -> None:
    """Run it to its end; the caller sets the deadline. Raises `HookFailed`."""
    if handler.exec is not None:
        try:
            result = await runtime.exec_sync(container_id, handler.exec.command, 0)
        except (CRIError, ExecTimeout) as error:
            raise HookFailed(str(error)) from error
        if result.exit_code != 0:
            command = " ".join(handler.exec.command)
            output = (result.stdout + result.stderr).decode(errors="replace")
            raise HookFailed(
                f'Exec lifecycle hook ([{command}]) for Container "{container.name}" failed - '
                f"error: command '{command}' exited with {result.exit_code}: {output}, message: {quote(output)}"
            )
    elif handler.http_get is not None:
        await http_get(handler.http_get, container, pod_ip)
    elif handler.sleep is not None:
        await asyncio.sleep(float(handler.sleep.seconds or 0))
    else:  # tcpSocket is in the API and has never worked in hooks
        raise HookFailed("Cannot run handler: invalid handler")


def port_number(port: int | str, container: Container) -> int:
    """A port by number or by its name in the container."""
    if isinstance(port, int) or port.isdecimal():
        return int(port)
    for candidate in container.ports:
        if candidate.name == port:
            return int(candidate.container_port or 0)
    raise HookFailed(f"couldn't find port: {port} in container {container.name}")


async def http_get(action: HTTPGetAction, container: Container, pod_ip: str) -> None:
    """One GET; anything below 400 is success."""
    port = port_number(action.port or 0, container)
    host = action.host or pod_ip
    headers = {"Host": f"{host}:{port}", "User-Agent": "kube-lifecycle/1.34", "Accept": "*/*", "Connection": "close"}
    headers.update({h.name or "": h.value or "" for h in action.http_headers})
    path = action.path or "/"
    path = path if path.startswith("/") else f"/{path}"
    context = None
    if (action.scheme or "HTTP").upper() == "HTTPS":
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    head = f"GET {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n"
    try:
        reader, writer = await asyncio.open_connection(host, port, ssl=context)
        try:
            writer.write(head.encode())
            await writer.drain()
            status = (await reader.readline()).split()
            await reader.read(MAX_ANSWER_BYTES)
        finally:
            writer.close()
    except OSError as error:
        raise HookFailed(f'Http lifecycle hook ({path}) for Container "{container.name}" failed: {error}') from error
    if len(status) < 2 or not status[1].isdigit() or int(status[1]) >= 400:
        code = status[1].decode(errors="replace") if len(status) > 1 else "no answer"
        raise HookFailed(f'Http lifecycle hook ({path}) for Container "{container.name}" failed: status {code}')
