"""Times and durations as the API writes and prints them.

RFC 3339 on the wire (seconds, or microseconds for MicroTime), Go's duration texts in flags, and the short forms of the
AGE columns. Datetimes are aware and in UTC. May import: the standard library.
"""

from __future__ import annotations

import functools
import re
import secrets
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

_UNITS = {
    "ns": Decimal("0.000000001"),
    "us": Decimal("0.000001"),
    "µs": Decimal("0.000001"),
    "μs": Decimal("0.000001"),
    "ms": Decimal("0.001"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
}
PLACEHOLDER = f"@{secrets.token_hex(8)}@"
"""What `human_duration` puts around a time that it is to be counted from; nobody outside this process can guess it."""
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_TIME = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))", re.ASCII
)


def format_time(moment: datetime) -> str:
    """`2026-01-02T03:04:05Z`: a Time, which carries whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def format_micro_time(moment: datetime) -> str:
    """`2026-01-02T03:04:05.000006Z`: a MicroTime."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@functools.lru_cache(4096)
def parse_time(text: str) -> datetime:
    """A Time or MicroTime. Raises ValueError for anything that is not RFC 3339."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f'parsing time "{text}" as "2006-01-02T15:04:05Z07:00": cannot parse "{text}" as "2006"')
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    fraction, sign, offset_hours, offset_minutes = found.groups()[6:]
    micros = int((fraction + "000000")[:6]) if fraction else 0
    try:
        moment = datetime(year, month, day, hour, minute, second, micros, tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f'parsing time "{text}": {error}') from error
    if sign:
        offset = timedelta(hours=int(offset_hours), minutes=int(offset_minutes))
        moment = moment - offset if sign == "+" else moment + offset
    return moment


def parse_go_duration(text: str) -> float:
    """Seconds in a text such as `1h2m`, `300ms` or `-1.5h`. Raises ValueError."""
    body = text[1:] if text[:1] in ("+", "-") else text
    if body == "0":
        return 0.0
    total, position = Decimal(0), 0
    while position < len(body):
        part = _PART.match(body, position)
        if part is None:
            break
        total += Decimal(part[1]) * _UNITS[part[2]]
        position = part.end()
    if not body or position < len(body):
        missing = bool(re.fullmatch(r"[\d.]*\d[\d.]*", body[position:]))
        what = "missing unit in" if missing else "invalid"
        raise ValueError(f'time: {what} duration "{text}"')
    return float(-total if text[0] == "-" else total)


def format_go_duration(seconds: float) -> str:
    """A duration as Go prints it: `1h2m0s`, `1.5s`, `300ms`, `0s`."""
    nanos = round(seconds * 1e9)
    sign, nanos = ("-", -nanos) if nanos < 0 else ("", nanos)
    if nanos == 0:
        return "0s"
    for unit, size in (("ns", 1), ("µs", 1_000), ("ms", 1_000_000)):
        if nanos < size * 1_000 and nanos < 1_000_000_000:
            return f"{sign}{_fraction(nanos, size)}{unit}"
    whole, rest = divmod(nanos, 60 * 1_000_000_000)
    text = f"{_fraction(rest, 1_000_000_000)}s"
    if whole:
        hours, minutes = divmod(whole, 60)
        text = (f"{hours}h" if hours else "") + f"{minutes}m" + text
    return sign + text


def _fraction(nanos: int, size: int) -> str:
    whole, rest = divmod(nanos, size)
    if not rest:
        return str(whole)
    digits = len(str(size)) - 1
    return f"{whole}.{rest:0{digits}d}".rstrip("0")


class OpenSeconds(float):
    """The time since `then` until a moment that comes later; `human_duration` turns it into `placeholder`."""

    placeholder: str

    @classmethod
    def since(cls, then: datetime) -> OpenSeconds:
        made = cls()
        made.placeholder = f"{PLACEHOLDER}{then.timestamp()}{PLACEHOLDER}"
        return made


class _OpenDelta(timedelta):
    _then: datetime

    def total_seconds(self) -> float:
        return OpenSeconds.since(self._then)


class OpenNow(datetime):
    """A `now` that is not known yet: text made with it has `PLACEHOLDER then PLACEHOLDER` where an age will be."""

    def __sub__(self, then: Any) -> Any:
        delta = _OpenDelta()
        delta._then = then
        return delta


def human_duration(seconds: float) -> str:
    """The AGE of an object: two units at most, and ever coarser: `119s`, `9m5s`, `7h3m`, `7d3h`, `400d`, `3y10d`."""
    if isinstance(seconds, OpenSeconds):
        return seconds.placeholder
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 0:
        return "0s"
    if whole < 120:
        return f"{whole}s"
    minutes = whole // 60
    if minutes < 10:
        return _two(minutes, "m", whole % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    hours = whole // 3600
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if hours < 24 * 8:
        return _two(hours // 24, "d", hours % 24, "h")
    if hours < 24 * 365 * 2:
        return f"{hours // 24}d"
    if hours < 24 * 365 * 8:
        return _two(hours // 24 // 365, "y", hours // 24 % 365, "d")
    return f"{hours // 24 // 365}y"


duration_shortener = human_duration


def short_human_duration(seconds: float) -> str:
    """One unit only, as `kubectl get events` of old and some describers print."""
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    for limit, size, unit in ((60, 1, "s"), (3600, 60, "m"), (86400, 3600, "h"), (86400 * 365, 86400, "d")):
        if whole < limit:
            return f"{max(whole, 0) // size}{unit}"
    return f"{whole // (86400 * 365)}y"


def _two(first: int, first_unit: str, second: int, second_unit: str) -> str:
    return f"{first}{first_unit}{second}{second_unit}" if second else f"{first}{first_unit}"
