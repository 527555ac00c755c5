"""Custom resources across restarts, and across servers that share a store."""

from pathlib import Path

import pytest
from tests.integration.commandline import Kubectl
from tests.waiting import eventually

from kajitori.testing import ControlPlane, etcd

from .conftest import definition, instance

pytestmark = pytest.mark.integration
SCHEMA = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string"}}}}}


def define(kubectl: Kubectl) -> None:
    kubectl.ok("apply", "-f", "-", stdin=definition("parts", "Part", [{"name": "v1", "schema": SCHEMA}]))


def test_a_restarted_server_serves_what_was_defined(tmp_path: Path, kubectl_binary: str) -> None:
    data_dir = tmp_path / "data"
    with ControlPlane(storage="sqlite", data_dir=data_dir) as control_plane:
        kubectl = Kubectl(kubectl_binary, control_plane.kubeconfig, tmp_path)
        define(kubectl)
        kubectl.ok("create", "-f", "-", stdin=instance("Part", "one", spec={"a": "x"}))
        before = kubectl.json("get", "parts", "one")
    with ControlPlane(storage="sqlite", data_dir=data_dir) as control_plane:
        kubectl = Kubectl(kubectl_binary, control_plane.kubeconfig, tmp_path)
        assert kubectl.json("get", "parts", "one") == before
        kubectl.ok("delete", "crd", "parts.example.com")
    with ControlPlane(storage="sqlite", data_dir=data_dir) as control_plane:
        kubectl = Kubectl(kubectl_binary, control_plane.kubeconfig, tmp_path / "fresh")
        assert "the server doesn't have a resource type" in kubectl.fails("get", "parts")


@pytest.mark.skipif(not etcd.available(), reason="no etcd on this machine")
def test_servers_on_one_store_agree(tmp_path: Path, kubectl_binary: str) -> None:
    (tmp_path / "etcd").mkdir()
    with (
        etcd.Etcd(tmp_path / "etcd") as store,
        ControlPlane(storage="etcd3", etcd_servers=(store.url,)) as first,
        ControlPlane(storage="etcd3", etcd_servers=(store.url,)) as second,
    ):
        here = Kubectl(kubectl_binary, first.kubeconfig, tmp_path / "here")
        there = Kubectl(kubectl_binary, second.kubeconfig, tmp_path / "there")
        define(here)
        eventually(lambda: there.run("get", "parts").returncode == 0, "the other server serves the definition")
        here.ok("create", "-f", "-", stdin=instance("Part", "one", spec={"a": "x"}))
        assert there.json("get", "parts", "one")["spec"] == {"a": "x"}
        there.ok("delete", "crd", "parts.example.com")
        gone = "the server could not find the requested resource"
        eventually(
            lambda: here.run("get", "parts").stderr, "nor does the first one any more", holds=lambda told: gone in told
        )
