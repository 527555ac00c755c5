"""Validation of StatefulSets: their own rules, and the Pods and claims that they make from templates.

Pure, on wire dicts after defaulting; texts are upstream's. Upstream came to read the templates late, so an update may
keep what was wrong in them. May import: api.checks, api.core.
"""

from __future__ import annotations

from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.api.core.claim_validation import claim_spec
from kajitori.api.core.pod_validation import pod_template
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, forbidden, invalid, not_supported, required

SPEC = Path("spec")
MUTABLE = frozenset(
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
FORBIDDEN = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)


def stateful_set(obj: Object) -> Errors:
    """Strategy, partition and the templates of Pods and claims."""
    spec = obj.get("spec") or {}
    management, where = spec.get("podManagementPolicy"), SPEC.child("podManagementPolicy")
    errors: Errors = []
    if not management:
        errors.append(required(where))
    elif management not in ("OrderedReady", "Parallel"):
        errors.append(invalid(where, management, "must be 'OrderedReady' or 'Parallel'"))
    errors += _strategy(SPEC.child("updateStrategy"), spec.get("updateStrategy") or {})
    errors += _retention(SPEC.child("persistentVolumeClaimRetentionPolicy"), spec)
    for field in ("replicas", "minReadySeconds", "revisionHistoryLimit"):
        errors += checks.non_negative(SPEC.child(field), spec.get(field))
    errors += checks.non_negative(SPEC.child("ordinals", "start"), (spec.get("ordinals") or {}).get("start"))
    if spec.get("serviceName"):
        found = checks.by(SPEC.child("serviceName"), spec["serviceName"], names.is_dns1123_label)
        errors += checks.ratcheted(found, "service of a StatefulSet")
    errors += checks.workload_selector(spec, SPEC, kind_text="statefulset")
    return errors + _templates(spec)


def _strategy(at: Path, strategy: Object) -> Errors:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    shown = None if rolling is None else {"Partition": rolling.get("partition"), "MaxUnavailable": None}
    if not kind:
        return [required(at)]
    if kind not in ("OnDelete", "RollingUpdate"):
        return [invalid(at, {"Type": kind, "RollingUpdate": shown}, "must be 'RollingUpdate' or 'OnDelete'")]
    if kind == "OnDelete":
        why = "only allowed for updateStrategy 'RollingUpdate'"
        return [] if rolling is None else [invalid(at.child("rollingUpdate"), shown, why)]
    return checks.non_negative(at.child("rollingUpdate", "partition"), (rolling or {}).get("partition"))


def _retention(at: Path, spec: Object) -> Errors:
    """What becomes of claims, of each of two occasions."""
    policy: Any = spec.get("persistentVolumeClaimRetentionPolicy")
    errors: Errors = []
    for field in ("whenDeleted", "whenScaled") if policy is not None else ():
        chosen = policy.get(field)
        if not chosen:
            errors.append(required(at.child(field)))
        elif chosen not in ("Retain", "Delete"):
            errors.append(not_supported(at.child(field), chosen, ("Retain", "Delete")))
    return errors


def _templates(spec: Object) -> Errors:
    claims = spec.get("volumeClaimTemplates") or ()
    template, at = spec.get("template"), SPEC.child("template")
    errors: Errors = []
    if not checks.label_selector(SPEC, spec.get("selector")):
        known = [(claim.get("metadata") or {}).get("name") or "" for claim in claims]
        errors += checks.ratcheted(pod_template(at, template, known), "template of a StatefulSet")
    pod = (template or {}).get("spec") or {}
    policy = pod.get("restartPolicy") or ""
    if policy != "Always":
        errors.append(not_supported(at.child("spec", "restartPolicy"), policy, ["Always"]))
    if pod.get("activeDeadlineSeconds") is not None:
        why = "activeDeadlineSeconds in StatefulSet is not Supported"
        errors.append(forbidden(at.child("spec", "activeDeadlineSeconds"), why))
    for position, claim in enumerate(claims):
        where = SPEC.child("volumeClaimTemplates").index(position).child("spec")
        errors += checks.ratcheted(claim_spec(where, claim.get("spec") or {}), "claims of a StatefulSet")
    return errors


def update(obj: Object, old: Object) -> Errors:
    """Only the fields in `MUTABLE` may change."""
    new, before = obj.get("spec") or {}, old.get("spec") or {}
    changed = any(new.get(k) != before.get(k) for k in new.keys() | before.keys() if k not in MUTABLE)
    return [forbidden(SPEC, FORBIDDEN)] if changed else []
