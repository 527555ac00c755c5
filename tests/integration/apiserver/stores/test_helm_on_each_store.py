"""The real helm v4 installs, upgrades, rolls back and removes a chart."""

import subprocess

import pytest
from tests import peers

pytestmark = pytest.mark.integration


def test_a_chart_lives_its_life(control_plane, namespace, tmp_path):
    binary = peers.find("helm")
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}

    def helm(*arguments: str) -> str:
        words = [binary, "--kubeconfig", str(control_plane.kubeconfig), "-n", namespace, *arguments]
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=60, check=False, env=environment, cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    helm("create", "shop")
    assert "STATUS: deployed" in helm("install", "shop", "./shop")
    assert "has been upgraded" in helm("upgrade", "shop", "./shop", "--set", "replicaCount=3")
    assert "Rollback was a success" in helm("rollback", "shop", "1")
    statuses = [line.split("\t")[2].strip() for line in helm("history", "shop").splitlines()[1:]]
    assert statuses == ["superseded", "superseded", "deployed"]
    assert helm("uninstall", "shop") == 'release "shop" uninstalled\n'
