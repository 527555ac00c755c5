"""Validation of apps/v1. Pure, on wire dicts after defaulting; texts are upstream's.

May import: api.checks, api.core.
"""

from __future__ import annotations

from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.api.core.claim_validation import claim_spec
from kajitori.api.core.pod_validation import pod_template
from kajitori.machinery.fieldpath import Path, forbidden, invalid, not_supported, required

SPEC = Path("spec")
STATEFUL_SET_MUTABLE = frozenset(
    [
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
    ]
)
STATEFUL_SET_FORBIDDEN = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)


def _workload(spec: Object, kind_text: str, *, restart: bool = True) -> Errors:
    """What all workloads share: counts that are not negative, a selector, a template that always restarts."""
    errors: Errors = []
    for field in ("replicas", "minReadySeconds", "revisionHistoryLimit"):
        errors += checks.non_negative(SPEC.child(field), spec.get(field))
    errors += checks.workload_selector(spec, SPEC, kind_text=kind_text)
    template = SPEC.child("template")
    claims = [(claim.get("metadata") or {}).get("name") or "" for claim in spec.get("volumeClaimTemplates") or ()]
    if kind_text not in checks.BROKEN_SELECTOR or not checks.label_selector(SPEC, spec.get("selector")):
        errors += pod_template(template, spec.get("template"), claims)
    pod_spec = (spec.get("template") or {}).get("spec") or {}
    policy = pod_spec.get("restartPolicy")
    if restart and policy and policy != "Always":
        errors.append(not_supported(template.child("spec", "restartPolicy"), policy, ["Always"]))
    if pod_spec.get("activeDeadlineSeconds") is not None:
        at = template.child("spec", "activeDeadlineSeconds")
        errors.append(forbidden(at, "activeDeadlineSeconds in ReplicaSet is not Supported"))
    return errors


def _selector_unchanged(obj: Object, old: Object) -> Errors:
    new, before = (obj.get("spec") or {}).get("selector"), (old.get("spec") or {}).get("selector")
    return checks.unchanged(SPEC.child("selector"), new, before)


def deployment(obj: Object) -> Errors:
    """The deadline for progress must leave room for a Pod to become available."""
    spec = obj.get("spec") or {}
    errors = _workload(spec, "deployment")
    errors += _strategy(SPEC.child("strategy"), spec.get("strategy") or {})
    deadline, ready = spec.get("progressDeadlineSeconds"), spec.get("minReadySeconds") or 0
    if deadline is not None:
        errors += checks.non_negative(SPEC.child("progressDeadlineSeconds"), deadline)
        if deadline <= ready:
            at = SPEC.child("progressDeadlineSeconds")
            errors.append(invalid(at, deadline, "must be greater than minReadySeconds"))
    return errors


def _strategy(at: Path, strategy: Object) -> Errors:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind == "Recreate":
        if rolling is not None:
            message = "may not be specified when strategy `type` is 'Recreate'"
            return [forbidden(at.child("rollingUpdate"), message)]
        return []
    if kind != "RollingUpdate":
        return [not_supported(at, _shown(strategy, "MaxUnavailable", "MaxSurge"), ["Recreate", "RollingUpdate"])]
    return _rolling(at.child("rollingUpdate"), rolling or {})


def _shown(strategy: Object, *fields: str) -> dict[str, Any]:
    """A strategy as upstream prints its own type, with the names of Go."""
    rolling = strategy.get("rollingUpdate")
    inner = None if rolling is None else {name: rolling.get(name[0].lower() + name[1:]) for name in fields}
    return {"Type": strategy.get("type") or "", "RollingUpdate": inner}


def _rolling(at: Path, rolling: Object) -> Errors:
    unavailable, surge = rolling.get("maxUnavailable"), rolling.get("maxSurge")
    errors = checks.percent_or_count(at.child("maxUnavailable"), unavailable)
    errors += checks.percent_or_count(at.child("maxSurge"), surge)
    if _zero(unavailable) and _zero(surge):
        message = "may not be 0 when `maxSurge` is 0"
        errors.append(invalid(at.child("maxUnavailable"), unavailable, message))
    return errors + checks.at_most_100_percent(at.child("maxUnavailable"), unavailable)


def _zero(value: Any) -> bool:
    return value in (0, None, "0%", "")


def deployment_update(obj: Object, old: Object) -> Errors:
    """The selector never changes."""
    return _selector_unchanged(obj, old)


def replica_set(obj: Object) -> Errors:
    """Upstream words a selector that does not fit the template as a Deployment's."""
    return _workload(obj.get("spec") or {}, "deployment")


def replica_set_update(obj: Object, old: Object) -> Errors:
    """The selector never changes."""
    return _selector_unchanged(obj, old)


def daemon_set(obj: Object) -> Errors:
    """Of a rolling update's maxUnavailable and maxSurge exactly one is above zero."""
    spec = obj.get("spec") or {}
    errors = _workload(spec, "daemonset")
    strategy, at = spec.get("updateStrategy") or {}, SPEC.child("updateStrategy")
    if strategy.get("type") not in ("OnDelete", "RollingUpdate"):
        shown = _shown(strategy, "MaxUnavailable", "MaxSurge")
        errors.append(not_supported(at, shown, ["RollingUpdate", "OnDelete"]))
    elif strategy["type"] == "RollingUpdate":
        errors += _daemon_rolling(at.child("rollingUpdate"), strategy.get("rollingUpdate") or {})
    return errors


def _daemon_rolling(at: Path, rolling: Object) -> Errors:
    unavailable, surge = rolling.get("maxUnavailable"), rolling.get("maxSurge")
    errors = checks.percent_or_count(at.child("maxUnavailable"), unavailable)
    errors += checks.percent_or_count(at.child("maxSurge"), surge)
    if not _zero(unavailable) and not _zero(surge):
        errors.append(invalid(at.child("maxSurge"), surge, "may not be set when maxUnavailable is non-zero"))
    if _zero(unavailable) and _zero(surge):
        errors.append(invalid(at.child("maxUnavailable"), unavailable, "cannot be 0 when maxSurge is 0"))
    return errors


def daemon_set_update(obj: Object, old: Object) -> Errors:
    """The selector never changes."""
    return _selector_unchanged(obj, old)


def stateful_set(obj: Object) -> Errors:
    """Strategy, partition and the templates of claims."""
    spec = obj.get("spec") or {}
    errors = _workload(spec, "statefulset")
    management, where = spec.get("podManagementPolicy"), SPEC.child("podManagementPolicy")
    if not management:
        errors.append(required(where))
    elif management not in ("OrderedReady", "Parallel"):
        errors.append(invalid(where, management, "must be 'OrderedReady' or 'Parallel'"))
    strategy, at = spec.get("updateStrategy") or {}, SPEC.child("updateStrategy")
    kind = strategy.get("type")
    if not kind:
        errors.append(required(at))
    elif kind not in ("OnDelete", "RollingUpdate"):
        shown = _shown(strategy, "Partition", "MaxUnavailable")
        errors.append(invalid(at, shown, "must be 'RollingUpdate' or 'OnDelete'"))
    elif kind == "OnDelete" and strategy.get("rollingUpdate") is not None:
        shown = _shown(strategy, "Partition", "MaxUnavailable")["RollingUpdate"]
        message = "only allowed for updateStrategy 'RollingUpdate'"
        errors.append(invalid(at.child("rollingUpdate"), shown, message))
    partition = (strategy.get("rollingUpdate") or {}).get("partition")
    errors += checks.non_negative(at.child("rollingUpdate", "partition"), partition)
    for position, claim in enumerate(spec.get("volumeClaimTemplates") or ()):
        errors += claim_spec(SPEC.child("volumeClaimTemplates").index(position).child("spec"), claim.get("spec") or {})
    return errors


def stateful_set_update(obj: Object, old: Object) -> Errors:
    """Only the fields in `STATEFUL_SET_MUTABLE` may change."""
    new, before = obj.get("spec") or {}, old.get("spec") or {}
    changed = [k for k in new.keys() | before.keys() if k not in STATEFUL_SET_MUTABLE and new.get(k) != before.get(k)]
    return [forbidden(SPEC, STATEFUL_SET_FORBIDDEN)] if changed else []


def revision(obj: Object) -> Errors:
    """A ControllerRevision has data, of whatever form."""
    errors: Errors = [] if obj.get("data") is not None else [required(Path("data"), "data is mandatory")]
    return errors + checks.non_negative(Path("revision"), obj.get("revision"))


def revision_update(obj: Object, old: Object) -> Errors:
    """The data never changes; the number may."""
    return checks.unchanged(Path("data"), obj.get("data"), old.get("data"))
