"""A KubeletServer with a fake node behind it: Pods that the test writes down, and a runtime whose streaming server is
our own SPDY session running `program(streams)`."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from pathlib import Path

from kajitori.api import schema
from kajitori.api.core.v1 import Pod
from kajitori.client.config import RestConfig
from kajitori.client.rest import Client
from kajitori.client.streams.spdy import Session
from kajitori.kubelet.interfaces import ContainerUsage, ExecResult, RunningContainer, ServerConfig
from kajitori.kubelet.server import KubeletServer
from kajitori.machinery.certificates import issue, new_ca


class Pods:
    def __init__(self):
        self.known, self.running = {}, {}

    def add(self, name, container=None, *, status=None, **running):
        wire = {
            "metadata": {"name": name, "namespace": "ns", "uid": f"uid-{name}"},
            "spec": {"containers": [{"name": "c"}]},
            "status": status or {},
        }
        self.known["ns", name] = schema.from_wire(Pod, wire)
        if container:
            self.running[f"uid-{name}", "c"] = RunningContainer(
                "c", container, running.pop("state", "running"), **running
            )

    def pods(self):
        return list(self.known.values())

    def pod(self, namespace, name):
        return self.known.get((namespace, name))

    def container(self, uid, name):
        return self.running.get((uid, name))

    def containers(self, uid):
        return [container for (owner, _), container in self.running.items() if owner == uid]

    def sandbox_id(self, uid):
        return f"sandbox-{uid}" if self.containers(uid) else None


class Runtime:
    """`program(streams: dict[str, Stream])` is what every exec, attach and port-forward runs; it returns the Status."""

    def __init__(self):
        self.program, self.asked, self.url = None, [], ""
        self.expected = 2

    async def exec_sync(self, container_id, command, timeout_s):
        return ExecResult(0, b"ran " + " ".join(command).encode())

    async def exec_url(self, container_id, command, **flags):
        self.asked.append((container_id, list(command), flags))
        self.expected = 1 + flags["stdin"] + flags["stdout"] + flags["stderr"] + flags["tty"]
        return self.url

    async def attach_url(self, container_id, **flags):
        return await self.exec_url(container_id, [], **flags)

    async def port_forward_url(self, sandbox_id, ports):
        self.asked.append((sandbox_id, list(ports)))
        self.expected = 2
        return self.url

    async def container_usage(self):
        return {"id1": ContainerUsage("c", 5_000_000_000, 2_500_000_000, 1024, started_at_ns=1_000_000_000)}

    async def image_fs_usage(self):
        return "/", 10, 1

    async def serve(self, reader, writer):
        """One connection of the streaming server, as containerd's behaves: all streams reset when it is over."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        if "upgrade: spdy/3.1" not in head:
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
            writer.close()
            return
        chosen = head.partition("x-stream-protocol-version: ")[2].partition("\r\n")[0]
        answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n"
        writer.write(f"{answer}X-Stream-Protocol-Version: {chosen}\r\n\r\n".encode())
        session = Session(reader, writer, server=True)
        running = asyncio.ensure_future(session.run())
        try:
            streams = {}
            for _ in range(self.expected):
                stream = await session.accept()
                if stream is None:
                    return
                await stream.reply()
                streams[stream.headers["streamtype"]] = stream
            status = await self.program(streams)
            if status is not None:
                await streams["error"].write(json.dumps(status).encode())
            for stream in streams.values():
                await stream.reset()
        except ConnectionError:
            return
        finally:
            await session.close()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


class Api:
    """Answers the kubelet's reviews; counts them."""

    def __init__(self, allowed=lambda spec: True, tokens=None):
        self.allowed, self.tokens, self.asked = allowed, tokens or {}, []

    async def raw(self, method, path, *, body):
        self.asked.append((path.rpartition("/")[2], body["spec"]))
        if path.endswith("tokenreviews"):
            user = self.tokens.get(body["spec"]["token"])
            status = {"authenticated": user is not None, "user": user}
        else:
            status = {"allowed": self.allowed(body["spec"])}

        class Answer:
            body = json.dumps({"status": status}).encode()

        return Answer


class Bed:
    def __init__(self, folder: Path, server: KubeletServer, runtime, pods, api, ca):
        self.folder, self.server, self.runtime, self.pods, self.api, self.ca = folder, server, runtime, pods, api, ca

    def client(self, name="admin", groups=("system:masters",), *, token="", anonymous=False):
        config = {"server": f"https://127.0.0.1:{self.server.port}", "insecure": True}
        if token:
            config["token"] = token
        elif not anonymous:
            pair = issue(self.ca, name, organizations=groups)
            config |= {"client_cert_data": pair.cert_pem, "client_key_data": pair.key_pem}
        return Client(RestConfig(**config))


@asynccontextmanager
async def kubelet_server(folder, *, api=None, **options):
    ca = new_ca("test-ca")
    pair = issue(ca, "node", sans=("127.0.0.1",), usages=("server",))
    for name, data in (("ca.crt", ca.cert_pem), ("tls.crt", pair.cert_pem), ("tls.key", pair.key_pem)):
        (folder / name).write_bytes(data)
    runtime, pods, api = Runtime(), Pods(), api or Api()
    streaming = await asyncio.start_server(runtime.serve, "127.0.0.1", 0)
    runtime.url = f"http://127.0.0.1:{streaming.sockets[0].getsockname()[1]}/exec/token"
    options.setdefault("healthz_port", 0)
    config = ServerConfig(
        address="127.0.0.1", port=0, tls_cert_file=str(folder / "tls.crt"),
        tls_private_key_file=str(folder / "tls.key"), client_ca_file=str(folder / "ca.crt"), **options,
    )  # fmt: skip
    server = KubeletServer(config, runtime, pods, client=api, node_name="node-1")
    running = asyncio.ensure_future(server.run())
    try:
        await asyncio.wait_for(server.ready(), 5)
        yield Bed(folder, server, runtime, pods, api, ca)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        streaming.close()
