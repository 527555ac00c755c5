"""@kubernetes/client-node, the official JavaScript client."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests import peers

pytestmark = pytest.mark.integration
HERE = Path(__file__).parent


def test_the_javascript_client(control_plane, namespace):
    node = shutil.which("node")
    if not node or not (peers.FOLDER / "node_modules" / "@kubernetes" / "client-node").is_dir():
        if os.environ.get("CI"):
            pytest.fail("the JavaScript client is missing: run scripts/fetch-peers")
        pytest.skip("the JavaScript client is missing: run scripts/fetch-peers")
    done = subprocess.run(
        [node, str(HERE / "client.mjs"), str(control_plane.kubeconfig), namespace],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": "/usr/bin:/bin", "PEERS": str(peers.FOLDER), "HOME": str(control_plane.data_dir)},
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "created": {"a": "b"},
        "patched": {"a": "c"},
        "listed": ["x"],
        "watched": [["MODIFIED", "x"], ["DELETED", "x"]],
        "informed": "s",
        "applied": 2,
        "scale": 2,
        "missing": 404,
    }
