"""Validation of a Job's status, which whoever manages it writes: what may stand together, what never goes back.

Most rules hold for what a write changes only, so that old statuses can still be written.
Pure, on wire dicts; texts are upstream's. May import: api.checks, api.batch.indexes, machinery.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kajitori.api import checks
from kajitori.api.batch import indexes
from kajitori.api.checks import Errors, Object
from kajitori.machinery.fieldpath import OMITTED, FieldError, Path, duplicate, invalid, required
from kajitori.machinery.times import parse_time

STATUS = Path("status")
CONDITIONS = STATUS.child("conditions")
FINISHED = ("Complete", "Failed")
COUNTS = ("active", "succeeded", "failed", "ready", "terminating")


class _Job:
    """A Job's status, and what it says of the Job."""

    def __init__(self, obj: Object) -> None:
        self.spec: Object = obj.get("spec") or {}
        self.status: Object = obj.get("status") or {}
        self.true = {
            condition.get("type")
            for condition in self.status.get("conditions") or ()
            if condition.get("status") == "True"
        }
        self.finished = any(kind in self.true for kind in FINISHED)
        self.indexed = self.spec.get("completionMode") == "Indexed"

    def amount(self, field: str) -> int:
        return self.status.get(field) or 0

    def uncounted(self) -> list[str]:
        found = self.status.get("uncountedTerminatedPods") or {}
        return [*(found.get("succeeded") or ()), *(found.get("failed") or ())]


def update(obj: Object, old: Object) -> Errors:
    """Of a status that is written over another."""
    new, before = _Job(obj), _Job(old)
    changed = {field for field in new.status.keys() | before.status.keys() if _differs(new, before, field)}
    changed |= {str(kind) for kind in new.true ^ before.true}
    if new.finished != before.finished:
        changed.add("finished")
    errors = _counts(new)
    errors += _conditions(new, changed) + _completion_time(new, changed) + _finished(new, changed)
    errors += _indexes(new, changed)
    if changed & {"ready", "active"} and new.amount("ready") > new.amount("active"):
        errors.append(invalid(STATUS.child("ready"), new.amount("ready"), "cannot set more ready pods than active"))
    return errors + _success(new) + list(_never_back(new, before))


def _differs(new: _Job, before: _Job, field: str) -> bool:
    return bool(new.status.get(field) != before.status.get(field))


def _counts(job: _Job) -> Errors:
    errors = [error for field in COUNTS for error in checks.non_negative(STATUS.child(field), job.status.get(field))]
    seen: set[str] = set()
    pods = job.status.get("uncountedTerminatedPods") or {}
    for field in ("succeeded", "failed"):
        for position, uid in enumerate(pods.get(field) or ()):
            at = STATUS.child("uncountedTerminatedPods", field).index(position)
            if not uid:
                errors.append(invalid(at, uid, "must not be empty"))
            elif uid in seen:
                errors.append(duplicate(at, uid))
            seen.add(uid)
    return errors


def _wrong(why: str) -> FieldError:
    return invalid(CONDITIONS, OMITTED, why)


def _conditions(job: _Job, changed: set[str]) -> Errors:
    """Which conditions exclude each other, and which announce another."""
    errors: Errors = []
    if changed & {"Complete", "Failed"} and {"Complete", "Failed"} <= job.true:
        errors.append(_wrong("cannot set Complete=True and Failed=true conditions"))
    if changed & {"Complete", "FailureTarget"} and {"Complete", "FailureTarget"} <= job.true:
        errors.append(_wrong("cannot set Complete=True and FailureTarget=true conditions"))
    if changed & {"Failed", "FailureTarget"} and "Failed" in job.true and "FailureTarget" not in job.true:
        errors.append(_wrong("cannot set Failed=True condition without the FailureTarget=true condition"))
    announced = "SuccessCriteriaMet" in job.true
    if changed & {"Complete", "SuccessCriteriaMet"} and "Complete" in job.true and not announced:
        errors.append(_wrong("cannot set Complete=True condition without the SuccessCriteriaMet=true condition"))
    return errors


def _completion_time(job: _Job, changed: set[str]) -> Errors:
    at, end, start = STATUS.child("completionTime"), job.status.get("completionTime"), job.status.get("startTime")
    errors: Errors = []
    if changed & {"Complete", "completionTime"}:
        if end and "Complete" not in job.true:
            errors.append(invalid(at, end, "cannot set completionTime when there is no Complete=True condition"))
        if not end and "Complete" in job.true:
            errors.append(required(at, "completionTime is required for Complete jobs"))
    if changed & {"startTime", "completionTime"} and start and end and parse_time(end) < parse_time(start):
        errors.append(invalid(at, end, "completionTime cannot be set before startTime"))
    return errors


def _finished(job: _Job, changed: set[str]) -> Errors:
    """A Job that has ended has nothing running, ending or uncounted."""
    if not job.finished:
        return []
    errors: Errors = []
    over = "finished" in changed
    for field in ("active", "terminating"):
        if (over or field in changed) and job.amount(field) > 0:
            errors.append(invalid(STATUS.child(field), job.amount(field), f"{field}>0 is invalid for finished job"))
    idle = job.spec.get("suspend") is True and job.spec.get("completions") == 0
    if (over or "startTime" in changed) and not job.status.get("startTime") and not idle:
        errors.append(required(STATUS.child("startTime"), "startTime is required for finished job"))
    if (over or "uncountedTerminatedPods" in changed) and job.uncounted():
        why = "uncountedTerminatedPods needs to be empty for finished job"
        at = STATUS.child("uncountedTerminatedPods")
        errors.append(invalid(at, job.status["uncountedTerminatedPods"], why))
    return errors


def _indexes(job: _Job, changed: set[str]) -> Errors:
    completions, by_index = job.spec.get("completions"), job.spec.get("backoffLimitPerIndex") is not None
    completed, failed = job.status.get("completedIndexes") or "", job.status.get("failedIndexes")
    errors: Errors = []
    at, failed_at = STATUS.child("completedIndexes"), STATUS.child("failedIndexes")
    if "completedIndexes" in changed:
        errors += _parsed(at, completed, completions)
        if completed and not job.indexed:
            why = "cannot set non-empty completedIndexes when non-indexed completion mode"
            errors.append(invalid(at, completed, why))
    if "failedIndexes" in changed and failed is not None:
        errors += _parsed(failed_at, failed, completions if by_index else None)
        if not by_index:
            why = "cannot set non-null failedIndexes when backoffLimitPerIndex is null"
            errors.append(invalid(failed_at, failed, why))
    if changed & {"completedIndexes", "failedIndexes"} and completions is not None and failed is not None:
        shared = indexes.overlap(completed, failed, completions)
        if shared is not None:
            why = f"failedIndexes and completedIndexes overlap at index: {shared}"
            errors.append(invalid(failed_at, failed, why))
    return errors


def _parsed(at: Path, text: str, completions: Any) -> Errors:
    if completions is None:
        return []
    try:
        indexes.count(text, completions)
    except indexes.IndexesError as error:
        return [invalid(at, text, f"error parsing {str(at).rpartition('.')[2]}: {error}")]
    return []


def _success(job: _Job) -> Errors:
    announced, errors = "SuccessCriteriaMet" in job.true, []
    if announced and "Failed" in job.true:
        errors.append(_wrong("cannot set SuccessCriteriaMet=True and Failed=true conditions"))
    if announced and "FailureTarget" in job.true:
        errors.append(_wrong("cannot set SuccessCriteriaMet=True and FailureTarget=true conditions"))
    if job.spec.get("successPolicy") is not None and not announced and "Complete" in job.true:
        errors.append(_wrong("cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True"))
    return errors


def _never_back(new: _Job, before: _Job) -> Iterator[FieldError]:
    """Terminal conditions stay, counters grow, times stand."""
    for kind in ("Failed", "Complete", "FailureTarget"):
        if kind in before.true and kind not in new.true:
            yield _wrong(f"cannot disable the terminal {kind}=True condition")
    shrinks = new.indexed and new.spec.get("completions") == new.spec.get("parallelism")
    for field in ("failed",) if shrinks else ("failed", "succeeded"):
        if new.amount(field) < before.amount(field):
            yield invalid(STATUS.child(field), new.amount(field), f"cannot decrease the {field} counter")
    end, ended = new.status.get("completionTime"), before.status.get("completionTime")
    if end and ended and end != ended:
        yield invalid(STATUS.child("completionTime"), end, "completionTime cannot be mutated")
    started = before.status.get("startTime")
    if started and started != new.status.get("startTime") and not new.spec.get("suspend"):
        yield required(STATUS.child("startTime"), "startTime cannot be removed for unsuspended job")
    announced, was = ("SuccessCriteriaMet" in job.true for job in (new, before))
    if was and not announced:
        yield _wrong("cannot disable the SuccessCriteriaMet=True condition")
    if announced and not was and "Complete" in before.true:
        yield _wrong("cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions")
