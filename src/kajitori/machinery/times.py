"""Times and durations as the API writes and prints them.

RFC 3339 on the wire (seconds, or microseconds for MicroTime), Go's duration texts in flags, and the short forms of the
AGE columns. Datetimes are aware and in UTC. May import: aiokit.govalues.
"""

from __future__ import annotations

import functools
import math
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from kajitori.aiokit import govalues

parse_go_duration, format_go_duration = govalues.parse_duration, govalues.format_duration
PLACEHOLDER = f"@{secrets.token_hex(8)}@"
"""What `human_duration` puts around a time that it is to be counted from; nobody outside this process can guess it."""
_TIME = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))", re.ASCII
)


_SECONDS, _FRACTION = len("2006-01-02T15:04:05"), len(".000000")
_SIX_DIGITS = re.compile(r"\.[0-9]{6}")
_LAYOUT, _MICRO_LAYOUT = (f"2006-01-02T15:04:05{fraction}Z07:00" for fraction in ("", ".000000"))
_DAYS = (
    "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])",
    "(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)",
    "02-(?:0[1-9]|1[0-9]|2[0-8])",
)
CANONICAL_MICRO_TIME = rf"^[0-9]{{4}}-(?:{'|'.join(_DAYS)})T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{{6}}Z$"
"""What `format_micro_time` writes, but on leap days: the common case, for quick checks."""


def format_time(moment: datetime) -> str:
    """`2026-01-02T03:04:05Z`: a Time, which carries whole seconds."""
    return _second(math.floor(moment.timestamp()))


@functools.lru_cache(64)
def _second(since_epoch: int) -> str:
    """Much happens within one second, so most times have been written before."""
    return datetime.fromtimestamp(since_epoch, UTC).replace(tzinfo=None).isoformat() + "Z"


def format_micro_time(moment: datetime) -> str:
    """`2026-01-02T03:04:05.000006Z`: a MicroTime."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


@functools.lru_cache(4096)
def parse_time(text: str) -> datetime:
    """A Time or MicroTime. Raises ValueError for anything that is not RFC 3339."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f'parsing time "{text}" as "{_LAYOUT}": cannot parse "{text}" as "2006"')
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    fraction, sign, offset_hours, offset_minutes = found.groups()[6:]
    micros = int((fraction + "000000")[:6]) if fraction else 0
    try:
        moment = datetime(year, month, day, hour, minute, second, micros, tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f'parsing time "{text}": {str(error).split()[0]} out of range') from error
    if sign:
        offset = timedelta(hours=int(offset_hours), minutes=int(offset_minutes))
        moment = moment - offset if sign == "+" else moment + offset
    return moment


def parse_micro_time(text: str) -> datetime:
    """A MicroTime: exactly six digits follow the second. Raises ValueError."""
    try:
        moment = parse_time(text)
    except ValueError as error:
        raise ValueError(str(error).replace(_LAYOUT, _MICRO_LAYOUT)) from error
    rest = text[_SECONDS:]
    if not _SIX_DIGITS.match(rest):
        raise ValueError(f'parsing time "{text}" as "{_MICRO_LAYOUT}": cannot parse "{rest}" as ".000000"')
    if rest[_FRACTION:][0] in "0123456789":
        raise ValueError(f'parsing time "{text}" as "{_MICRO_LAYOUT}": cannot parse "{rest[_FRACTION:]}" as "Z07:00"')
    return moment


class OpenSeconds(float):
    """The time since `then` until a moment that comes later; `human_duration` turns it into `placeholder`."""

    placeholder: str

    @classmethod
    def since(cls, then: datetime) -> OpenSeconds:
        """The age at a moment still unknown of what began at `then` (aware)."""
        made = cls()
        made.placeholder = f"{PLACEHOLDER}{then.timestamp()}{PLACEHOLDER}"
        return made


class _OpenDelta(timedelta):
    _open: OpenSeconds

    def total_seconds(self) -> float:
        return self._open


class OpenNow(datetime):
    """A `now` that is not known yet: text made with it has `PLACEHOLDER then PLACEHOLDER` where an age will be."""

    def __sub__(self, then: Any) -> Any:
        return _open_delta(then)


@functools.lru_cache(4096)
def _open_delta(then: datetime) -> _OpenDelta:
    """What is made together begins together: one for all of them."""
    delta = _OpenDelta()
    delta._open = OpenSeconds.since(then)
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


def _two(first: int, first_unit: str, second: int, second_unit: str) -> str:
    return f"{first}{first_unit}{second}{second_unit}" if second else f"{first}{first_unit}"
