"""Validation of a Job's policies: which failures of Pods count, when the Job has succeeded, when Pods are replaced.

Pure, on wire dicts; texts are upstream's. May import: api.checks, api.batch.indexes, machinery.
"""

from __future__ import annotations

from collections.abc import Sequence

from kajitori.api import checks
from kajitori.api.batch import indexes
from kajitori.api.checks import Errors, Object
from kajitori.machinery import names
from kajitori.machinery.fieldpath import (
    OMITTED,
    Path,
    duplicate,
    invalid,
    not_supported,
    required,
    too_long,
    too_many,
)
from kajitori.machinery.gotext import quote_all

ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
MAX_RULES, MAX_EXIT_CODES, MAX_INDEXES = 20, 255, 64 * 1024
BOTH = "specifying both OnExitCodes and OnPodConditions is not supported"
NEITHER = "specifying one of OnExitCodes and OnPodConditions is required"


def failure(path: Path, spec: Object) -> Errors:
    """`podFailurePolicy`."""
    rules, at = spec["podFailurePolicy"].get("rules") or (), path.child("rules")
    pod = (spec.get("template") or {}).get("spec") or {}
    containers = [*(pod.get("containers") or ()), *(pod.get("initContainers") or ())]
    known = {container.get("name") or "" for container in containers}
    errors = [too_many(at, len(rules), MAX_RULES)] if len(rules) > MAX_RULES else []
    for position, rule in enumerate(rules):
        errors += _failure_rule(at.index(position), rule, known, by_index=spec.get("backoffLimitPerIndex") is not None)
    return errors


def _failure_rule(at: Path, rule: Object, known: set[str], *, by_index: bool) -> Errors:
    action, codes, conditions = rule.get("action"), rule.get("onExitCodes"), rule.get("onPodConditions")
    errors = _one_of(at.child("action"), action, ACTIONS)
    if action == "FailIndex" and not by_index:
        errors.append(invalid(at.child("action"), action, "requires the backoffLimitPerIndex to be set"))
    errors += [] if codes is None else _exit_codes(at.child("onExitCodes"), codes, known)
    errors += _conditions(at.child("onPodConditions"), conditions) if conditions else []
    if codes is not None and conditions:
        errors.append(invalid(at, OMITTED, BOTH))
    if codes is None and not conditions:
        errors.append(invalid(at, OMITTED, NEITHER))
    return errors


def _one_of(at: Path, value: str | None, allowed: Sequence[str]) -> Errors:
    """A required value whose choices are told even when it is missing."""
    if not value:
        return [required(at, f"valid values: [{quote_all(allowed, ' ')}]")]
    return [] if value in allowed else [not_supported(at, value, allowed)]


def _exit_codes(at: Path, codes: Object, known: set[str]) -> Errors:
    operator, container = codes.get("operator"), codes.get("containerName")
    values, path = codes.get("values"), at.child("values")
    errors = _one_of(at.child("operator"), operator, ("In", "NotIn"))
    if container is not None and container not in known:
        why = "must be one of the container or initContainer names in the pod template"
        errors.append(invalid(at.child("containerName"), container, why))
    if not values:
        return [*errors, invalid(path, values, "at least one value is required")]
    if len(values) > MAX_EXIT_CODES:
        errors.append(too_many(path, len(values), MAX_EXIT_CODES))
    for position, value in enumerate(values):
        if operator == "In" and value == 0:
            errors.append(invalid(path.index(position), value, "must not be 0 for the In operator"))
        if value in values[:position]:
            errors.append(duplicate(path.index(position), value))
    return errors if values == sorted(values) else [*errors, invalid(path, values, "must be ordered")]


def _conditions(path: Path, patterns: Sequence[Object]) -> Errors:
    errors = [too_many(path, len(patterns), MAX_RULES)] if len(patterns) > MAX_RULES else []
    for position, pattern in enumerate(patterns):
        at = path.index(position)
        errors += checks.by(at.child("type"), pattern.get("type") or "", names.is_qualified_name)
        errors += _one_of(at.child("status"), pattern.get("status"), ("False", "True", "Unknown"))
    return errors


def success(path: Path, spec: Object) -> Errors:
    """`successPolicy`, which only Jobs with indexes have."""
    policy = spec["successPolicy"]
    if spec.get("completionMode") != "Indexed":
        return [invalid(path, policy, "requires indexed completion mode")]
    rules, at = policy.get("rules") or (), path.child("rules")
    errors: Errors = []
    if not rules:
        errors.append(required(at, "at least one rules must be specified when the successPolicy is specified"))
    if len(rules) > MAX_RULES:
        errors.append(too_many(at, len(rules), MAX_RULES))
    for position, rule in enumerate(rules):
        errors += _success_rule(at.index(position), rule, spec.get("completions") or 0)
    return errors


def _success_rule(at: Path, rule: Object, completions: int) -> Errors:
    wanted, listed = rule.get("succeededCount"), rule.get("succeededIndexes")
    errors: Errors = []
    if wanted is None and listed is None:
        errors.append(required(at, "at least one of succeededCount or succeededIndexes must be specified"))
    total, where = 0, at.child("succeededIndexes")
    if listed is not None:
        if len(listed) > MAX_INDEXES:
            errors.append(too_long(where, listed, MAX_INDEXES))
        try:
            total = indexes.count(listed, completions)
        except indexes.IndexesError as error:
            errors.append(invalid(where, listed, f"error parsing succeededIndexes: {error}"))
    if wanted is None:
        return errors
    limits = [(completions, "the number of specified completions")]
    if listed is not None:
        limits.append((total, "the number of indexes in the specified succeededIndexes field"))
    errors += checks.non_negative(at.child("succeededCount"), wanted)
    return errors + [
        invalid(at.child("succeededCount"), wanted, f"must be less than or equal to {limit} ({what})")
        for limit, what in limits
        if wanted > limit
    ]


def replacement(path: Path, spec: Object) -> Errors:
    """`podReplacementPolicy`: with a failure policy, Pods are replaced when they have failed for good."""
    policy = spec.get("podReplacementPolicy")
    allowed = ("Failed",) if spec.get("podFailurePolicy") is not None else ("Failed", "TerminatingOrFailed")
    return checks.choice(path, policy, allowed)
