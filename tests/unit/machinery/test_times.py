"""Ages, Go durations and RFC 3339."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kajitori.machinery.times import (
    format_go_duration,
    format_micro_time,
    format_time,
    human_duration,
    parse_go_duration,
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
