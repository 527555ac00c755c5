"""Ages, Go durations and RFC 3339."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kajitori.machinery.times import (
    CANONICAL_MICRO_TIME,
    format_go_duration,
    format_micro_time,
    format_time,
    human_duration,
    parse_go_duration,
    parse_micro_time,
    parse_time,
)

DAY = 86400


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"),
        (-0.5, "0s"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (545, "9m5s"),
        (600, "10m"),
        (179 * 60, "179m"),
        (3 * 3600, "3h"),
        (3 * 3600 + 240, "3h4m"),
        (8 * 3600 + 240, "8h"),
        (47 * 3600, "47h"),
        (2 * DAY, "2d"),
        (7 * DAY + 3 * 3600, "7d3h"),
        (8 * DAY + 3600, "8d"),
        (400 * DAY, "400d"),
        (2 * 365 * DAY + 10 * DAY, "2y10d"),
        (9 * 365 * DAY, "9y"),
    ],
)
def test_age_column(seconds, text):
    assert human_duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(3720, "1h2m0s"), (1.5, "1.5s"), (0.3, "300ms"), (0, "0s"), (-90, "-1m30s"), (1e-6, "1µs")]
)
def test_go_duration_prints_and_parses(seconds, text):
    assert format_go_duration(seconds) == text
    assert parse_go_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "1", "h", "1x", "1h 2m"])
def test_malformed_duration_is_refused(text):
    with pytest.raises(ValueError, match="time: "):
        parse_go_duration(text)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2500, 1, 1), timezones=st.just(UTC)))
def test_times_survive_the_wire(moment):
    assert parse_time(format_micro_time(moment)) == moment
    assert parse_time(format_time(moment)) == moment.replace(microsecond=0)


def test_offsets_are_read_as_utc():
    assert parse_time("2026-01-02T03:04:05+02:00") == datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)


def test_the_year_one_has_four_digits():
    moment = datetime(1, 1, 1, 0, 0, 2, tzinfo=UTC)
    assert format_time(moment) == "0001-01-01T00:00:02Z"
    assert format_micro_time(moment) == "0001-01-01T00:00:02.000000Z"


LAYOUT = "2006-01-02T15:04:05.000000Z07:00"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", f'parsing time "" as "{LAYOUT}": cannot parse "" as "2006"'),
        ("2026-01-02T03:04:05Z", f'parsing time "2026-01-02T03:04:05Z" as "{LAYOUT}": cannot parse "Z" as ".000000"'),
        (
            "2026-01-02T03:04:05.5Z",
            f'parsing time "2026-01-02T03:04:05.5Z" as "{LAYOUT}": cannot parse ".5Z" as ".000000"',
        ),
        (
            "2026-01-02T03:04:05.0000001Z",
            f'parsing time "2026-01-02T03:04:05.0000001Z" as "{LAYOUT}": cannot parse "1Z" as "Z07:00"',
        ),
        ("2026-13-02T03:04:05.000000Z", 'parsing time "2026-13-02T03:04:05.000000Z": month out of range'),
        ("2026-02-30T03:04:05.000000Z", 'parsing time "2026-02-30T03:04:05.000000Z": day out of range'),
    ],
)
def test_a_micro_time_has_six_digits(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(why)}$"):
        parse_micro_time(text)


def test_what_is_canonical_is_what_is_written() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert re.match(CANONICAL_MICRO_TIME, format_micro_time(moment))
    assert not re.match(CANONICAL_MICRO_TIME, format_time(moment))
    assert parse_micro_time("2026-01-02T05:04:05.000006+02:00") == moment


def test_every_day_is_canonical_but_leap_days_and_those_that_are_none() -> None:
    for month in range(14):
        for day in range(33):
            text = f"2024-{month:02}-{day:02}T03:04:05.000006Z"
            try:
                parse_micro_time(text)
                known = (month, day) != (2, 29)
            except ValueError:
                known = False
            assert bool(re.match(CANONICAL_MICRO_TIME, text)) is known, text
