"""What is read off the levels when somebody scrapes: counters, gauges, and the 10-second figures of demand and lending.

May import: flowcontrol.{control,instruments,level}, aiokit.metrics.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Literal

from kajitori.aiokit.metrics import Labels, Registry, Stability
from kajitori.apiserver.flowcontrol.control import FlowControl
from kajitori.apiserver.flowcontrol.instruments import PREFIX, Tally
from kajitori.apiserver.flowcontrol.level import Level
from kajitori.apiserver.flowcontrol.maxinflight import READING
from kajitori.apiserver.flowcontrol.turn import Turn

Kind = Literal["gauge", "counter"]
_FLOW = ("priority_level", "flow_schema")
_OF_FLOWS: tuple[tuple[str, str, Callable[[Tally], float], Stability, Kind], ...] = (
    ("dispatched_requests_total", "Requests that had their turn.", lambda t: t.dispatched, "BETA", "counter"),
    ("current_inqueue_requests", "Requests that wait.", lambda t: t.queued, "BETA", "gauge"),
    ("current_inqueue_seats", "Seats that those who wait will need.", lambda t: t.queued_seats, "ALPHA", "gauge"),
    ("current_executing_requests", "Requests that have their turn.", lambda t: t.executing, "BETA", "gauge"),
    ("current_executing_seats", "Seats that are taken.", lambda t: t.executing_seats, "BETA", "gauge"),
    (
        "request_dispatch_no_accommodation_total",
        "How often the next in turn was wider than what was free.",
        lambda t: t.not_accommodated,
        "ALPHA",
        "counter",
    ),
)
_OF_LEVELS: tuple[tuple[str, str, Callable[[Level], float], Stability], ...] = (
    ("nominal_limit_seats", "Seats that are a level's by right.", lambda level: level.bounds.nominal, "BETA"),
    ("lower_limit_seats", "Seats that a level keeps when it lends.", lambda level: level.bounds.least, "ALPHA"),
    ("upper_limit_seats", "Seats that a level may have when it borrows.", lambda level: level.bounds.most, "ALPHA"),
    ("current_limit_seats", "Seats that a level has now.", lambda level: level.limit, "ALPHA"),
    (
        "demand_seats_high_watermark",
        "The most seats that were wanted at a time.",
        lambda level: level.demand.highest,
        "ALPHA",
    ),
    ("demand_seats_average", "How many seats were wanted.", lambda level: level.demand.average, "ALPHA"),
    ("demand_seats_stdev", "How much that varied.", lambda level: level.demand.deviation, "ALPHA"),
    (
        "demand_seats_smoothed",
        "How many were wanted, smoothed over minutes.",
        lambda level: level.demand.smoothed,
        "ALPHA",
    ),
    ("target_seats", "Seats that a level should have.", lambda level: level.demand.target, "ALPHA"),
    ("current_r", "The progress meter when it was last looked at.", lambda level: level.current_r, "ALPHA"),
    ("dispatch_r", "The progress meter when a request was last sent.", lambda level: level.dispatch_r, "ALPHA"),
    ("latest_s", "Where the request that was last sent began.", lambda level: level.latest_s, "ALPHA"),
)


def expose(registry: Registry, control: FlowControl) -> None:
    """Register all of it."""
    for name, text, of_flow, stability, kind in _OF_FLOWS:
        registry.callback(PREFIX + name, text, _FLOW, _by_flow(control, of_flow), stability, kind)
    for name, text, of_level, stability in _OF_LEVELS:
        registry.callback(PREFIX + name, text, _FLOW[:1], _by_level(control, of_level), stability)
    add = registry.callback
    rejected = "rejected_requests_total", "Requests that were turned away, by reason.", (*_FLOW, "reason")
    add(PREFIX + rejected[0], *rejected[1:], lambda: _rejected(control), "BETA", "counter")
    fair = "What part of its target every level gets that is held by no bound."
    add(f"{PREFIX}seat_fair_frac", fair, (), lambda: {(): control.fair_fraction}, "ALPHA")
    text, kinds = "Requests that wait in a queue, reading or writing.", ("request_kind",)
    add("apiserver_current_inqueue_requests", text, kinds, lambda: _kinds(control, _waiting), "ALPHA")


def in_flight(control: FlowControl) -> dict[Labels, float]:
    """Requests that have their turn, reading or writing."""
    return _kinds(control, lambda level: list(level.executing))


def _by_flow(control: FlowControl, read: Callable[[Tally], float]) -> Callable[[], dict[Labels, float]]:
    return lambda: {(level.name, schema): read(tally) for level, schema, tally in _tallies(control)}


def _by_level(control: FlowControl, read: Callable[[Level], float]) -> Callable[[], dict[Labels, float]]:
    return lambda: {(name,): read(level) for name, level in control.levels.items()}


def _tallies(control: FlowControl) -> list[tuple[Level, str, Tally]]:
    levels = control.levels.values()
    return [(level, schema, tally) for level in levels for schema, tally in level.tallies.items()]


def _rejected(control: FlowControl) -> dict[Labels, float]:
    return {
        (level.name, schema, reason): number
        for level, schema, tally in _tallies(control)
        for reason, number in tally.rejected.items()
    }


def _waiting(level: Level) -> list[Turn]:
    return [turn for queue in level.queues for turn in queue.waiting]


def _kinds(control: FlowControl, turns: Callable[[Level], list[Turn]]) -> dict[Labels, float]:
    kinds = Counter(
        "readOnly" if turn.info.verb in READING else "mutating"
        for level in control.levels.values()
        for turn in turns(level)
    )
    return {(kind,): kinds[kind] for kind in ("readOnly", "mutating")}
