"""Validation of CronJobs: schedules, time zones, and the Jobs they make. Pure, on wire dicts; texts are upstream's.

May import: api.checks, api.batch.job_validation, machinery.
"""

from __future__ import annotations

import re
from typing import Any

from kajitori.api import checks
from kajitori.api.batch.job_validation import job_spec
from kajitori.api.checks import Errors, Object
from kajitori.machinery import cronspec
from kajitori.machinery.fieldpath import Path, invalid, not_supported, required

SPEC = Path("spec")
CONCURRENCY = ("Allow", "Forbid", "Replace")
MAX_NAME = 52
_ZONE_PART = re.compile(r"[A-Za-z.\-_0-9+]{1,14}\Z", re.ASCII)


def cron_job(obj: Object) -> Errors:
    """The name leaves room for the time that its Jobs' names end in."""
    errors = _spec(obj.get("spec") or {}, {})
    name = (obj.get("metadata") or {}).get("name") or ""
    if len(name) > MAX_NAME:
        errors.append(invalid(Path("metadata", "name"), name, f"must be no more than {MAX_NAME} characters"))
    return errors


def cron_job_update(obj: Object, old: Object) -> Errors:
    """A zone inside the schedule may stay where there was one before, and a zone that is not known here any more."""
    return _spec(obj.get("spec") or {}, old.get("spec") or {})


def _spec(spec: Object, before: Object) -> Errors:
    zone = spec.get("timeZone")
    errors = _schedule(SPEC.child("schedule"), spec.get("schedule") or "", zone, before.get("schedule") or "")
    errors += checks.non_negative(SPEC.child("startingDeadlineSeconds"), spec.get("startingDeadlineSeconds"))
    if zone is not None and zone != before.get("timeZone"):
        errors += _time_zone(SPEC.child("timeZone"), zone)
    errors += checks.one_of(SPEC.child("concurrencyPolicy"), spec.get("concurrencyPolicy"), CONCURRENCY)
    errors += _job(SPEC.child("jobTemplate", "spec"), (spec.get("jobTemplate") or {}).get("spec") or {})
    for field in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        errors += checks.non_negative(SPEC.child(field), spec.get(field))
    return errors


def _job(at: Path, spec: Object) -> Errors:
    errors = job_spec(at, spec)
    if spec.get("selector") is not None:
        errors.append(invalid(at.child("selector"), spec["selector"], "`selector` will be auto-generated"))
    if spec.get("manualSelector"):
        errors.append(not_supported(at.child("manualSelector"), True, ("nil", "false")))
    return errors


def _schedule(path: Path, text: str, zone: Any, before: str) -> Errors:
    """In robfig/cron's dialect; the time zone has a field of its own."""
    if not text:
        return [required(path)]
    errors: Errors = []
    try:
        cronspec.parse(text)
    except cronspec.CronError as error:
        errors.append(invalid(path, text, str(error)))
    if "TZ" not in text:
        return errors
    if "TZ" not in before:
        errors.append(invalid(path, text, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"))
    elif zone is not None:
        errors.append(invalid(path, text, "cannot use both timeZone field and TZ or CRON_TZ in schedule"))
    return errors


def _time_zone(at: Path, name: str) -> Errors:
    if not name:
        return [invalid(at, name, "timeZone must be nil or non-empty string")]
    unknown = [invalid(at, name, f"unknown time zone {name}")]
    parts = name.split("/")
    if any(part in (".", "..") or part.startswith("-") or not _ZONE_PART.match(part) for part in parts):
        return unknown
    if name.lower() == "local":
        why = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        return [invalid(at, name, why), *(unknown if name != "Local" else ())]
    return [] if _is_known(name) else unknown


def _is_known(name: str) -> bool:
    import zoneinfo

    try:
        return name == "UTC" or bool(zoneinfo.ZoneInfo(name))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
