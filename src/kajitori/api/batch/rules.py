"""Jobs and CronJobs: defaults, validation, and the selector that a Job gets from its own uid. Pure, on wire dicts.

May import: api.checks, api.core, api.rules, machinery.
"""

from __future__ import annotations

from typing import Any

from kajitori.api import checks
from kajitori.api.batch import columns
from kajitori.api.checks import Errors, Object
from kajitori.api.core import warnings
from kajitori.api.core.pod_defaults import pod_template
from kajitori.api.core.pod_validation import pod_template as validate_template
from kajitori.api.rules import Rules
from kajitori.machinery import cronspec
from kajitori.machinery.fieldpath import Path, immutable, invalid, not_supported, required

SPEC = Path("spec")
COMPLETION_MODES, CONCURRENCY = ("Indexed", "NonIndexed"), ("Allow", "Forbid", "Replace")
JOB_IMMUTABLE = (
    "completionMode",
    "podFailurePolicy",
    "backoffLimitPerIndex",
    "managedBy",
    "successPolicy",
)
SCHEDULING = frozenset({"nodeSelector", "tolerations", "schedulingGates"})
"""Fields of a Pod's spec that say where it runs; with them count node affinity, labels and annotations."""
MAX_CRON_JOB_NAME = 52


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
    policy = "Failed" if spec.get("podFailurePolicy") else "TerminatingOrFailed"
    spec.setdefault("podReplacementPolicy", policy)
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels")
    if labels and not (obj.get("metadata") or {}).get("labels"):
        obj.setdefault("metadata", {})["labels"] = dict(labels)


def job_spec_defaults(spec: dict[str, Any]) -> None:
    """What a Job's spec gets even inside a CronJob."""
    pod_template(spec.setdefault("template", {}))
    for rule in (spec.get("podFailurePolicy") or {}).get("rules") or ():
        for pattern in rule.get("onPodConditions") or ():
            pattern.setdefault("status", "True")


def create_job(obj: dict[str, Any]) -> None:
    """Ties a Job to its pods by a label with its uid, unless the user chose a selector."""
    spec, uid = obj.setdefault("spec", {}), obj["metadata"].get("uid", "")
    if spec.get("manualSelector"):
        return
    name = obj["metadata"].get("name", "")
    labels = spec.setdefault("template", {}).setdefault("metadata", {}).setdefault("labels", {})
    labels |= {
        "controller-uid": uid,
        "job-name": name,
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": name,
    }
    spec.setdefault("selector", {"matchLabels": {}})
    spec["selector"].setdefault("matchLabels", {})["batch.kubernetes.io/controller-uid"] = uid


def validate_job(obj: Object) -> Errors:
    """The server makes the selector from the Job's uid, unless `manualSelector` says that the client did."""
    spec, uid = obj.get("spec") or {}, (obj.get("metadata") or {}).get("uid")
    errors = validate_job_spec(SPEC, spec, selector=True)
    generated = [{"matchLabels": {key: uid}} for key in ("batch.kubernetes.io/controller-uid", "controller-uid")]
    if (
        uid
        and spec.get("selector") is not None
        and not spec.get("manualSelector")
        and spec["selector"] not in generated
    ):
        errors.append(invalid(SPEC.child("selector"), spec["selector"], "`selector` not auto-generated"))
    return errors


def validate_job_spec(path: Path, spec: Object, *, selector: bool) -> Errors:
    """Also a CronJob's template, whose Jobs get their `selector` later."""
    errors: Errors = []
    for field in ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"):
        errors += checks.non_negative(path.child(field), spec.get(field))
    errors += checks.optional_one_of(path.child("completionMode"), spec.get("completionMode"), COMPLETION_MODES)
    if spec.get("completionMode") == "Indexed" and spec.get("completions") is None:
        errors.append(required(path.child("completions"), "when completion mode is Indexed"))
    if selector:
        errors += checks.workload_selector(spec, path, kind_text="job")
    errors += validate_template(path.child("template"), spec.get("template"))
    policy = ((spec.get("template") or {}).get("spec") or {}).get("restartPolicy")
    if policy == "Always":
        at = path.child("template", "spec", "restartPolicy")
        errors.append(required(at, 'valid values: "OnFailure", "Never"'))
    elif policy not in (None, "OnFailure", "Never"):
        errors.append(not_supported(path.child("template", "spec", "restartPolicy"), policy, ["OnFailure", "Never"]))
    return errors


def update_job(obj: Object, old: Object) -> Errors:
    """A suspended Job that has not started may still be told where to run (KEP-2926)."""
    new, before = obj.get("spec") or {}, old.get("spec") or {}
    errors = _completions(new, before) + checks.unchanged(
        SPEC.child("selector"), new.get("selector"), before.get("selector")
    )
    waits = bool(before.get("suspend")) and not (old.get("status") or {}).get("startTime")
    templates = [spec.get("template") or {} for spec in (new, before)]
    if waits:
        templates = [_but_scheduling(template) for template in templates]
    if templates[0] != templates[1]:
        errors.append(immutable(SPEC.child("template"), new.get("template")))
    return errors + [immutable(SPEC.child(f), new.get(f)) for f in JOB_IMMUTABLE if new.get(f) != before.get(f)]


def _completions(new: Object, before: Object) -> Errors:
    """An Indexed Job may grow or shrink (KEP-3715), but then as many of its Pods run at once as are wanted."""
    wanted, at = new.get("completions"), SPEC.child("completions")
    if wanted == before.get("completions"):
        return []
    if new.get("completionMode") != "Indexed":
        return [immutable(at, wanted)]
    if wanted is None or wanted == new.get("parallelism"):
        return []  # None: validate_job_spec has said it
    return [invalid(at, wanted, f"can only be modified in tandem with {SPEC.child('parallelism')}")]


def _but_scheduling(template: Object) -> Object:
    """What of a template stays as it is, wherever its Pods are to run."""
    spec = {name: value for name, value in (template.get("spec") or {}).items() if name not in SCHEDULING}
    affinity = {name: value for name, value in (spec.pop("affinity", None) or {}).items() if name != "nodeAffinity"}
    metadata = template.get("metadata") or {}
    rest = {name: value for name, value in metadata.items() if name not in ("labels", "annotations")}
    return {"spec": spec, "affinity": affinity, "metadata": rest}


def cron_job_defaults(obj: dict[str, Any]) -> None:
    """Old Jobs are kept: three that succeeded, one that failed."""
    spec = obj.setdefault("spec", {})
    spec["concurrencyPolicy"] = spec.get("concurrencyPolicy") or "Allow"
    spec.setdefault("suspend", False)
    spec.setdefault("successfulJobsHistoryLimit", 3)
    spec.setdefault("failedJobsHistoryLimit", 1)
    job_spec_defaults(spec.setdefault("jobTemplate", {}).setdefault("spec", {}))


def validate_cron_job(obj: Object) -> Errors:
    """The name leaves room for the time that its Jobs' names end in."""
    spec = obj.get("spec") or {}
    errors: Errors = []
    name = (obj.get("metadata") or {}).get("name") or ""
    if len(name) > MAX_CRON_JOB_NAME:
        errors.append(invalid(Path("metadata", "name"), name, f"must be no more than {MAX_CRON_JOB_NAME} characters"))
    errors += schedule(SPEC.child("schedule"), spec.get("schedule") or "")
    errors += checks.one_of(SPEC.child("concurrencyPolicy"), spec.get("concurrencyPolicy"), CONCURRENCY)
    for field in ("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        errors += checks.non_negative(SPEC.child(field), spec.get(field))
    job_spec = (spec.get("jobTemplate") or {}).get("spec") or {}
    return errors + validate_job_spec(SPEC.child("jobTemplate", "spec"), job_spec, selector=False)


def schedule(path: Path, text: str) -> Errors:
    """In robfig/cron's dialect; the time zone has a field of its own."""
    if not text:
        return [required(path)]
    errors: Errors = []
    try:
        cronspec.parse(text)
    except cronspec.CronError as error:
        errors.append(invalid(path, text, str(error)))
    if "TZ" in text:
        errors.append(invalid(path, text, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"))
    return errors


JOB_RULES = Rules(
    defaults=job_defaults,
    on_create=create_job,
    validate=validate_job,
    validate_update=update_job,
    warnings=warnings.named_workload,
    status=True,
    generation=True,
    table=columns.JOBS,
)
CRON_JOB_RULES = Rules(
    defaults=cron_job_defaults,
    validate=validate_cron_job,
    warnings=warnings.cron_job,
    status=True,
    generation=True,
    table=columns.CRON_JOBS,
)
