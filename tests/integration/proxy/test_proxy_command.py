"""`kajitori proxy` as a process, against a real API server, in a node of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.integration
SCENARIO = Path(__file__).with_name("proxy_scenario.py")


@pytest.mark.parametrize("mode", ["iptables", "nftables"])
def test_services_of_an_api_server_become_reachable_and_cleanup_removes_all(net: Any, mode: str) -> None:
    argv = ["ip", "netns", "exec", net.ns("node"), sys.executable, str(SCENARIO), mode]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["mode"] == mode
    assert seen["healthz"] is True
    assert seen["changed"] < 3
    assert (seen["exit"], seen["cleanup"], seen["left"]) == (0, 0, [])
