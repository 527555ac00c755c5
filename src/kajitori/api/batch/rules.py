"""Jobs and CronJobs: defaults, and the selector that a Job gets from its own uid. Pure, on wire dicts.

May import: api.{checks, rules}, api.batch, api.core.
"""

from __future__ import annotations

from typing import Any

from kajitori.api.batch import columns, cron_validation, job_status, job_validation
from kajitori.api.batch.job_validation import NAME_LABEL, OLD_NAME_LABEL, OLD_UID_LABEL, UID_LABEL
from kajitori.api.core import warnings
from kajitori.api.core.pod_defaults import pod_template
from kajitori.api.rules import Rules, unchecked


def job_defaults(obj: dict[str, Any]) -> None:
    """Without `completions` and `parallelism` a Job is one Pod; with labels on the template only, it takes those."""
    job_spec_defaults(obj.setdefault("spec", {}))
    spec = obj["spec"]
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = spec["parallelism"] = 1
    spec.setdefault("parallelism", 1)
    spec.setdefault("backoffLimit", 2**31 - 1 if spec.get("backoffLimitPerIndex") is not None else 6)
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("suspend", False)
    policy = "Failed" if spec.get("podFailurePolicy") is not None else "TerminatingOrFailed"
    spec.setdefault("podReplacementPolicy", policy)
    spec.setdefault("manualSelector", False)
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels")
    if labels and not (obj.get("metadata") or {}).get("labels"):
        obj.setdefault("metadata", {})["labels"] = labels  # the very same, so what the server adds stands there too


def job_spec_defaults(spec: dict[str, Any]) -> None:
    """What a Job's spec gets even inside a CronJob."""
    pod_template(spec.setdefault("template", {}))
    for rule in (spec.get("podFailurePolicy") or {}).get("rules") or ():
        for pattern in rule.get("onPodConditions") or ():
            pattern["status"] = pattern.get("status") or "True"


def create_job(obj: dict[str, Any]) -> None:
    """Ties a Job to its pods by a label with its uid, unless the user chose a selector.

    Labels that the client has put in their place stay, for validation to refuse.
    """
    spec, uid = obj.setdefault("spec", {}), obj["metadata"].get("uid", "")
    if spec.get("manualSelector"):
        return
    name = obj["metadata"].get("name", "")
    metadata = _object(_object(spec, "template"), "metadata")
    made = {OLD_NAME_LABEL: name, NAME_LABEL: name, OLD_UID_LABEL: uid, UID_LABEL: uid}
    labels = _object(metadata, "labels")
    for key, value in made.items():
        labels.setdefault(key, value)
    _object(_object(spec, "selector"), "matchLabels").setdefault(UID_LABEL, uid)


def _object(parent: dict[str, Any], field: str) -> dict[str, Any]:
    """The object in a field, made where there is none."""
    found: dict[str, Any] = parent.get(field) or {}
    parent[field] = found
    return found


def cron_job_defaults(obj: dict[str, Any]) -> None:
    """Old Jobs are kept: three that succeeded, one that failed."""
    spec = obj.setdefault("spec", {})
    spec["concurrencyPolicy"] = spec.get("concurrencyPolicy") or "Allow"
    spec.setdefault("suspend", False)
    spec.setdefault("successfulJobsHistoryLimit", 3)
    spec.setdefault("failedJobsHistoryLimit", 1)
    job_spec_defaults(spec.setdefault("jobTemplate", {}).setdefault("spec", {}))


JOB_RULES = Rules(
    defaults=job_defaults,
    on_create=create_job,
    validate=job_validation.job,
    validate_update=job_validation.update_job,
    validate_status=job_status.update,
    warnings=warnings.job,
    status=True,
    generation=True,
    table=columns.JOBS,
)
CRON_JOB_RULES = Rules(
    defaults=cron_job_defaults,
    validate=cron_validation.cron_job,
    revalidate=unchecked,
    validate_update=cron_validation.cron_job_update,
    warnings=warnings.cron_job,
    status=True,
    generation=True,
    table=columns.CRON_JOBS,
)
