"""Secrets under the key of a plugin that is a process of its own: written, rotated, read after a restart, reloaded."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.integration.apiserver.serverprocess import get, send
from tests.waiting import until

from kajitori.apiserver.encryption import store as stores
from kajitori.apiserver.encryption.configuration import load
from kajitori.client.raw import RawClient
from kajitori.machinery.errors import StatusError
from kajitori.testing import ControlPlane

pytestmark = pytest.mark.integration
SECRETS = "/api/v1/namespaces/default/secrets"
WORD = "swordfish-with-a-long-tail"
AESGCM = {"aesgcm": {"keys": [{"name": "local", "secret": base64.b64encode(b"k" * 32).decode()}]}}


class Vault:
    """The plugin's process, and what it is told."""

    def __init__(self, directory: Path) -> None:
        self.socket, self.control, self.log = (directory / name for name in ("kms.sock", "kms.json", "kms.log"))
        self.provider = {
            "kms": {"apiVersion": "v2", "name": "vault", "endpoint": f"unix://{self.socket}", "timeout": "3s"}
        }
        self.say("key-1")
        script = Path(__file__).parent / "kmsplugin.py"
        command = [sys.executable, str(script), str(self.socket), str(self.control), str(self.log)]
        self.process = subprocess.Popen(command)

    def say(self, key_id: str, healthz: str = "ok") -> None:
        fresh = self.control.with_suffix(".new")
        fresh.write_text(json.dumps({"key_id": key_id, "healthz": healthz}))
        fresh.replace(self.control)

    def calls(self, what: str) -> int:
        return sum(line.startswith(what) for line in self.log.read_text().splitlines())

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def vault(tmp_path: Path) -> Any:
    found = Vault(tmp_path)
    yield found
    found.end()


def write(path: Path, *providers: Any) -> str:
    resources = [{"resources": ["secrets"], "providers": list(providers)}]
    document = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "EncryptionConfiguration", "resources": resources}
    path.write_text(yaml.safe_dump(document))
    return str(path)


@asynccontextmanager
async def serving(directory: Path, *providers: Any) -> AsyncIterator[tuple[ControlPlane, RawClient]]:
    path = write(directory / "encryption.yaml", *providers)
    more: dict[str, Any] = {"encryption_provider_config_automatic_reload": True}
    async with ControlPlane(
        storage="sqlite", data_dir=directory / "data", encryption_provider_config=path, **more
    ) as server:
        client = RawClient(server.rest_config)
        try:
            yield server, client
        finally:
            await client.close()


def stored(directory: Path) -> bytes:
    paths = (directory / "data").rglob("store*")
    return b"".join(path.read_bytes() for path in paths if path.is_file())


async def ask(server: ControlPlane) -> None:
    """The server asks its plugins now rather than in twenty seconds."""
    sealed = server.server._sealed
    assert sealed is not None
    for entry in sealed._entries:
        for provider in entry.providers:
            if isinstance(provider, stores.Remote):
                await provider.check()


async def well(client: RawClient) -> bool:
    try:
        return (await client.raw("GET", "/readyz/kms-providers")).status == 200
    except StatusError:
        return False


def test_secrets_are_the_plugins_to_open(tmp_path: Path, vault: Vault) -> None:
    secret = {"metadata": {"name": "token"}, "stringData": {"word": WORD}}
    encoded = base64.b64encode(WORD.encode()).decode()

    async def scenario() -> None:
        async with serving(tmp_path, vault.provider, {"identity": {}}) as (server, client):
            await send(client, "POST", SECRETS, secret)
            raw = stored(tmp_path)
            assert b"k8s:enc:kms:v2:vault:" in raw and b"key-1" in raw and b"made.by.test" in raw
            assert encoded.encode() not in raw
            assert await well(client)
            before = await get(client, f"{SECRETS}/token")
            assert (await send(client, "PUT", f"{SECRETS}/token", before)) == before, "nothing to write"
            vault.say("key-2")
            await ask(server)
            after = await send(client, "PUT", f"{SECRETS}/token", before)
            assert after["metadata"]["resourceVersion"] != before["metadata"]["resourceVersion"], "written anew"
            assert b"key-2" in stored(tmp_path)
            await send(client, "POST", SECRETS, {**secret, "metadata": {"name": "other"}})
            vault.say("key-2", "sealed")
            await ask(server)
            assert not await well(client)
            vault.say("key-2")
            await ask(server)
            assert await well(client)
            assert vault.calls("decrypt") == 0
        async with serving(tmp_path, vault.provider) as (_, client):
            assert (await get(client, f"{SECRETS}/token"))["data"]["word"] == encoded
            assert vault.calls("decrypt key-2") == 1, "once for all that it wrote with one seed"

    asyncio.run(scenario())


def test_a_changed_configuration_brings_the_plugin_in_and_takes_it_out(tmp_path: Path, vault: Vault) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, AESGCM, {"identity": {}}) as (server, client):
            assert await well(client)
            await send(client, "POST", SECRETS, {"metadata": {"name": "token"}, "stringData": {"word": WORD}})
            sealed = server.server._sealed
            assert sealed is not None
            for providers, prefix in (
                ((vault.provider, AESGCM, {"identity": {}}), b"k8s:enc:kms:v2:vault:"),
                ((AESGCM, vault.provider), b"k8s:enc:aesgcm:v1:local:"),
            ):
                old = await get(client, f"{SECRETS}/token")
                await sealed.adopt(load(write(tmp_path / "encryption.yaml", *providers)))
                new = await send(client, "PUT", f"{SECRETS}/token", old)
                assert old["metadata"]["resourceVersion"] != new["metadata"]["resourceVersion"]
                assert prefix in stored(tmp_path)
                assert (await get(client, f"{SECRETS}/token"))["data"] == old["data"]

    asyncio.run(scenario())


def test_a_plugin_that_is_gone_is_told_and_old_values_are_still_there(tmp_path: Path, vault: Vault) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, vault.provider) as (server, client):
            await send(client, "POST", SECRETS, {"metadata": {"name": "token"}, "stringData": {"word": WORD}})
            vault.end()
            await ask(server)
            assert not await well(client)
            assert (await get(client, f"{SECRETS}/token"))["metadata"]["name"] == "token"
            await send(client, "POST", SECRETS, {"metadata": {"name": "within-three-minutes"}})

    asyncio.run(scenario())


def test_a_server_waits_for_its_plugin(tmp_path: Path, vault: Vault) -> None:
    async def scenario() -> None:
        vault.say("key-1", "starting")
        asyncio.get_running_loop().call_later(0.5, vault.say, "key-1")
        async with serving(tmp_path, vault.provider) as (_, client):
            await until(lambda: well(client), "the plugin is well", 5)
            await send(client, "POST", SECRETS, {"metadata": {"name": "token"}, "stringData": {"word": WORD}})
        assert b"k8s:enc:kms:v2:vault:" in stored(tmp_path)

    asyncio.run(scenario())
