"""`kajitori snapshot`: from a running server to a file, and from the file to a new server on another engine."""

import asyncio
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from tests.integration.apiserver.serverprocess import CONFIG_MAPS, ServerProcess, config_map, get, send

from kajitori.testing.etcd import Etcd, available

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
KAJITORI = str(Path(sys.executable).parent / "kajitori")


def snapshot(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([KAJITORI, "snapshot", *arguments], capture_output=True, text=True, timeout=60)


async def state(server: ServerProcess) -> dict[str, str]:
    client = server.client()
    try:
        items = (await get(client, CONFIG_MAPS))["items"]
        return {item["metadata"]["name"]: item["metadata"]["uid"] for item in items}
    finally:
        await client.close()


async def filled(server: ServerProcess) -> None:
    client = server.client()
    try:
        for number in range(20):
            await send(client, "POST", CONFIG_MAPS, config_map(f"m{number}"))
    finally:
        await client.close()


def test_a_running_cluster_is_saved_and_comes_back_in_a_new_data_directory(tmp_path):
    file = tmp_path / "cluster.snap"

    async def before() -> dict[str, str]:
        server = await ServerProcess(tmp_path / "one").start()
        try:
            await filled(server)
            kubeconfig = tmp_path / "one/data/admin.kubeconfig"
            done = await asyncio.to_thread(snapshot, "save", str(file), f"--kubeconfig={kubeconfig}")
            assert done.returncode == 0, done.stderr
            return await state(server)
        finally:
            server.stop()

    saved = asyncio.run(before())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = snapshot("save", str(tmp_path / "stopped.snap"), "--data-dir", str(tmp_path / "one/data"))
    assert again.returncode == 0, again.stderr
    done = snapshot("restore", str(file), f"--data-dir={tmp_path / 'two/data'}")
    assert done.returncode == 0 and "Restored" in done.stdout, done.stderr
    assert snapshot("restore", str(file), f"--data-dir={tmp_path / 'two/data'}").returncode == 1, "it is not empty now"

    async def after() -> dict[str, str]:
        server = await ServerProcess(tmp_path / "two").start()
        try:
            return await state(server)
        finally:
            server.stop()

    assert asyncio.run(after()) == saved


@pytest.mark.skipif(not available(), reason="no etcd")
def test_a_cluster_moves_from_sqlite_to_etcd(tmp_path):
    async def move() -> None:
        server = await ServerProcess(tmp_path / "one").start()
        await filled(server)
        saved = await state(server)
        assert server.stop() == 0
        file = str(tmp_path / "cluster.snap")
        done = await asyncio.to_thread(snapshot, "save", file, f"--data-dir={tmp_path / 'one/data'}")
        assert done.returncode == 0, done.stderr
        with Etcd(tmp_path) as etcd:
            done = await asyncio.to_thread(snapshot, "restore", file, f"--etcd-servers={etcd.url}")
            assert done.returncode == 0, done.stderr
            moved = await ServerProcess(tmp_path / "two", f"--etcd-servers={etcd.url}").start()
            try:
                assert await state(moved) == saved
            finally:
                moved.stop()

    asyncio.run(move())


def test_what_cannot_be_done_is_said_on_one_line(tmp_path):
    missing = snapshot("save", str(tmp_path / "x"), f"--data-dir={tmp_path / 'nothing'}")
    assert missing.returncode == 1 and missing.stderr.count("\n") == 1
    assert not (tmp_path / "x").exists() and not (tmp_path / "nothing").exists()
    (tmp_path / "y").write_text("no snapshot\n")
    refused = snapshot("restore", str(tmp_path / "y"), f"--data-dir={tmp_path / 'new'}")
    assert refused.returncode == 1 and refused.stderr.startswith("Error: ")
    assert snapshot("explode").returncode == 2
