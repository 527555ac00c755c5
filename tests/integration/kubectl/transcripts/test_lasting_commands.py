"""What lasts: watches, and deletions that wait for finalizers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import IO

import pytest

from .conftest import Pair

pytestmark = pytest.mark.integration

HELD = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: held, finalizers: [example.com/hold]}
"""


def start(both: Pair, *words: str) -> subprocess.Popen[str]:
    """Our kubectl as a process of its own."""
    env = {**os.environ, "KUBECONFIG": str(both.folder / f"{both.ours}.kubeconfig"), "HOME": str(both.folder)}
    return subprocess.Popen(
        [sys.executable, "-m", "kajitori.kubectl", *words], stdout=subprocess.PIPE, text=True, env=env
    )


def lines(stream: IO[str] | None, count: int) -> list[list[str]]:
    assert stream is not None
    return [stream.readline().split() for _ in range(count)]


def test_a_watch_prints_the_list_and_then_every_change(pair: Callable[[], Pair]) -> None:
    both = pair()
    assert both.kajitori("create deployment web --image=nginx").code == 0
    process = start(both, "get", "deployments", "--watch", "--output-watch-events")
    try:
        header, first = lines(process.stdout, 2)
        assert header == ["EVENT", "NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
        assert first[:5] == ["ADDED", "web", "0/1", "0", "0"]
        both.kajitori("scale deploy/web --replicas=3")
        assert lines(process.stdout, 1)[0][:3] == ["MODIFIED", "web", "0/3"]
        both.kajitori("delete deploy/web")
        assert lines(process.stdout, 1)[0][:2] == ["DELETED", "web"]
    finally:
        process.terminate()
        process.communicate()


def test_a_delete_waits_for_finalizers(pair: Callable[[], Pair]) -> None:
    both = pair()
    assert both.kajitori("create -f -", HELD).code == 0
    began = time.monotonic()
    gave_up = both.kajitori("delete cm held --timeout=200ms")
    assert time.monotonic() - began >= 0.2
    assert gave_up.out == 'configmap "held" deleted from NAMESPACE namespace\n'
    assert gave_up.err == "error: timed out waiting for the condition on configmaps/held\n"
    assert gave_up.code == 1
    process = start(both, "delete", "cm", "held")
    assert lines(process.stdout, 1) == [["configmap", '"held"', "deleted", "from", both.ours, "namespace"]]
    assert process.poll() is None
    both.kajitori('patch cm held --type=merge -p \'{"metadata":{"finalizers":null}}\'')
    assert process.communicate(timeout=20) and process.returncode == 0


def test_nothing_is_waited_for_with_wait_false(pair: Callable[[], Pair]) -> None:
    both = pair()
    assert both.kajitori("create -f -", HELD).code == 0
    assert both.kajitori("delete cm held --wait=false").code == 0
    assert both.kajitori("get cm held -o name").out == "configmap/held\n"
