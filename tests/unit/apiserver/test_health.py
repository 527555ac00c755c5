"""Health checks: what the endpoints say, to whom, and what is counted."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from kajitori.aiokit.http.message import Headers, Request, Response
from kajitori.apiserver.handlers.dispatch import PathNotFound
from kajitori.apiserver.health import Health, store_check
from kajitori.apiserver.request import parse_request_info
from kajitori.storage.interface import StoreUnavailable
from kajitori.storage.memory import MemoryStore


def ask(health: Health, target: str) -> tuple[int, str]:
    body: Any = SimpleNamespace(finished=True)
    request = Request(method="GET", target=target, headers=Headers([]), body=body)
    answer: Response = asyncio.run(health.handle(request, parse_request_info(request), None))  # type: ignore[arg-type]
    return answer.status, answer.body.decode()


@pytest.fixture
def health() -> Health:
    made = Health()
    made.add("etcd", lambda: "")
    made.add("shutdown", lambda: "process is shutting down", ready_only=True)
    return made


def test_what_is_well_says_ok_and_more_only_when_asked(health: Health) -> None:
    assert ask(health, "/livez") == (200, "ok")
    assert ask(health, "/livez?verbose") == (200, "[+]ping ok\n[+]log ok\n[+]etcd ok\nlivez check passed\n")


def test_a_failure_is_always_told_of_but_not_its_reason(health: Health) -> None:
    told = "[+]ping ok\n[+]log ok\n[+]etcd ok\n[-]shutdown failed: reason withheld\nreadyz check failed\n"
    assert ask(health, "/readyz") == (500, told)


def test_a_check_by_itself_tells_its_reason(health: Health) -> None:
    assert ask(health, "/readyz/etcd") == (200, "ok")
    assert ask(health, "/readyz/shutdown") == (500, "internal server error: process is shutting down\n")
    with pytest.raises(PathNotFound):
        ask(health, "/livez/shutdown")


def test_excluded_checks_are_not_asked_and_unknown_ones_are_named(health: Health) -> None:
    status, told = ask(health, "/readyz?exclude=shutdown&exclude=x&exclude=etcd&verbose=1")
    assert status == 200
    assert told.splitlines() == [
        "[+]ping ok",
        "[+]log ok",
        "[+]etcd excluded: ok",
        "[+]shutdown excluded: ok",
        'warn: some health checks cannot be excluded: no matches for "x"',
        "readyz check passed",
    ]


def test_every_answer_is_counted_for_the_service_level(health: Health) -> None:
    ask(health, "/readyz")
    ask(health, "/readyz")
    answer = asyncio.run(health.levels(None, None, None))  # type: ignore[arg-type]
    lines = answer.body.decode().splitlines()
    assert 'kubernetes_healthcheck{name="etcd",type="readyz"} 1' in lines
    assert 'kubernetes_healthcheck{name="shutdown",type="readyz"} 0' in lines
    assert 'kubernetes_healthchecks_total{name="shutdown",status="error",type="readyz"} 2' in lines
    assert "# HELP kubernetes_healthcheck [STABLE] 1 for a check that passed when last asked." in lines


def test_a_store_that_does_not_answer_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    class Down(MemoryStore):
        async def get(self, key: str) -> Any:
            raise StoreUnavailable("etcd: connection refused")

    class Slow(MemoryStore):
        async def get(self, key: str) -> Any:
            await asyncio.sleep(3600)

    monkeypatch.setattr("kajitori.apiserver.health.STORE_TIMEOUT_S", 0.01)

    async def reasons() -> list[str]:
        return [await store_check(store())() for store in (MemoryStore, Down, Slow)]  # type: ignore[misc]

    assert asyncio.run(reasons()) == [
        "",
        "error getting data from etcd: etcd: connection refused",
        "error getting data from etcd: context deadline exceeded",
    ]
