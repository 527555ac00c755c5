"""``kubectl run``: how a pod ended, and what is said of it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from kajitori.client.discovery import APIResource
from kajitori.client.transport import Response
from kajitori.kubectl.context import Context, Streams
from kajitori.kubectl.flags import Duration, UsageError
from kajitori.kubectl.globals import GlobalOptions
from kajitori.kubectl.resources.infos import Info
from kajitori.kubectl.running.attached import _attach, attach_and_wait, ending
from kajitori.kubectl.running.options import RunOptions
from kajitori.kubectl.sessions.session import Session


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


class Client:
    """A server whose pod has ended, and which therefore refuses to attach."""

    transport = None

    async def raw(self, method: str, path: str, **_: object) -> Response:
        assert (method, path) == ("GET", "/api/v1/namespaces/d/pods/p/log")
        return Response(200, {}, b"said\n")


def test_a_pod_that_ended_before_it_was_attached_to_is_told_by_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = io.StringIO(), io.StringIO()
    ctx = Context(GlobalOptions(), Streams(io.BytesIO(), out, err))
    monkeypatch.setattr(ctx, "client", Client)

    async def refused(*_: object) -> int:
        raise UsageError("error: unable to upgrade connection: container c is gone")

    monkeypatch.setattr(Session, "run", refused)
    running = {"metadata": {"name": "p", "namespace": "d"}, "spec": {"containers": [{"name": "c"}]}}
    resource = APIResource("", "v1", "pods", "pod", "Pod", namespaced=True)
    info = Info(resource, "d", "p", running)
    asyncio.run(_attach(RunOptions(args=("p",), quiet=True), ctx, info))
    assert out.getvalue() == "said\n"
    assert err.getvalue() == (
        "warning: couldn't attach to pod/p, falling back to streaming logs: "
        "unable to upgrade connection: container c is gone\n"
    )


class Waiting:
    """A server whose pod's container has failed and will be started again."""

    def __init__(self, obj: dict[str, Any]) -> None:
        self.obj = obj

    async def list(self, *_: object, **__: object) -> SimpleNamespace:
        return SimpleNamespace(items=[self.obj], resource_version="1")

    async def watch(self, *_: object, **__: object) -> AsyncIterator[Any]:
        await asyncio.Event().wait()
        yield None


@pytest.mark.parametrize(
    ("options", "ends"),
    [
        ({"restart": "OnFailure"}, "error: timed out waiting for the condition"),
        ({"restart": "OnFailure", "leave_stdin_open": True}, 0),
        ({"restart": "Always"}, 0),
    ],
)
def test_only_success_ends_a_pod_that_is_restarted_on_failure(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], ends: object
) -> None:
    statuses = [{"state": {"running": {}}}]
    meta = {"name": "p", "namespace": "d"}
    running = {"metadata": meta, "spec": {"containers": [{"name": "c"}]}, "status": {"phase": "Running"}}
    running["status"] |= {"containerStatuses": statuses}
    ctx = Context(GlobalOptions(), Streams(io.BytesIO(), io.StringIO(), io.StringIO()))
    pods = APIResource("", "v1", "pods", "pod", "Pod", namespaced=True)

    class Discovery:
        async def resource(self, _: str) -> APIResource:
            return pods

    async def attached(*_: object) -> None:
        return None

    monkeypatch.setattr(ctx, "client", lambda: Waiting(running))
    monkeypatch.setattr(ctx, "discovery", Discovery)
    monkeypatch.setattr("kajitori.kubectl.running.attached._attach", attached)
    opts = RunOptions(args=("p",), pod_running_timeout=Duration(0.05), **options)
    try:
        found: object = asyncio.run(attach_and_wait(opts, ctx, running))
    except UsageError as error:
        found = str(error)
    assert found == ends
