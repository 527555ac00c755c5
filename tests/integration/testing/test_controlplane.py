"""kajitori.testing, as docs/testing.md promises it."""

import asyncio
import subprocess
import sys
import threading

import pytest

from kajitori.testing import ControlPlane

pytestmark = pytest.mark.integration


def test_the_plugins_fixtures_give_a_running_server(kube_apiserver, kubeconfig, kubectl_binary):
    words = [kubectl_binary, "--kubeconfig", str(kubeconfig), "get", "--raw", "/readyz"]
    assert subprocess.run(words, capture_output=True, text=True, check=True, timeout=30).stdout == "ok"
    assert kube_apiserver.url in kubeconfig.read_text()


def test_a_control_plane_lives_in_the_running_loop_too():
    async def main() -> tuple[int, set[str]]:
        async with ControlPlane() as control_plane:
            _, writer = await asyncio.open_connection("127.0.0.1", control_plane.port)
            writer.close()
            names = {ns["metadata"]["name"] for ns in control_plane.server.reader.list("", "namespaces")}
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        return len(left), names

    left, names = asyncio.run(main())
    assert left == 0, "tasks were left running"
    assert "kube-system" in names


def test_leaving_it_leaves_nothing_behind():
    before = set(threading.enumerate())
    with ControlPlane() as control_plane:
        directory = control_plane.data_dir
    assert not directory.exists()
    assert set(threading.enumerate()) <= before


def test_sqlite_keeps_what_was_written(tmp_path):
    with ControlPlane(storage="sqlite", data_dir=tmp_path) as control_plane:
        first = control_plane.server.reader.get("", "namespaces", "", "default")["metadata"]["uid"]
    with ControlPlane(storage="sqlite", data_dir=tmp_path) as control_plane:
        assert control_plane.server.reader.get("", "namespaces", "", "default")["metadata"]["uid"] == first


def test_the_plugin_costs_nothing_until_it_is_used():
    code = "import sys, kajitori.testing.plugin; print([m for m in sys.modules if m.startswith('kajitori.apiserver')])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown == "[]\n"
