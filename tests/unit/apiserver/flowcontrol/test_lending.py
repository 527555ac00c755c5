"""Bounds of levels, and how seats go from those who are idle to those who are not."""

from __future__ import annotations

import pytest
from tests.unit.apiserver.flowcontrol.flowfixtures import Bench, level, schema

from kajitori.api.flowcontrol import standard
from kajitori.apiserver.flowcontrol.allocation import Bounds, Claim, Demand, bounds, divide


def test_the_standard_levels_have_upstreams_seats() -> None:
    levels = Bench(600, standard.SUGGESTED_LEVELS).control.levels
    nominal = {name: (one.bounds.nominal, one.bounds.least, one.widest) for name, one in levels.items()}
    assert nominal == {
        "exempt": (0, 0, 0),
        "catch-all": (13, 13, 0),
        "system": (74, 50, 12),
        "node-high": (98, 73, 15),
        "leader-election": (25, 25, 4),
        "workload-high": (98, 49, 15),
        "workload-low": (245, 24, 37),
        "global-default": (49, 24, 8),
    }


def test_bounds_round_as_go_does() -> None:
    assert bounds(600, 40, 245, 25, None) == Bounds(98, 73, 698)
    assert bounds(100, 1, 3, 50, 50) == Bounds(34, 17, 51)
    assert bounds(10, 0, 0, 0, None) == Bounds(0, 0, 10)


@pytest.mark.parametrize(
    ("seats", "claims", "given"),
    [
        (10, [Claim(5, 0, 100), Claim(5, 0, 100)], [5, 5]),
        (10, [Claim(1, 0, 100), Claim(4, 0, 100)], [2, 8]),
        (10, [Claim(1, 0, 3), Claim(1, 0, 100)], [3, 7]),
        (10, [Claim(8, 8, 100), Claim(100, 0, 100)], [8, 2]),
        (10, [Claim(0, 0, 100), Claim(0, 0, 100)], [5, 5]),
        (6, [Claim(2, 2, 9), Claim(4, 4, 9)], [2, 4]),
    ],
)
def test_seats_are_divided_by_target_within_bounds(seats: int, claims: list[Claim], given: list[float]) -> None:
    divided = divide(seats, claims)
    assert divided is not None
    assert divided[0] == pytest.approx(given)


def test_what_bounds_forbid_is_not_divided() -> None:
    assert divide(1, [Claim(1, 1, 2), Claim(1, 1, 2)]) is None
    assert divide(9, [Claim(1, 1, 2), Claim(1, 1, 2)]) is None


def test_a_demand_is_felt_at_once_and_forgotten_slowly() -> None:
    demand = Demand()
    demand.note(10, 100, 1000, 10)
    assert (demand.average, demand.deviation, demand.smoothed) == (10, 0, 10)
    demand.note(10, 0, 0, 0)
    assert demand.smoothed == pytest.approx(9.77)


def test_idle_levels_lend_to_a_busy_one_and_get_their_seats_back() -> None:
    levels = (level("busy", 50, queuing=(64, 1, 50)), level("idle", 50, lendable=80, queuing=(64, 1, 50)))
    to_idle = {"subjects": [{"kind": "User", "user": {"name": "idle"}}]}
    bench = Bench(105, levels, (schema("all", "busy", 500), schema("other", "idle", 100, **to_idle)))
    busy, idle = bench.control.levels["busy"], bench.control.levels["idle"]
    assert (busy.bounds.nominal, idle.bounds.least) == (50, 10)
    turns = [bench.arrive(f"user{number}") for number in range(200)]
    bench.clock.now += 10
    bench.control.adjust()
    assert busy.limit > 80 and idle.limit >= idle.bounds.least
    turns += [bench.arrive("idle") for _ in range(50)]
    bench.clock.now += 10
    bench.control.adjust()
    assert idle.limit >= 49, "as many as it wants of what is its own"
    assert sum(one.limit for one in bench.control.levels.values()) <= 106


def test_a_broken_level_does_not_count_and_what_is_mandatory_is_there_anyway() -> None:
    broken = level("l", queuing=(8, 2, 50))
    broken["spec"]["limited"]["limitResponse"]["type"] = "Reject"
    bench = Bench(100)
    bench.control.digest((broken,), (schema("s", "l"),))
    assert set(bench.control.levels) == {"exempt", "catch-all"}
    assert bench.arrive("jo").flow.schema == "catch-all"
