"""Validation of probes and of the hooks of a container's life. Pure, on wire dicts after defaulting.

Texts are upstream's. May import: api.checks, machinery.
"""

from __future__ import annotations

from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, forbidden, invalid, required

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
PROBE_ACTIONS = ("exec", "httpGet", "tcpSocket", "grpc")
HOOK_ACTIONS = ("exec", "httpGet", "tcpSocket", "sleep")
TIMES = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
NEEDS_SIDECAR = "may not be set for init containers without restartPolicy=Always"


def health(at: Path, container: Object, grace_s: int | None) -> Errors:
    """The probes and hooks of a container that keeps running; `grace_s` bounds a sleep before the end."""
    errors: Errors = []
    lifecycle = container.get("lifecycle")
    if lifecycle is not None:
        for hook in ("postStart", "preStop"):
            if lifecycle.get(hook) is not None:
                errors += action(at.child("lifecycle", hook), lifecycle[hook], HOOK_ACTIONS, grace_s)
    for field in PROBES:
        if container.get(field) is not None:
            errors += _probe(at.child(field), container[field], field)
    return errors


def no_health(at: Path, container: Object) -> Errors:
    """An init container that is to end has neither."""
    fields = ("lifecycle", *PROBES)
    return [forbidden(at.child(field), NEEDS_SIDECAR) for field in fields if container.get(field) is not None]


def _probe(at: Path, probe: Object, field: str) -> Errors:
    errors = action(at, probe, PROBE_ACTIONS)
    for name in TIMES:
        errors += checks.non_negative(at.child(name), probe.get(name))
    grace = probe.get("terminationGracePeriodSeconds")
    where = at.child("terminationGracePeriodSeconds")
    if grace is not None and grace <= 0:
        errors.append(invalid(where, grace, "must be greater than 0"))
    if field == "readinessProbe":
        if grace is not None:
            errors.append(invalid(where, grace, "must not be set for readinessProbes"))
    elif probe.get("successThreshold") != 1:
        errors.append(invalid(at.child("successThreshold"), probe.get("successThreshold"), "must be 1"))
    return errors


def action(at: Path, given: Object, kinds: tuple[str, ...], grace_s: int | None = None) -> Errors:
    """What a probe or hook does: exactly one kind of action, complete."""
    present = [kind for kind in kinds if given.get(kind) is not None]
    if not present:
        return [required(at, "must specify a handler type")]
    kind, value = present[0], given[present[0]]
    errors = _one(at.child(kind), kind, value, grace_s)
    return errors + [forbidden(at.child(extra), "may not specify more than 1 handler type") for extra in present[1:]]


def _one(at: Path, kind: str, value: Any, grace_s: int | None) -> Errors:
    match kind:
        case "exec":
            return [] if value.get("command") else [required(at.child("command"))]
        case "sleep":
            seconds = value.get("seconds") or 0
            if grace_s is not None and not 0 <= seconds <= grace_s:
                why = f"must be non-negative and less than terminationGracePeriodSeconds ({grace_s})"
                return [invalid(at, seconds, why)]
            return []
    errors: Errors = []
    if kind == "httpGet" and not value.get("path"):
        errors.append(required(at.child("path")))
    port = value.get("port")
    errors += checks.port_or_name(at.child("port"), 0 if port is None else port)
    if kind == "httpGet":
        errors += checks.choice(at.child("scheme"), value.get("scheme") or "", ("HTTP", "HTTPS"))
        for header in value.get("httpHeaders") or ():
            errors += checks.by(at.child("httpHeaders"), header.get("name") or "", names.is_http_header_name)
    return errors
