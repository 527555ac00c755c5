"""Checks that the validation of many kinds is made of. Each gives field errors in upstream's words; none raises.

May import: machinery.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kajitori.machinery import names
from kajitori.machinery.fieldpath import (
    FieldError,
    Path,
    duplicate,
    forbidden,
    immutable,
    invalid,
    not_supported,
    required,
    too_long,
)
from kajitori.machinery.quantity import Quantity

Object = Mapping[str, Any]
Errors = list[FieldError]

NON_NEGATIVE = "must be greater than or equal to 0"
POSITIVE = "must be greater than 0"
PORT_RANGE = "must be between 1 and 65535, inclusive"
SELECTOR_MISMATCH = "`selector` does not match template `labels`"
MAX_DATA_BYTES = 1024 * 1024


def non_negative(path: Path, value: Any) -> Errors:
    """What is absent or no whole number passes: types are checked elsewhere."""
    return [invalid(path, value, NON_NEGATIVE)] if isinstance(value, int) and value < 0 else []


def positive(path: Path, value: Any) -> Errors:
    """What is absent or no whole number passes."""
    return [invalid(path, value, POSITIVE)] if isinstance(value, int) and value <= 0 else []


def one_of(path: Path, value: Any, allowed: Sequence[str]) -> Errors:
    """A required value out of a set."""
    if not value:
        return [required(path)]
    return [] if value in allowed else [not_supported(path, value, sorted(allowed))]


def one_of_these(path: Path, value: Any, allowed: Sequence[str]) -> Errors:
    """The same where upstream tells the choices in an order of its own."""
    if not value:
        return [required(path)]
    return [] if value in allowed else [not_supported(path, value, allowed)]


def optional_one_of(path: Path, value: Any, allowed: Sequence[str]) -> Errors:
    """Absent and empty pass: a plain string in upstream's types."""
    return one_of(path, value, allowed) if value else []


def choice(path: Path, value: Any, allowed: Sequence[str]) -> Errors:
    """Absent passes, empty does not: a pointer in upstream's types."""
    return [] if value is None or value in allowed else [not_supported(path, value, sorted(allowed))]


def ratcheted(errors: Errors, rule: str) -> Errors:
    """The same, for a rule that an update may go on breaking (`FieldError.ratchet`)."""
    return [dataclasses.replace(error, ratchet=rule) for error in errors]


def by(path: Path, value: str, check: Callable[[str], list[str]]) -> Errors:
    """The messages of a name check as field errors."""
    return [invalid(path, value, message) for message in check(value)]


def dns_label(path: Path, value: str | None) -> Errors:
    """Required, and a label of RFC 1123."""
    return by(path, value, names.is_dns1123_label) if value else [required(path)]


def dns_subdomain(path: Path, value: str | None) -> Errors:
    """Required, and a subdomain of RFC 1123."""
    return by(path, value, names.is_dns1123_subdomain) if value else [required(path)]


def prefixed_path(path: Path, value: str) -> Errors:
    """A path below a domain, such as `acme.io/foo`."""
    if not value:
        return [required(path)]
    domain, slash, rest = value.partition("/")
    if not slash or not domain or not rest:
        return [invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
    errors = by(path, domain, names.is_dns1123_subdomain)
    return errors if _HTTP_PATH.match(rest) else [*errors, invalid(path, rest, _INVALID_PATH)]


_HTTP_PATH_TEXT = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"
_HTTP_PATH = re.compile(_HTTP_PATH_TEXT + r"\Z")
_INVALID_PATH = f"Invalid path (regex used for validation is '{_HTTP_PATH_TEXT}')"


def app_protocol(path: Path, port: Object) -> Errors:
    """`appProtocol` of a port, where one is given."""
    given = port.get("appProtocol")
    return [] if given is None else by(path.child("appProtocol"), given, names.is_qualified_name)


def port_number(path: Path, value: Any) -> Errors:
    """From 1 to 65535; a name is none."""
    return [] if isinstance(value, int) and 1 <= value <= 65535 else [invalid(path, value, PORT_RANGE)]


def port_or_name(path: Path, value: Any) -> Errors:
    """A number of a port, or the IANA name of a container's port."""
    if isinstance(value, str):
        return by(path, value, names.is_port_name)
    return port_number(path, value)


def unique(path: Path, values: Iterable[Any]) -> Errors:
    """Reports each repetition at its own index."""
    seen, errors = set(), []
    for position, value in enumerate(values):
        if value in seen:
            errors.append(duplicate(path.index(position), value))
        seen.add(value)
    return errors


def labels(path: Path, pairs: Mapping[str, str] | None) -> Errors:
    """Keys and values of labels (or of a node selector)."""
    errors = []
    for key, value in (pairs or {}).items():
        errors += by(path, key, names.is_qualified_name)
        errors += by(path, value, names.is_label_value)
    return errors


def label_selector(path: Path, selector: Object | None) -> Errors:
    """A LabelSelector object."""
    if selector is None:
        return []
    errors = labels(path.child("matchLabels"), selector.get("matchLabels"))
    for position, expression in enumerate(selector.get("matchExpressions") or ()):
        at = path.child("matchExpressions").index(position)
        errors += selector_requirement(at, expression, ("In", "NotIn", "Exists", "DoesNotExist"))
    return errors


def selector_requirement(
    at: Path, expression: Object, operators: Sequence[str], ratchet: str = "label selector"
) -> Errors:
    """One of matchExpressions; `operators` are those that this kind of selector knows."""
    operator, values = expression.get("operator"), expression.get("values") or []
    errors: Errors = []
    if operator not in operators:
        errors.append(invalid(at.child("operator"), operator or "", "not a valid selector operator"))
    elif operator in ("In", "NotIn") and not values:
        errors.append(required(at.child("values"), "must be specified when `operator` is 'In' or 'NotIn'"))
    elif operator in ("Exists", "DoesNotExist") and values:
        errors.append(
            forbidden(at.child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
        )
    elif operator in ("Gt", "Lt") and len(values) != 1:
        errors.append(required(at.child("values"), "must be specified single value when `operator` is 'Lt' or 'Gt'"))
    errors += by(at.child("key"), expression.get("key") or "", names.is_qualified_name)
    for index, value in enumerate(values):
        wrong = names.is_label_value(value)
        errors += ratcheted(by(at.child("values").index(index), value, names.is_label_value), ratchet) if wrong else []
    return errors


def matches(selector: Object, pairs: Mapping[str, str]) -> bool:
    """True if labels satisfy a LabelSelector object that is valid."""
    if any(pairs.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_holds(expression, pairs) for expression in selector.get("matchExpressions") or ())


def _holds(expression: Object, pairs: Mapping[str, str]) -> bool:
    key, values = expression.get("key", ""), expression.get("values") or ()
    match expression.get("operator"):
        case "In":
            return pairs.get(key) in values
        case "NotIn":
            return key not in pairs or pairs[key] not in values
        case "Exists":
            return key in pairs
        case "DoesNotExist":
            return key not in pairs
    return False


BROKEN_SELECTOR = {"deployment": "invalid label selector", "statefulset": ""}
"""What upstream adds to the errors of a selector that is none, by kind; the template then goes unread."""


def workload_selector(spec: Object, path: Path, *, kind_text: str) -> Errors:
    """The selector of a Deployment and its like: present, not empty, and true of its own template."""
    selector, at = spec.get("selector"), path.child("selector")
    pairs = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    mismatch = invalid(path.child("template", "metadata", "labels"), pairs, SELECTOR_MISMATCH)
    if selector is None:
        return [mismatch] if kind_text == "daemonset" else [required(at), mismatch]
    errors = label_selector(at, selector)
    broken = bool(errors)
    if kind_text != "job" and not selector.get("matchLabels") and not selector.get("matchExpressions"):
        errors.append(invalid(at, selector, f"empty selector is invalid for {kind_text}"))
    if broken and kind_text in BROKEN_SELECTOR:
        errors.append(invalid(at, selector, BROKEN_SELECTOR[kind_text]))
    elif not broken and not matches(selector, pairs):
        errors.append(mismatch)
    return errors


def quantity(path: Path, value: Any) -> Errors:
    """A quantity that parses and is not negative."""
    try:
        parsed = Quantity.parse(value)
    except ValueError as error:
        return [invalid(path, value, str(error))]
    return [invalid(path, str(value), NON_NEGATIVE)] if parsed < Quantity.parse("0") else []


def percent_or_count(path: Path, value: Any) -> Errors:
    """An int-or-percent such as maxSurge: a count, or ``25%``."""
    return by(path, value, names.is_percent) if isinstance(value, str) else non_negative(path, value)


def at_most_100_percent(path: Path, value: Any) -> Errors:
    """Numbers pass, whatever they are."""
    if isinstance(value, str) and value.endswith("%") and value[:-1].isdigit() and int(value[:-1]) > 100:
        return [invalid(path, value, "must not be greater than 100%")]
    return []


def data_keys(path: Path, *maps: Mapping[str, Any] | None) -> Errors:
    """Keys of a ConfigMap's or Secret's data: file names, each in one map only."""
    errors: Errors = []
    for pairs in maps:
        for key in pairs or ():
            errors += [invalid(path.key(key), key, why) for why in names.is_config_map_key(key)]
    return errors


def total_size(path: Path, size: int) -> Errors:
    """`size` in bytes, of all values together."""
    return [too_long(path, "", MAX_DATA_BYTES)] if size > MAX_DATA_BYTES else []


def unchanged(path: Path, new: Any, old: Any) -> Errors:
    """The error for an immutable field that differs."""
    return [] if new == old else [immutable(path, new)]


def template_metadata(path: Path, metadata: Object) -> Errors:
    """The metadata of a template inside another object: labels and annotations, nothing else."""
    at = path.child("annotations")
    errors = [
        invalid(at, key, why)
        for key in metadata.get("annotations") or ()
        for why in names.is_qualified_name(key.lower())
    ]
    errors += labels(path.child("labels"), metadata.get("labels"))
    return errors + [
        forbidden(path.child(field), "cannot be set")
        for field, value in metadata.items()
        if field not in ("labels", "annotations") and value not in (None, "", [], {})
    ]
