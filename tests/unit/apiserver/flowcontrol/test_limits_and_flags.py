"""--max-requests-inflight and its like: what is left without priority and fairness, and what they may be."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.apiserver.flowcontrol.flowfixtures import ask, request

from kajitori.apiserver import flowcontrol
from kajitori.apiserver.config import ConfigError, ServerConfig
from kajitori.apiserver.flowcontrol.maxinflight import MaxInFlight
from kajitori.apiserver.flowcontrol.turn import Rejected
from kajitori.apiserver.user import UserInfo

USER, ADMIN = UserInfo("jo"), UserInfo("admin", groups=("system:masters",))


def test_reading_and_writing_have_a_limit_each() -> None:
    limits = MaxInFlight(2, 1)
    first = limits.arrive(request(), ask("get"), USER)
    limits.arrive(request(), ask("list"), USER)
    limits.arrive(request(), ask("create"), USER)
    assert limits.in_flight() == {("readOnly",): 2, ("mutating",): 1}
    for verb in ("get", "update"):
        with pytest.raises(Rejected):
            limits.arrive(request(), ask(verb), USER)
    first.finish()
    first.finish()
    limits.arrive(request(), ask("get"), USER)
    assert limits.in_flight()["readOnly",] == 2


def test_masters_and_watches_are_not_limited() -> None:
    limits = MaxInFlight(1, 1)
    limits.arrive(request(), ask("get"), USER)
    limits.arrive(request(), ask("get"), ADMIN)
    limits.arrive(request(), ask("watch"), USER)
    assert limits.in_flight()["readOnly",] == 2


def test_no_limit_is_no_limit() -> None:
    limits = MaxInFlight(0, 0)
    assert len([limits.arrive(request(), ask("get"), USER) for _ in range(1000)]) == 1000


@pytest.mark.parametrize("flag", ["max_requests_inflight", "max_mutating_requests_inflight"])
def test_a_limit_below_nothing_is_refused(flag: str) -> None:
    values: dict[str, Any] = {flag: -1}
    with pytest.raises(ConfigError, match=f"--{flag.replace('_', '-')} can not be negative value"):
        flowcontrol.limits(ServerConfig(**values))
