"""Validation of ResourceSlices: a driver's devices, and where they are. Pure; texts are upstream's.

May import: api.checks, api.core.scheduling_validation, api.resource, machinery.
"""

from __future__ import annotations

import re

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.api.core.scheduling_validation import node_selector
from kajitori.api.resource import naming
from kajitori.api.resource.devices import listed
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, invalid, required, too_long

SPEC = Path("spec")
MAX_DEVICES, MAX_FACTS, MAX_TEXT = 128, 32, 64
VALUES = ("int", "bool", "string", "version")
_ONE_OF = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required"
_ONE_VALUE = "exactly one value must be specified"
_NOT_FALSE = "must be either unset or set to true"
_PART = r"(?:0|[1-9]\d*)"
_TAG = r"(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)"
_VERSION = re.compile(rf"{_PART}\.{_PART}\.{_PART}(?:-{_TAG}(?:\.{_TAG})*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?\Z")


def resource_slice(obj: Object) -> Errors:
    """A driver, its pool, the nodes, the devices."""
    spec = obj.get("spec") or {}
    errors = naming.driver(SPEC.child("driver"), spec.get("driver") or "")
    errors += _pool(SPEC.child("pool"), spec.get("pool") or {})
    errors += _placement(spec)
    return errors + listed(SPEC.child("devices"), spec.get("devices") or [], MAX_DEVICES, _device, "name")


def _pool(at: Path, pool: Object) -> Errors:
    errors = naming.pool(at.child("name"), pool.get("name") or "")
    count, generation = pool.get("resourceSliceCount") or 0, pool.get("generation") or 0
    if count <= 0:
        errors.append(invalid(at.child("resourceSliceCount"), count, "must be greater than zero"))
    if generation < 0:
        errors.append(invalid(at.child("generation"), generation, "must be greater than or equal to zero"))
    return errors


def _placement(spec: Object) -> Errors:
    """On one node, on those that a selector finds, or on all."""
    node, selector = spec.get("nodeName"), spec.get("nodeSelector")
    given, errors = [], []
    at = SPEC.child("nodeName")
    if node:
        given.append("`nodeName`")
        errors += checks.by(at, node, names.is_dns1123_subdomain)
    elif node is not None:
        errors.append(required(at, "must be either unset or set to a non-empty string"))
    if selector is not None:
        given.append("`nodeSelector`")
        errors += _selector(SPEC.child("nodeSelector"), selector)
    for field in ("allNodes", "perDeviceNodeSelection"):
        if spec.get(field):
            given.append(f"`{field}`")
        elif spec.get(field) is not None:
            errors.append(invalid(SPEC.child(field), False, _NOT_FALSE))
    if not given:
        errors.append(required(SPEC, _ONE_OF))
    elif len(given) > 1:
        errors.append(invalid(SPEC, f"{{{', '.join(given)}}}", f"{_ONE_OF}, but multiple fields are set"))
    return errors


def _selector(at: Path, selector: Object) -> Errors:
    terms = selector.get("nodeSelectorTerms") or []
    errors = node_selector(at, selector)
    if len(terms) != 1:
        errors.append(invalid(at.child("nodeSelectorTerms"), terms, "must have exactly one node selector term"))
    return errors


def _device(at: Path, device: Object) -> Errors:
    """Its name and what is known of it."""
    errors = checks.by(at.child("name"), device.get("name") or "", names.is_dns1123_label)
    attributes, capacity = device.get("attributes") or {}, device.get("capacity") or {}
    for name, attribute in attributes.items():
        where = at.child("attributes").key(name)
        errors += naming.qualified(where, name) + _attribute(where, attribute)
    for name in capacity:
        errors += naming.qualified(at.child("capacity").key(name), name)
    facts = len(attributes) + len(capacity)
    if facts > MAX_FACTS:
        why = f"the total number of attributes and capacities must not exceed {MAX_FACTS}"
        errors.append(invalid(at, facts, why))
    return errors


def _attribute(at: Path, attribute: Object) -> Errors:
    given = [kind for kind in VALUES if attribute.get(kind) is not None]
    errors: Errors = []
    for kind in given:
        text, where = attribute[kind], at.child(kind)
        if kind == "version" and not _VERSION.match(text):
            errors.append(invalid(where, text, "must be a string compatible with semver.org spec 2.0.0"))
        if isinstance(text, str) and len(text) > MAX_TEXT:
            errors.append(too_long(where, text, MAX_TEXT))
    if not given:
        errors.append(required(at, _ONE_VALUE))
    return errors if len(given) < 2 else [*errors, invalid(at, attribute, _ONE_VALUE)]


def update(obj: Object, old: Object) -> Errors:
    """Driver, node and pool stay."""
    new, before = obj.get("spec") or {}, old.get("spec") or {}
    errors = checks.unchanged(
        SPEC.child("pool", "name"), *((one.get("pool") or {}).get("name") for one in (new, before))
    )
    for field in ("driver", "nodeName"):
        errors += checks.unchanged(SPEC.child(field), new.get(field), before.get(field))
    return errors
