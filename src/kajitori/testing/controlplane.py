"""ControlPlane: a complete API server in this process, on a free port, with admin credentials.

    with ControlPlane() as cp:            # its own thread and event loop
        subprocess.run(["kubectl", "--kubeconfig", cp.kubeconfig, "get", "ns"])
    async with ControlPlane() as cp: …     # in the running loop

It is the real server (TLS, authentication, RBAC, admission); only the store is in memory unless `storage="sqlite"`.
May import: apiserver, storage, client (RestConfig).
"""

import asyncio
import secrets
import shutil
import socket
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from kajitori.apiserver.config import ServerConfig

if TYPE_CHECKING:
    from kajitori.apiserver.server import APIServer
    from kajitori.client.config import RestConfig

START_TIMEOUT_S = 30.0


class ControlPlane:
    """One server for one test or session. `options` are fields of ServerConfig (upstream's flag names)."""

    def __init__(self, *, storage: str = "memory", data_dir: Path | None = None, **options: Any) -> None:
        self._own_dir = data_dir is None
        self.data_dir = data_dir or Path(tempfile.mkdtemp(prefix="kajitori-testing-"))
        self.admin_token = secrets.token_urlsafe(24)
        self._config = ServerConfig(
            data_dir=self.data_dir,
            storage_backend=storage,
            **{
                "bind_address": "127.0.0.1",
                "secure_port": 0,
                "shutdown_linger_s": 0.0,
                "admin_token": self.admin_token,
                **options,
            },
        )
        self.server: APIServer  # from the start on
        self.port = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._task: asyncio.Task[None] | None = None
        self._main: asyncio.Task[None] | None = None
        self._failure: BaseException | None = None

    # what a test uses

    @property
    def url(self) -> str:
        """https://127.0.0.1:PORT"""
        return f"https://127.0.0.1:{self.port}"

    @property
    def kubeconfig(self) -> Path:
        """A kubeconfig file with cluster-admin rights."""
        return self.data_dir / "admin.kubeconfig"

    @property
    def ca_file(self) -> Path:
        """The certificate authority of the server."""
        return self.data_dir / "pki" / "ca.crt"

    @property
    def rest_config(self) -> "RestConfig":
        """The same for `kajitori.client`."""
        from kajitori.client.config import RestConfig

        return RestConfig(server=self.url, ca_data=self.ca_file.read_bytes(), token=self.admin_token)

    # life, in a running loop

    async def __aenter__(self) -> Self:
        ready: asyncio.Event = asyncio.Event()
        self._task = asyncio.ensure_future(self._serve(ready))
        waiting = asyncio.ensure_future(ready.wait())
        await asyncio.wait((self._task, waiting), timeout=START_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
        if not ready.is_set():
            waiting.cancel()
            self._task.cancel()
            await self._task
            raise TimeoutError("the API server did not become ready")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait((self._task,))
        self._clean()

    async def _serve(self, ready: asyncio.Event) -> None:
        from kajitori.apiserver.pki import complete
        from kajitori.apiserver.server import APIServer
        from kajitori.storage.opening import open_for

        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setblocking(False)
        sock.bind((self._config.bind_address, self._config.secure_port))
        self.port = sock.getsockname()[1]
        config, _ = complete(replace(self._config, secure_port=self.port))
        store = await open_for(config)
        try:
            self.server = APIServer(config, store)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._announce(ready))
                await self.server.run(sock)
        finally:
            await store.close()

    async def _announce(self, ready: asyncio.Event) -> None:
        await self.server.ready()
        ready.set()

    # life, from code that is not asynchronous

    def __enter__(self) -> Self:
        started = threading.Event()
        self._thread = threading.Thread(
            target=self._run_thread, args=(started,), name="kajitori-apiserver", daemon=True
        )
        self._thread.start()
        if not started.wait(START_TIMEOUT_S) or self._failure is not None:
            raise RuntimeError("the API server did not start") from self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._loop is not None
        assert self._thread is not None
        if self._main is not None:
            self._loop.call_soon_threadsafe(self._main.cancel)
        self._thread.join()
        self._clean()

    def _run_thread(self, started: threading.Event) -> None:
        import uvloop

        async def main() -> None:
            ready: asyncio.Event = asyncio.Event()
            self._loop = asyncio.get_running_loop()
            self._main = asyncio.current_task()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._serve(ready))
                await ready.wait()
                started.set()

        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(main())
        except asyncio.CancelledError:
            pass
        except BaseException as error:  # noqa: BLE001 (handed to the thread that waits)
            self._failure = error
        finally:
            started.set()

    def _clean(self) -> None:
        if self._own_dir:
            shutil.rmtree(self.data_dir, ignore_errors=True)
