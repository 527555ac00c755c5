"""How many seats a request is thought to need."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from tests.unit.apiserver.flowcontrol.flowfixtures import ask, request

from kajitori.apiserver.flowcontrol.estimate import ONE, Estimator


class Partition:
    size, total, watchers = 3_000_000, 3000, 0

    def __len__(self) -> int:
        return self.total

    def count(self, namespace: str) -> int:
        return 300 if namespace else self.total

    def interested(self, namespace: str, name: str) -> int:
        return self.watchers


def estimator(partition: Partition | None) -> Estimator:
    scheme: Any = SimpleNamespace(by_plural=lambda *_: SimpleNamespace(storage_prefix="/registry/pods/"))
    cacher: Any = SimpleNamespace(find=lambda prefix: partition)
    return Estimator(scheme, cacher)


@pytest.mark.parametrize(
    ("info", "query", "widest", "seats"),
    [
        ({"verb": "list"}, "", 100, 10),
        ({"verb": "list"}, "", 8, 8),
        ({"verb": "list"}, "?limit=150", 100, 2),
        ({"verb": "list"}, "?limit=x", 100, 10),
        ({"verb": "list"}, f"?limit={'9' * 5000}", 100, 10),
        ({"verb": "list", "namespace": "a"}, "", 100, 3),
        ({"verb": "list", "name": "one"}, "", 100, 1),
        ({"verb": "watch"}, "?resourceVersion=12", 100, 1),
        ({"verb": "watch"}, "", 100, 10),
        ({"verb": "watch"}, "?resourceVersion=12&sendInitialEvents=true", 100, 10),
        ({"verb": "get", "name": "one"}, "", 100, 1),
        ({"verb": "create"}, "", 100, 1),
    ],
)
def test_a_list_is_as_wide_as_its_answer(info: dict[str, Any], query: str, widest: int, seats: int) -> None:
    assert estimator(Partition()).work(request(f"/api/v1/pods{query}"), ask(**info), widest)[0] == seats


def test_what_the_cache_does_not_know_takes_one() -> None:
    assert estimator(None).work(request(), ask("list"), 10) is ONE


def test_a_write_is_wider_after_its_answer_when_many_hear_of_it() -> None:
    partition = Partition()
    partition.watchers = 9
    assert estimator(partition).work(request(), ask("update", name="a"), 8) is ONE
    partition.watchers = 50
    assert estimator(partition).work(request(), ask("update", name="a"), 8) == (1, 5, 0.005)
    partition.watchers = 200
    assert estimator(partition).work(request(), ask("update", name="a"), 8) == (1, 8, pytest.approx(0.0125))
    token = ask("create", "serviceaccounts", subresource="token", name="a")
    assert estimator(partition).work(request(), token, 8) is ONE
