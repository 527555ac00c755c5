"""``kubectl run``: how a pod ended, and what is said of it."""

from __future__ import annotations

from typing import Any

import pytest

from kajitori.kubectl.running.attached import ending


def pod(phase: str, **terminated: Any) -> dict[str, Any]:
    statuses = [{"state": {"terminated": terminated}}] if terminated else []
    return {"metadata": {"name": "p", "namespace": "d"}, "status": {"phase": phase, "containerStatuses": statuses}}


@pytest.mark.parametrize(
    ("obj", "code", "text"),
    [
        (pod("Succeeded", exitCode=0), 0, ""),
        (pod("Failed", exitCode=3, reason="Error"), 3, "pod d/p terminated (Error)"),
        (pod("Failed", exitCode=137, reason="OOMKilled", message="why"), 137, "pod d/p terminated (OOMKilled)\nwhy"),
        (pod("Failed"), 1, "error: pod d/p failed with unknown exit code"),
    ],
)
def test_the_exit_code_is_the_containers(obj: dict[str, Any], code: int, text: str) -> None:
    assert ending(obj) == (code, text)
