"""Validation of conditions as metav1 has them. Pure; texts are upstream's. May import: api.checks, machinery."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, duplicate, invalid, not_supported, required, too_long

STATUSES = ("False", "True", "Unknown")
MAX_REASON, MAX_MESSAGE = 1024, 32 * 1024
_REASON_TEXT = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?"
_REASON = re.compile(_REASON_TEXT + r"\Z")
_REASON_WORDS = (
    "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric "
    "characters or '_,:', and must end with an alphanumeric character or '_'"
)
_EXAMPLES = ("my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB")
_BAD_REASON = names.regex_message(_REASON_WORDS, _REASON_TEXT, *_EXAMPLES)


def conditions(path: Path, given: Sequence[Object]) -> Errors:
    """Each of a type, none of it twice, all with status, time and reason."""
    errors: Errors = []
    seen: set[str] = set()
    for position, condition in enumerate(given):
        kind, at = condition.get("type") or "", path.index(position)
        if kind in seen:
            errors.append(duplicate(at.child("type"), kind))
        seen.add(kind)
        errors += _condition(at, condition)
    return errors


def _condition(at: Path, condition: Object) -> Errors:
    errors = checks.by(at.child("type"), condition.get("type") or "", names.is_qualified_name)
    status, where = condition.get("status") or "", at.child("status")
    errors += [] if status in STATUSES else [not_supported(where, status, STATUSES)]
    seen = condition.get("observedGeneration") or 0
    if seen < 0:
        errors.append(invalid(at.child("observedGeneration"), seen, "must be greater than or equal to zero"))
    if not condition.get("lastTransitionTime"):
        errors.append(required(at.child("lastTransitionTime")))
    reason, where = condition.get("reason") or "", at.child("reason")
    if not reason:
        errors.append(required(where))
    elif not _REASON.match(reason):
        errors.append(invalid(where, reason, _BAD_REASON))
    if len(reason) > MAX_REASON:
        errors.append(too_long(where, reason, MAX_REASON))
    message = condition.get("message") or ""
    return [*errors, too_long(at.child("message"), message, MAX_MESSAGE)] if len(message) > MAX_MESSAGE else errors
