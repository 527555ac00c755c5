"""Which names a CustomResourceDefinition gets, and the conditions that say so. Pure.

A name that another definition of the group has already been given is refused; the rest is accepted. A definition whose
names are all accepted once is established, and stays so. May import: customresources.definition.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kajitori.apiserver.customresources.definition import APPROVED, ESTABLISHED, NAMES_ACCEPTED
from kajitori.machinery.gotext import quote

Object = dict[str, Any]
_APPROVAL = "api-approved.kubernetes.io"
_ORDER = (NAMES_ACCEPTED, ESTABLISHED, APPROVED)


def next_status(crd: Mapping[str, Any], others: Iterable[Mapping[str, Any]], now: str) -> Object:
    """The status of a definition beside the others of its group."""
    status: Object = dict(crd.get("status") or {})
    accepted, problem = _accept(crd["spec"]["names"], status.get("acceptedNames") or {}, list(others))
    conditions = list(status.get("conditions") or ())
    if problem is None:
        _set(conditions, NAMES_ACCEPTED, "True", "NoConflicts", "no conflicts found", now)
    else:
        _set(conditions, NAMES_ACCEPTED, "False", *problem, now)
    established = next((c for c in conditions if c.get("type") == ESTABLISHED), None)
    if established is None or established.get("status") != "True":
        if problem is None:
            message = "the initial names have been accepted"
            _set(conditions, ESTABLISHED, "True", "InitialNamesAccepted", message, now)
        else:
            _set(conditions, ESTABLISHED, "False", "NotAccepted", "not all names are accepted", now)
    _approve(crd, conditions, now)
    status["acceptedNames"] = accepted
    status["conditions"] = conditions
    return status


def _accept(
    wanted: Mapping[str, Any], accepted: Mapping[str, Any], others: list[Mapping[str, Any]]
) -> tuple[Object, tuple[str, str] | None]:
    taken = [((other.get("status") or {}).get("acceptedNames") or {}) for other in others]
    resources = {
        name
        for names in taken
        for name in (names.get("plural"), names.get("singular"), *(names.get("shortNames") or ()))
    }
    kinds = {name for names in taken for name in (names.get("kind"), names.get("listKind"))}
    result: Object = dict(accepted)
    problem: tuple[str, str] | None = None
    for field, word, used in (
        ("plural", "Plural", resources),
        ("singular", "Singular", resources),
        ("shortNames", "ShortNames", resources),
        ("kind", "Kind", kinds),
        ("listKind", "ListKind", kinds),
    ):
        value = wanted.get(field)
        clashes = _clashes(value, accepted.get(field), used)
        if clashes:
            problem = (f"{word}Conflict", clashes)
        elif value:
            result[field] = value
        else:
            result.pop(field, None)
    if wanted.get("categories"):
        result["categories"] = wanted["categories"]
    else:
        result.pop("categories", None)
    result.setdefault("plural", "")
    result.setdefault("kind", "")
    return result, problem


def _clashes(value: Any, accepted: Any, used: set[Any]) -> str:
    """What is wrong with a name, or with one of several."""
    if isinstance(value, list):
        bad = [name for name in value if name not in (accepted or ()) and name in used]
        texts = [f'"{name}" is already in use' for name in bad]
        return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]" if texts else ""
    return f'"{value}" is already in use' if value and value != accepted and value in used else ""


def _approve(crd: Mapping[str, Any], conditions: list[Object], now: str) -> None:
    group = crd["spec"]["group"]
    if not is_protected(group):
        return
    annotation = ((crd.get("metadata") or {}).get("annotations") or {}).get(_APPROVAL) or ""
    if not annotation:
        message = f'protected groups must have approval annotation "{_APPROVAL}", see {_SEE}'
        _set(conditions, APPROVED, "False", "MissingAnnotation", message, now)
    elif annotation.startswith("unapproved"):
        message = f"not approved: {quote(annotation)}"
        _set(conditions, APPROVED, "False", "UnapprovedAnnotation", message, now)
    else:
        _set(conditions, APPROVED, "True", "ApprovedAnnotation", f"approved in {annotation}", now)


_SEE = "https://github.com/kubernetes/enhancements/pull/1111"


def is_protected(group: str) -> bool:
    """Whether the group is the community's: its definitions need an approval."""
    return any(group == suffix or group.endswith(f".{suffix}") for suffix in ("k8s.io", "kubernetes.io"))


def _set(conditions: list[Object], kind: str, status: str, reason: str, message: str, now: str) -> None:
    set_condition(conditions, kind, status, reason, message, now)


def set_condition(conditions: list[Object], kind: str, status: str, reason: str, message: str, now: str) -> None:
    """Puts a condition into a list; its time changes with its status."""
    fresh: Object = {
        "type": kind,
        "status": status,
        "lastTransitionTime": now,
        "reason": reason,
        "message": message,
    }
    for index, old in enumerate(conditions):
        if old.get("type") == kind:
            if old.get("status") == status:
                fresh["lastTransitionTime"] = old.get("lastTransitionTime", now)
            conditions[index] = fresh
            return
    conditions.append(fresh)
