"""`/exec`, `/attach`, `/run`, `/portForward`: find the container or sandbox, ask the runtime, join the connections.

May import: client.streams, machinery, kubelet.{interfaces,pods,server}.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl

from kajitori.aiokit.http.message import HIJACKED, Answer, Request, Response
from kajitori.client.streams import websocket
from kajitori.client.streams.channels import Channel
from kajitori.kubelet.interfaces import ContainerRuntime, CRIError, ExecTimeout, PodProvider
from kajitori.kubelet.pods import spec_of
from kajitori.kubelet.server import streaming
from kajitori.kubelet.server.requests import MAX_BODY, BadRequest, is_set
from kajitori.machinery.gotext import quote

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod

RUN_TIMEOUT_S = 600.0


class Commands:
    """The handlers. They raise `BadRequest`, and answer `HIJACKED` for a connection that they have used up."""

    def __init__(self, runtime: ContainerRuntime, pods: PodProvider) -> None:
        self._runtime, self._pods = runtime, pods

    async def stream(
        self, request: Request, what: Literal["exec", "attach"], namespace: str, name: str, container: str
    ) -> Answer:
        """One exec or attach, over SPDY or WebSocket, until a side ends it.

        Raises `BadRequest` for no such Pod, no running container, no command or no upgrade.
        """
        wanted = channels_of(request)
        pod = self._pod(namespace, name)
        container_id = self._running(pod, container)
        spec = spec_of(pod, container)
        if what == "attach" and spec is not None and spec.tty and not streaming.wants_spdy(request):
            wanted[Channel.STDERR] = False  # a terminal has none: the runtime would wait for its end for ever
        flags = {
            "stdin": wanted[Channel.STDIN],
            "stdout": wanted[Channel.STDOUT],
            "stderr": wanted[Channel.STDERR],
            "tty": wanted[Channel.RESIZE],
        }
        command = request.query.getall("command")
        if what == "exec" and not command:
            raise BadRequest("you must specify at least one command for the container")
        try:
            if what == "exec":
                url = await self._runtime.exec_url(container_id, command, **flags)
            else:
                url = await self._runtime.attach_url(container_id, **flags)
        except CRIError as err:
            return Response.text(f"{err}\n", 500)
        return await _relayed(request, url, lambda: streaming.relay_command(request, url, wanted))

    async def run(self, request: Request, namespace: str, name: str, container: str) -> Response:
        """One command without streams; its output is the answer."""
        form = parse_qsl((await request.read(MAX_BODY)).decode("utf-8", "replace"))
        command = (request.query.get("cmd") or next((value for key, value in form if key == "cmd"), "")).split(" ")
        container_id = self._running(self._pod(namespace, name), container)
        try:
            result = await self._runtime.exec_sync(container_id, command, RUN_TIMEOUT_S)
        except (CRIError, ExecTimeout) as err:
            return Response.text(f"{err}\n", 500)
        if result.exit_code:
            output = (result.stdout + result.stderr).decode("utf-8", "replace")
            return Response.text(f"command {quote(' '.join(command))} exited with {result.exit_code}: {output}", 500)
        return Response(result.stdout + result.stderr, content_type="text/plain; charset=utf-8")

    async def port_forward(self, request: Request, namespace: str, name: str) -> Answer:
        """Joins the client to ports of the Pod's sandbox until a side ends it.

        WebSocket names the ports in the query, SPDY in each stream. Raises `BadRequest` for no such Pod and no upgrade.
        """
        pod = self._pod(namespace, name)
        sandbox = self._pods.sandbox_id(pod.metadata.uid or "")
        if sandbox is None:
            return Response.text(f"pod not found ({quote(f'{name}_{namespace}')})\n", 500)
        asked = request.query.getall("port") + request.query.getall("ports")
        ports = [int(port) for text in asked for port in text.split(",") if port.isdigit()]
        try:
            url = await self._runtime.port_forward_url(sandbox, ports)
        except CRIError as err:
            return Response.text(f"{err}\n", 500)
        return await _relayed(request, url, lambda: streaming.relay_port_forward(request, url, ports))

    def _pod(self, namespace: str, name: str) -> Pod:
        pod = self._pods.pod(namespace, name)
        if pod is None:
            raise BadRequest("pod does not exist", 404)
        return pod

    def _running(self, pod: Pod, container: str) -> str:
        found = self._pods.container(pod.metadata.uid or "", container)
        if found is None or found.state != "running":
            raise BadRequest(f"container not found ({quote(container)})", 500)
        return found.id


async def _relayed(request: Request, url: str, relay_websocket: Callable[[], Awaitable[None]]) -> Answer:
    """Join the client to the runtime's stream at `url`, in the protocol that the client asks for."""
    if streaming.wants_spdy(request):
        return await streaming.relay_spdy(request, url)
    if not websocket.is_upgrade(request.headers):
        raise BadRequest("unable to upgrade: unable to negotiate protocol, no upgrade was requested")
    await relay_websocket()
    return HIJACKED


def channels_of(request: Request) -> dict[Channel, bool]:
    """Which streams the client wants, by the kubelet's names or the API's. A terminal has no stderr of its own."""
    tty = is_set(request, "tty")
    wanted = {
        Channel.STDIN: is_set(request, "input", "stdin"),
        Channel.STDOUT: is_set(request, "output", "stdout"),
        Channel.STDERR: is_set(request, "error", "stderr") and not tty,
        Channel.RESIZE: tty,
    }
    if not (wanted[Channel.STDIN] or wanted[Channel.STDOUT] or wanted[Channel.STDERR]):
        raise BadRequest("you must specify at least 1 of stdin, stdout, stderr")
    return wanted
