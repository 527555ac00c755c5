"""Validation of a Job's spec, new or changed, its own or a CronJob's. Pure, on wire dicts; texts are upstream's.

May import: api.checks, api.batch.policies, api.core.pod_validation, machinery.
"""

from __future__ import annotations

from kajitori.api import checks
from kajitori.api.batch import policies
from kajitori.api.checks import Errors, Object
from kajitori.api.core.pod_validation import pod_template as validate_template
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, immutable, invalid, not_supported, required, too_long

SPEC = Path("spec")
COUNTS = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
)
JOB_IMMUTABLE = ("completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy")
SCHEDULING = frozenset({"nodeSelector", "tolerations", "schedulingGates"})
"""Fields of a Pod's spec that say where it runs; with them count node affinity, labels and annotations."""
UID_LABEL, NAME_LABEL = "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"
OLD_UID_LABEL, OLD_NAME_LABEL = "controller-uid", "job-name"
MAX_PARALLELISM = MAX_FAILED_INDEXES = MANY = 100_000
MAX_WITH_MANY = 10_000
MAX_MANAGER = 63


def job(obj: Object) -> Errors:
    """The server makes the selector from the Job's uid, unless `manualSelector` says that the client did."""
    spec, metadata = obj.get("spec") or {}, obj.get("metadata") or {}
    errors = [] if spec.get("manualSelector") else _generated(spec, metadata)
    errors += job_spec(SPEC, spec)
    errors += checks.workload_selector(spec, SPEC, kind_text="job")
    name, completions = metadata.get("name") or "", spec.get("completions") or 0
    last = f"{name}-{completions - 1}"
    if spec.get("completionMode") == "Indexed" and completions > 0 and name and names.is_dns1123_label(last):
        why = f"will not able to create pod with invalid DNS label: {last}"
        errors.append(invalid(Path("metadata", "name"), name, why))
    return errors


def _generated(spec: Object, metadata: Object) -> Errors:
    """Labels and selector are what the server made, whatever the client wrote in their place."""
    selector, uid, name = spec.get("selector"), metadata.get("uid"), metadata.get("name") or ""
    if selector is None or not uid:
        return []
    template = (spec.get("template") or {}).get("metadata") or {}
    given, at = template.get("labels") or {}, SPEC.child("template", "metadata", "labels")
    expected = {OLD_UID_LABEL: uid, OLD_NAME_LABEL: name, UID_LABEL: uid, NAME_LABEL: name}
    errors: Errors = []
    for key, value in expected.items():
        why = f"must be '{value}'"
        if key not in given:
            errors.append(required(at.key(key), why))
        elif given[key] != value:
            errors.append(invalid(at.key(key), given, why))
    if not checks.label_selector(SPEC, selector) and not checks.matches(selector, expected):
        errors.append(invalid(SPEC.child("selector"), selector, "`selector` not auto-generated"))
    return errors


def job_spec(path: Path, spec: Object) -> Errors:
    """Also a CronJob's template, whose Jobs get their `selector` later."""
    errors: Errors = []
    for field in COUNTS:
        errors += checks.non_negative(path.child(field), spec.get(field))
    if spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
        errors.append(required(path.child("backoffLimitPerIndex"), "when maxFailedIndexes is specified"))
    if spec.get("managedBy") is not None:
        errors += _manager(path.child("managedBy"), spec["managedBy"])
    errors += _completion_mode(path, spec)
    if spec.get("podFailurePolicy") is not None:
        errors += policies.failure(path.child("podFailurePolicy"), spec)
    if spec.get("successPolicy") is not None:
        errors += policies.success(path.child("successPolicy"), spec)
    errors += policies.replacement(path.child("podReplacementPolicy"), spec)
    errors += validate_template(path.child("template"), spec.get("template"))
    return errors + _restart_policy(path.child("template", "spec", "restartPolicy"), spec)


def _manager(at: Path, name: str) -> Errors:
    errors = checks.prefixed_path(at, name)
    return [*errors, too_long(at, name, MAX_MANAGER)] if len(name) > MAX_MANAGER else errors


def _completion_mode(path: Path, spec: Object) -> Errors:
    mode = spec.get("completionMode")
    modes = ("NonIndexed", "Indexed")
    errors = [] if mode is None or mode in modes else [not_supported(path.child("completionMode"), mode, modes)]
    if mode == "Indexed":
        return errors + _indexed(path, spec)
    if mode in (None, "NonIndexed"):
        for field in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if spec.get(field) is not None:
                errors.append(invalid(path.child(field), spec[field], "requires indexed completion mode"))
    return errors


def _indexed(path: Path, spec: Object) -> Errors:
    completions, parallelism, allowed = (
        spec.get(field) for field in ("completions", "parallelism", "maxFailedIndexes")
    )
    errors: Errors = []
    if completions is None:
        errors.append(required(path.child("completions"), "when completion mode is Indexed"))
    if parallelism is not None and parallelism > MAX_PARALLELISM:
        why = f"must be less than or equal to {MAX_PARALLELISM} when completion mode is Indexed"
        errors.append(invalid(path.child("parallelism"), parallelism, why))
    at = path.child("maxFailedIndexes")
    if completions is not None and allowed is not None and allowed > completions:
        errors.append(invalid(at, allowed, "must be less than or equal to completions"))
    if allowed is not None and allowed > MAX_FAILED_INDEXES:
        errors.append(invalid(at, allowed, f"must be less than or equal to {MAX_FAILED_INDEXES}"))
    if completions is None or completions <= MANY or spec.get("backoffLimitPerIndex") is None:
        return errors
    if allowed is None:
        errors.append(required(at, f"must be specified when completions is above {MANY}"))
    why = f"when completions are above {MANY} and used with backoff limit per index"
    for field, value in (("parallelism", parallelism), ("maxFailedIndexes", allowed)):
        if value is not None and value > MAX_WITH_MANY:
            errors.append(invalid(path.child(field), value, f"must be less than or equal to {MAX_WITH_MANY} {why}"))
    return errors


def _restart_policy(at: Path, spec: Object) -> Errors:
    policy = ((spec.get("template") or {}).get("spec") or {}).get("restartPolicy") or "Always"
    if policy == "Always":
        return [required(at, 'valid values: "OnFailure", "Never"')]
    if policy not in ("OnFailure", "Never"):
        return [not_supported(at, policy, ("OnFailure", "Never"))]
    if policy != "Never" and spec.get("podFailurePolicy") is not None:
        return [invalid(at, policy, 'only "Never" is supported when podFailurePolicy is specified')]
    return []


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
        return []  # None: job_spec has said it
    return [invalid(at, wanted, f"can only be modified in tandem with {SPEC.child('parallelism')}")]


def _but_scheduling(template: Object) -> Object:
    """What of a template stays as it is, wherever its Pods are to run."""
    spec = {name: value for name, value in (template.get("spec") or {}).items() if name not in SCHEDULING}
    affinity = {name: value for name, value in (spec.pop("affinity", None) or {}).items() if name != "nodeAffinity"}
    metadata = template.get("metadata") or {}
    rest = {name: value for name, value in metadata.items() if name not in ("labels", "annotations")}
    return {"spec": spec, "affinity": affinity, "metadata": rest}
