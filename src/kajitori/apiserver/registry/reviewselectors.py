"""The selectors of a SubjectAccessReview: what is wrong with them, and how a URL would say them.

A requirement that this server does not understand is left out and told, for what is asked then is more, never less.
Pure. May import: machinery.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kajitori.machinery.fieldpath import FieldError, Path, forbidden, invalid, required

Object = dict[str, Any]
_WITH_VALUES, _WITHOUT = ("In", "NotIn"), ("Exists", "DoesNotExist")


@dataclass(frozen=True, slots=True)
class Read:
    """A selector as far as it was understood."""

    text: str
    is_broken: bool


def selector_errors(path: Path, given: Object) -> list[FieldError]:
    """Raw or requirements, one of them; requirements with the values that their operators need."""
    errors: list[FieldError] = []
    raw, requirements = given.get("rawSelector") or "", given.get("requirements") or []
    if raw and requirements:
        errors.append(invalid(path.child("rawSelector"), raw, "may not specified at the same time as requirements"))
    if not raw and not requirements:
        say = f"when {path} is specified, requirements or rawSelector is required"
        errors.append(required(path.child("requirements"), say))
    for index, one in enumerate(requirements):
        errors += _requirement_errors(path.child("requirements").index(index), one)
    return errors


def _requirement_errors(path: Path, one: Object) -> list[FieldError]:
    errors: list[FieldError] = []
    if not one.get("key"):
        errors.append(required(path.child("key"), "must be specified"))
    operator, values = one.get("operator"), one.get("values") or []
    if operator in _WITH_VALUES and not values:
        say = "must be specified when `operator` is 'In' or 'NotIn'"
        errors.append(required(path.child("values"), say))
    if operator in _WITHOUT and values:
        say = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        errors.append(forbidden(path.child("values"), say))
    return errors


def read_selector(given: Object, term: Callable[[Object], str], parse: Callable[[str], Any]) -> Read:
    """`term` says one requirement, "" if it cannot; `parse` raises ValueError for what is no selector."""
    raw = str(given.get("rawSelector") or "")
    wanted = [raw] if raw else [term(one) for one in given.get("requirements") or ()]
    kept = [one for one in wanted if one and _is_selector(one, parse)]
    return Read(",".join(kept), len(kept) < len(wanted))


def _is_selector(text: str, parse: Callable[[str], Any]) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def field_term(one: Object) -> str:
    """Fields are compared with one value."""
    key, values = one.get("key") or "", list(one.get("values") or ())
    sign = {"In": "=", "NotIn": "!="}.get(one.get("operator") or "")
    return f"{key}{sign}{_escaped(values[0])}" if sign and len(values) == 1 else ""


def _escaped(value: str) -> str:
    for char in "\\,=":
        value = value.replace(char, f"\\{char}")
    return value


def label_term(one: Object) -> str:
    key, values = one.get("key") or "", list(one.get("values") or ())
    match one.get("operator"):
        case "In":
            return f"{key}={values[0]}" if len(values) == 1 else f"{key} in ({','.join(values)})"
        case "NotIn":
            return f"{key}!={values[0]}" if len(values) == 1 else f"{key} notin ({','.join(values)})"
        case "Exists":
            return str(key)
        case "DoesNotExist":
            return f"!{key}"
    return ""
