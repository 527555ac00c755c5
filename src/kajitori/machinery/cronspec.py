"""Cron schedules as Kubernetes reads them: five fields or one of the `@daily` words, perhaps a time zone in front.

The dialect is robfig/cron's, the library of upstream's CronJobs: `?` is another `*` in every field, Sunday is 0 and
never 7, `5/15` means "from 5 on". `parse` raises `CronError` with the words that users of upstream see.
May import: machinery.times.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from kajitori.machinery import times

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MONTHS = dict(zip(_MONTHS, range(1, 13), strict=True))
DAYS = dict(zip(_DAYS, range(7), strict=True))
WORDS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
EVERY = "@every "
_NUMBER = re.compile(r"[+-]?[0-9]+\Z", re.ASCII)
_INT64 = 2**63


class CronError(ValueError):
    """Why a text is no schedule."""


@dataclass(frozen=True)
class Field:
    """What one field allows. A `*` that is not stepped is remembered: it leaves days to the other field."""

    values: frozenset[int]
    star: bool


@dataclass(frozen=True)
class Schedule:
    """Moments that its five fields allow, or every so often."""

    minutes: Field | None = None
    hours: Field | None = None
    days: Field | None = None
    months: Field | None = None
    weekdays: Field | None = None
    every: timedelta | None = None
    zone: str = ""


def parse(text: str) -> Schedule:
    """The schedule that `text` says."""
    if not text:
        raise CronError("empty spec string")
    zone = ""
    if text.startswith(("TZ=", "CRON_TZ=")):
        zone, _, text = text.partition("=")[2].partition(" ")
        _check_zone(zone)
        text = text.strip()
    if text.startswith("@") and text not in WORDS:
        return Schedule(every=_every(text), zone=zone)
    fields = WORDS.get(text, text).split()
    if len(fields) != 5:
        raise CronError(f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]")
    minutes, hours = _field(fields[0], 0, 59), _field(fields[1], 0, 23)
    days, months = _field(fields[2], 1, 31), _field(fields[3], 1, 12, MONTHS)
    return Schedule(minutes, hours, days, months, _field(fields[4], 0, 6, DAYS), zone=zone)


def _check_zone(name: str) -> None:
    import zoneinfo

    if name in ("", "UTC", "Local"):
        return
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise CronError(f"provided bad location {name}: unknown time zone {name}") from None


def _every(text: str) -> timedelta:
    if not text.startswith(EVERY):
        raise CronError(f"unrecognized descriptor: {text}")
    try:
        seconds = times.parse_go_duration(text.removeprefix(EVERY))
    except ValueError as error:
        raise CronError(f"failed to parse duration {text}: {error}") from None
    return timedelta(seconds=max(1, int(seconds)))


def _field(text: str, low: int, high: int, names: dict[str, int] | None = None) -> Field:
    values: set[int] = set()
    star = False
    for part in filter(None, text.split(",")):
        found, whole = _range(part, low, high, names or {})
        values |= found
        star = star or whole
    return Field(frozenset(values), star)


def _range(text: str, low: int, high: int, names: dict[str, int]) -> tuple[set[int], bool]:
    bounds, *steps = text.split("/")
    first, *rest = bounds.split("-")
    star = first in ("*", "?")
    if star:
        start, end = low, high
    else:
        start = end = _number(first, names)
        if len(rest) > 1:
            raise CronError(f"too many hyphens: {text}")
        if rest:
            end = _number(rest[0], names)
    step = 1
    if steps:
        if len(steps) > 1:
            raise CronError(f"too many slashes: {text}")
        step = _number(steps[0], {})
        end = end if rest else high
        star = star and step <= 1
    if start < low:
        raise CronError(f"beginning of range ({start}) below minimum ({low}): {text}")
    if end > high:
        raise CronError(f"end of range ({end}) above maximum ({high}): {text}")
    if start > end:
        raise CronError(f"beginning of range ({start}) beyond end of range ({end}): {text}")
    if step == 0:
        raise CronError(f"step of range should be a positive number: {text}")
    return set(range(start, end + 1, step)), star


def _number(text: str, names: dict[str, int]) -> int:
    named = names.get(text.lower())
    if named is not None:
        return named
    if not _NUMBER.match(text):
        raise CronError(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax')
    number = int(text)
    if not -_INT64 <= number < _INT64:
        raise CronError(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": value out of range')
    if number < 0:
        raise CronError(f"negative number ({number}) not allowed: {text}")
    return number
