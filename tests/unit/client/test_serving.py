"""Who may see a component's metrics."""

import asyncio
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from kajitori.aiokit.http.message import Headers, Request, Response
from kajitori.aiokit.http.routes import ok
from kajitori.client.serving import Guard


class Reviews:
    """An API server that knows the token `good` (who may) and `poor` (who may not)."""

    def __init__(self) -> None:
        self.asked = 0

    async def raw(self, method: str, path: str, *, body: Any) -> Any:
        self.asked += 1
        if path.endswith("tokenreviews"):
            known = body["spec"]["token"] in ("good", "poor")
            status: dict[str, Any] = {"authenticated": known, "user": {"username": body["spec"]["token"]}}
        else:
            assert body["spec"]["nonResourceAttributes"] == {"path": "/metrics", "verb": "get"}
            status = {"allowed": body["spec"]["user"] == "good"}
        return SimpleNamespace(body=orjson.dumps({"status": status}))


def ask(reviews: Reviews, path: str, authorization: str = "", times: int = 1) -> int:
    routes = Guard(reviews, ["/healthz"]).wrap({"/healthz": ok, "/metrics": ok})  # type: ignore[arg-type]

    async def send() -> Response:
        headers = Headers([("authorization", authorization)] if authorization else [])
        for _ in range(times):
            answer = routes[path](Request(method="GET", target=path, headers=headers, body=None))  # type: ignore[arg-type]
            response = answer if isinstance(answer, Response) else await answer
        return response

    return asyncio.run(send()).status


@pytest.mark.parametrize(
    ("path", "authorization", "status"),
    [
        ("/healthz", "", 200),
        ("/metrics", "", 401),
        ("/metrics", "Basic xyz", 401),
        ("/metrics", "Bearer unknown", 401),
        ("/metrics", "Bearer poor", 403),
        ("/metrics", "Bearer good", 200),
    ],
)
def test_health_is_open_and_metrics_need_permission(path: str, authorization: str, status: int) -> None:
    assert ask(Reviews(), path, authorization) == status


def test_an_answer_is_remembered_for_a_while() -> None:
    reviews = Reviews()
    assert ask(reviews, "/metrics", "Bearer good", times=5) == 200
    assert reviews.asked == 2
