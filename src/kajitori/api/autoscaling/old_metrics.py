"""Metrics and behaviour in the forms in which autoscaling/v1 keeps them in annotations, and back. Pure, on wire dicts.

v1 has flat names (`targetAverageValue`) where v2 nests (`target: {averageValue}`); behaviour stands there under the
names of upstream's internal type (`ScaleUp`, `StabilizationWindowSeconds`), read in any case.
May import: nothing of Kajitori.
"""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]
KINDS = ("object", "pods", "resource", "containerResource", "external")
_TARGET = {
    "value": "targetValue",
    "averageValue": "targetAverageValue",
    "averageUtilization": "targetAverageUtilization",
}
_CURRENT = {
    "value": "currentValue",
    "averageValue": "currentAverageValue",
    "averageUtilization": "currentAverageUtilization",
}
_ORDER = (
    "target",
    "name",
    "metricName",
    "metricSelector",
    "targetAverageUtilization",
    "currentAverageUtilization",
    "targetValue",
    "currentValue",
    "targetAverageValue",
    "currentAverageValue",
    "selector",
    "averageValue",
    "container",
)
_ALWAYS = {
    ("object", "target"): "targetValue",
    ("pods", "target"): "targetAverageValue",
    ("object", "current"): "currentValue",
    ("pods", "current"): "currentAverageValue",
    ("resource", "current"): "currentAverageValue",
    ("containerResource", "current"): "currentAverageValue",
    ("external", "current"): "currentValue",
}
"""What v1 writes even where v2 has none, as 0."""


def to_v1(metric: Object, part: str) -> Object:
    """A metric of v2; `part` is `target` in a spec and `current` in a status."""
    kind = next((kind for kind in KINDS if metric.get(kind) is not None), "")
    found = {"type": metric.get("type") or ""}
    return found | {kind: _source_to_v1(kind, metric[kind], part)} if kind else found


def _names(kind: str, part: str) -> dict[str, str]:
    names = dict(_TARGET if part == "target" else _CURRENT)
    return names | ({"averageValue": "averageValue"} if kind == "object" else {})


def _source_to_v1(kind: str, source: Object, part: str) -> Object:
    flat: Object = {}
    identifier, amounts = source.get("metric") or {}, source.get(part) or {}
    for field in ("name", "container"):
        if source.get(field):
            flat[field] = source[field]
    if "metric" in source:
        flat["metricName"] = identifier.get("name") or ""
    if identifier.get("selector") is not None:
        flat["metricSelector" if kind == "external" else "selector"] = identifier["selector"]
    if kind == "object":
        flat["target"] = source.get("describedObject") or {}
    for new, old in _names(kind, part).items():
        if amounts.get(new) is not None:
            flat[old] = amounts[new]
    always = _ALWAYS.get((kind, part))
    if always:
        flat.setdefault(always, "0")
    return {name: flat[name] for name in _ORDER if name in flat}


def to_v2(metric: Object, part: str) -> Object:
    """A metric of v1, in the form of v2."""
    kind = next((kind for kind in KINDS if isinstance(metric.get(kind), dict)), "")
    found = {"type": metric.get("type") or ""}
    return found | {kind: _source_to_v2(kind, metric[kind], part)} if kind else found


def _source_to_v2(kind: str, flat: Object, part: str) -> Object:
    if "metric" in flat or (part in flat and kind != "object"):
        return flat  # already so: earlier versions of this server wrote it as v2 has it
    source: Object = {field: flat[field] for field in ("name", "container") if flat.get(field)}
    if kind in ("object", "pods", "external"):
        selector = flat.get("metricSelector" if kind == "external" else "selector")
        source["metric"] = {"name": flat.get("metricName") or ""} | ({} if selector is None else {"selector": selector})
    if kind == "object":
        source["describedObject"] = flat.get("target") or {}
    amounts = {new: flat[old] for new, old in _names(kind, part).items() if flat.get(old) is not None}
    if kind == "object" and "averageValue" in amounts and amounts.get("value") == "0":
        del amounts["value"]  # v1 could not leave it out
    source[part] = ({"type": _type(kind, amounts)} if part == "target" else {}) | amounts
    return source


def _type(kind: str, amounts: Object) -> str:
    if "averageUtilization" in amounts:
        return "Utilization"
    if kind == "object":
        return "AverageValue" if "averageValue" in amounts else "Value"
    return "Value" if "value" in amounts else "AverageValue"


_RULES = ("stabilizationWindowSeconds", "selectPolicy", "policies", "tolerance")
_POLICY = ("type", "value", "periodSeconds")


def _go(name: str) -> str:
    return name[0].upper() + name[1:]


def behavior_to_v1(behavior: Object) -> Object:
    """Under the internal names; what is absent is null there."""
    return {_go(way): _rules_to_v1(behavior.get(way)) for way in ("scaleUp", "scaleDown")}


def _rules_to_v1(rules: Object | None) -> Object | None:
    if rules is None:
        return None
    policies = rules.get("policies")
    shown = None if policies is None else [{_go(name): one.get(name) for name in _POLICY} for one in policies]
    return {_go(name): shown if name == "policies" else rules.get(name) for name in _RULES}


def behavior_to_v2(given: Object) -> Object:
    """From names in any case, as Go reads them."""
    found = _renamed(given, ("scaleUp", "scaleDown"))
    for way, rules in found.items():
        found[way] = _renamed(rules, _RULES)
        if isinstance(found[way].get("policies"), list):
            found[way]["policies"] = [_renamed(one, _POLICY) for one in found[way]["policies"]]
    return found


def _renamed(given: Any, names: tuple[str, ...]) -> Object:
    known = {name.lower(): name for name in names}
    pairs = given.items() if isinstance(given, dict) else ()
    return {known[name.lower()]: value for name, value in pairs if name.lower() in known and value is not None}
