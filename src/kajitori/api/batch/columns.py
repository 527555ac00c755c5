"""How batch/v1 objects print as tables. Pure. May import: api.cells, machinery.times."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.api.cells import NONE, age, bool_text, containers_and_images, dig, label_selector, name, since, table
from kajitori.machinery.times import human_duration, parse_time

Object = dict[str, Any]
CONDITION_WORDS = {
    "Complete": "Complete",
    "Failed": "Failed",
    "Suspended": "Suspended",
    "FailureTarget": "FailureTarget",
    "SuccessCriteriaMet": "SuccessCriteriaMet",
}


def job_status(obj: Object) -> str:
    """The STATUS cell: how the job ended, or what it is doing."""
    true = {c.get("type") for c in dig(obj, "status.conditions", ()) if c.get("status") == "True"}
    for kind in ("Complete", "Failed"):
        if kind in true:
            return kind
    if dig(obj, "metadata.deletionTimestamp"):
        return "Terminating"
    return next((word for kind, word in CONDITION_WORDS.items() if kind in true), "Running")


def completions(obj: Object) -> str:
    """``1/3``, or ``1/1 of 4`` where any success completes a parallel job."""
    succeeded = dig(obj, "status.succeeded", 0)
    wanted, parallel = dig(obj, "spec.completions"), dig(obj, "spec.parallelism", 0)
    if wanted is not None:
        return f"{succeeded}/{wanted}"
    return f"{succeeded}/1 of {parallel}" if parallel > 1 else f"{succeeded}/1"


def duration(obj: Object, now: datetime) -> str:
    """How long a Job took, or has taken until `now`; empty before it starts."""
    start, end = dig(obj, "status.startTime"), dig(obj, "status.completionTime")
    if not start:
        return ""
    return human_duration(((parse_time(end) if end else now) - parse_time(start)).total_seconds())


def _job(obj: Object, now: datetime) -> list[Any]:
    names, images = containers_and_images(dig(obj, "spec.template.spec", {}))
    selector = label_selector(dig(obj, "spec.selector"))
    return [name(obj), job_status(obj), completions(obj), duration(obj, now), age(obj, now), names, images, selector]


def _cron_job(obj: Object, now: datetime) -> list[Any]:
    spec = obj.get("spec") or {}
    last = dig(obj, "status.lastScheduleTime")
    names, images = containers_and_images(dig(spec, "jobTemplate.spec.template.spec", {}))
    return [
        name(obj),
        spec.get("schedule", ""),
        NONE if spec.get("timeZone") is None else spec["timeZone"],
        bool_text(spec.get("suspend")),
        len(dig(obj, "status.active", ())),
        since(last, now) if last else NONE,
        age(obj, now),
        names,
        images,
        label_selector(dig(spec, "jobTemplate.spec.selector")),
    ]


JOBS = table("Name, Status, Completions, Duration, Age, Containers*, Images*, Selector*", _job)
CRON_JOBS = table(
    "Name, Schedule, Timezone, Suspend, Active:integer, Last Schedule, Age, Containers*, Images*, Selector*", _cron_job
)
