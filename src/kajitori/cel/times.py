"""Timestamps and durations: reading, writing, their parts. May import: cel.values, machinery.times."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kajitori.cel.errors import EvaluationError
from kajitori.cel.values import EPOCH, NANOS, Duration, Timestamp
from kajitori.machinery import gofloat

_RFC3339 = re.compile(
    r"^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9})\d*)?(?:Z|([+-])(\d{2}):(\d{2}))$"
)
_UNITS = {"h": 3600 * NANOS, "m": 60 * NANOS, "s": NANOS, "ms": 1_000_000, "us": 1000, "µs": 1000, "ns": 1}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(h|ms|m|s|us|µs|ns)")
DURATION_UNITS = {"getHours": 3600 * NANOS, "getMinutes": 60 * NANOS, "getSeconds": NANOS}


def parse_timestamp(text: str) -> Timestamp:
    """RFC 3339, as Go reads it: an offset may be 24 hours, or 60 minutes."""
    match = _RFC3339.match(text)
    if match is None:
        raise EvaluationError(f'invalid RFC 3339 timestamp "{text}"')
    year, month, day, hour, minute, second, fraction, sign, off_hour, off_minute = match.groups()
    try:
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second))
    except ValueError:
        raise EvaluationError(f'invalid RFC 3339 timestamp "{text}"') from None
    seconds = int((moment - EPOCH.replace(tzinfo=None)).total_seconds())
    offset = 0
    if sign:
        if int(off_hour) > 24 or int(off_minute) > 60:
            raise EvaluationError(f'invalid RFC 3339 timestamp "{text}"')
        offset = (int(off_hour) * 60 + int(off_minute)) * (-60 if sign == "-" else 60)
    return Timestamp((seconds - offset) * NANOS + int((fraction or "0").ljust(9, "0")), offset)


def parse_duration(text: str) -> Duration:
    """Go's durations: `1h30m`, `-1.5s`."""
    body = text.lstrip("+-") if text[:1] in "+-" else text
    if body == "0":
        return Duration(0)
    total, position = 0, 0
    for match in _PART.finditer(body):
        if match.start() != position:
            break
        whole_part, _, fraction = match[1].partition(".")
        unit = _UNITS[match[2]]
        total += int(whole_part or 0) * unit
        if fraction:
            total += int(fraction) * unit // 10 ** len(fraction)
        position = match.end()
    if not body or position != len(body):
        raise EvaluationError(f'time: invalid duration "{text}"')
    return Duration(-total if text.startswith("-") else total)


def whole(nanos: int, unit: int) -> int:
    """How many whole units, towards zero."""
    return nanos // unit if nanos >= 0 else -(-nanos // unit)


def shown(value: Any) -> str:
    """A value as `string()` gives it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Timestamp):
        return _timestamp_text(value)
    if isinstance(value, Duration):
        return _duration_text(value)
    if isinstance(value, float):
        return _float_text(value)
    return str(value)


def _float_text(value: float) -> str:
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "+Inf" if value > 0 else "-Inf"
    return gofloat.shown(value)


def _timestamp_text(value: Timestamp) -> str:
    seconds, nanos = divmod(value.nanos, NANOS)
    text = _plain(seconds + value.offset_s).isoformat()[:19]  # years have four digits, whatever the platform does
    fraction = f".{nanos:09d}".rstrip("0") if nanos else ""
    minutes = abs(value.offset_s) // 60
    zone = f"{'-' if value.offset_s < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}" if minutes else "Z"
    return f"{text}{fraction}{zone}"


def _plain(seconds: int) -> datetime:
    """What clocks show so many seconds after the epoch. Raises EvaluationError before the year 1 and after 9999."""
    try:
        return EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        raise EvaluationError("range error converting to timestamp") from None


def _duration_text(value: Duration) -> str:
    seconds, nanos = divmod(abs(value.nanos), NANOS)
    fraction = f".{nanos:09d}".rstrip("0") if nanos else ""
    return f"{'-' if value.nanos < 0 else ''}{seconds}{fraction}s"


def _local(value: Timestamp, zone: str) -> datetime:
    """Without a zone in UTC, wherever it was written down."""
    moment = value.datetime()
    if not zone:
        return moment
    match = re.fullmatch(r"([+-]?)(\d{1,2}):(\d{2})", zone)
    if match:
        offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
        return moment.astimezone(timezone(-offset if match[1] == "-" else offset))
    try:
        return moment.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        raise EvaluationError(f"unknown time zone {zone}") from None


def _accessor(read: Callable[[datetime], int]) -> Callable[..., int]:
    return lambda value, zone="": read(_local(value, zone))


ACCESSORS: dict[str, Callable[..., int]] = {
    "getFullYear": _accessor(lambda t: t.year),
    "getMonth": _accessor(lambda t: t.month - 1),
    "getDayOfYear": _accessor(lambda t: t.timetuple().tm_yday - 1),
    "getDayOfMonth": _accessor(lambda t: t.day - 1),
    "getDate": _accessor(lambda t: t.day),
    "getDayOfWeek": _accessor(lambda t: (t.weekday() + 1) % 7),
    "getHours": _accessor(lambda t: t.hour),
    "getMinutes": _accessor(lambda t: t.minute),
    "getSeconds": _accessor(lambda t: t.second),
    "getMilliseconds": _accessor(lambda t: t.microsecond // 1000),
}
