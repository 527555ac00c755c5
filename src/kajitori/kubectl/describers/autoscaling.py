"""Horizontal pod autoscalers (autoscaling/v2, and v1 where a server has no v2). May import: kubectl.describers."""

from __future__ import annotations

from kajitori.kubectl.describers.cluster import Cluster
from kajitori.kubectl.describers.events import write_events
from kajitori.kubectl.describers.marks import identity, marks
from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.wire import Wire, amount, dig, meta, moment, or_unset, spec, status
from kajitori.machinery.gotext import quote

UNKNOWN = "<unknown>"
_SOURCES = {
    "External": "external", "Pods": "pods", "Object": "object", "Resource": "resource",
    "ContainerResource": "containerResource",
}  # fmt: skip


async def describe_autoscaler(page: Page, obj: Wire, cluster: Cluster) -> None:
    identity(page, obj)
    marks(page, obj)
    page.row(0, "CreationTimestamp:", moment(meta(obj, "creationTimestamp")))
    kind = spec(obj, "scaleTargetRef", "kind")
    page.row(0, "Reference:", f"{kind}/{spec(obj, 'scaleTargetRef', 'name')}")
    if obj.get("apiVersion") == "autoscaling/v1":
        _cpu(page, obj)
    else:
        _metrics(page, obj)
    page.row(0, "Min replicas:", or_unset(spec(obj, "minReplicas", default=None)))
    page.row(0, "Max replicas:", spec(obj, "maxReplicas", default=0))
    _behavior(page, spec(obj, "behavior", default=None))
    now, wanted = status(obj, "currentReplicas", default=0), status(obj, "desiredReplicas", default=0)
    page.row(0, f"{kind} pods:", f"{now} current / {wanted} desired")
    conditions = status(obj, "conditions", default=[])
    if conditions:
        page.row(0, "Conditions:")
        page.rows(1, ("Type", "Status", "Reason", "Message"), ("----", "------", "------", "-------"))
    for one in conditions:
        page.row(1, *(one.get(key, "") for key in ("type", "status", "reason", "message")))
    await write_events(page, obj, cluster)


def _cpu(page: Page, obj: Wire) -> None:
    target = spec(obj, "targetCPUUtilizationPercentage", default=None)
    if target is not None:
        page.row(0, "Target CPU utilization:", f"{target}%")
        page.row(0, "Current CPU utilization:", f"{status(obj, 'currentCPUUtilizationPercentage', default=UNKNOWN)}%")


def _metrics(page: Page, obj: Wire) -> None:
    page.row(0, "Metrics:", "( current / target )")
    seen = status(obj, "currentMetrics", default=[])
    for position, metric in enumerate(spec(obj, "metrics", default=[])):
        key = _SOURCES.get(metric.get("type", ""), "")
        if not key:
            page.row(1, f"<unknown metric type {quote(metric.get('type', ''))}>")
            continue
        current = dig(seen[position], key, "current") if position < len(seen) else None
        _metric(page, key, metric[key], current)


def _metric(page: Page, key: str, metric: Wire, current: Wire | None) -> None:
    target = metric.get("target") or {}
    name = dig(metric, "metric", "name", default="")
    if key in ("resource", "containerResource"):
        _resource(page, metric, target, current)
        return
    if key == "pods":
        page.row(1, f"{quote(name)} on pods:", _pair(current, target, "averageValue", known=current is not None))
        return
    if key == "external":
        average = target.get("averageValue") is not None
        start = quote(name)
        known = current is not None and (not average or current.get("averageValue") is not None)
    else:
        average = target.get("type") == "AverageValue"
        described = metric.get("describedObject") or {}
        start = f'"{name}" on {described.get("kind", "")}/{described.get("name", "")}'
        known = current is not None
    title = "target average value" if average else "target value"
    page.row(1, f"{start} ({title}):", _pair(current, target, "averageValue" if average else "value", known=known))


def _pair(current: Wire | None, target: Wire, key: str, *, known: bool) -> str:
    now = _go_amount((current or {}).get(key)) if known else UNKNOWN
    return f"{now} / {_go_amount(target.get(key))}"


def _go_amount(value: object) -> str:
    return "<nil>" if value is None else amount(value)


def _resource(page: Page, metric: Wire, target: Wire, current: Wire | None) -> None:
    start = f"resource {metric.get('name', '')}"
    start += f' of container "{metric["container"]}"' if metric.get("container") else ""
    page.write(1, f"{start} on pods")
    if target.get("averageValue") is not None:
        page.write(0, f":\t{_pair(current, target, 'averageValue', known=current is not None)}\n")
        return
    now = UNKNOWN
    if current is not None and current.get("averageUtilization") is not None:
        now = f"{current['averageUtilization']}% ({_go_amount(current.get('averageValue'))})"
    wanted = target.get("averageUtilization")
    shown = "<auto>" if wanted is None else f"{wanted}%"
    page.row(1, "(as a percentage of request):", f"{now} / {shown}")


def _behavior(page: Page, behavior: Wire | None) -> None:
    if behavior is None:
        return
    page.row(0, "Behavior:")
    for title, key in (("Scale Up:", "scaleUp"), ("Scale Down:", "scaleDown")):
        rules = behavior.get(key)
        if rules is None:
            continue
        page.row(1, title)
        if rules.get("stabilizationWindowSeconds") is not None:
            page.row(2, f"Stabilization Window: {rules['stabilizationWindowSeconds']} seconds")
        policies = rules.get("policies") or []
        if policies:
            page.row(2, f"Select Policy: {rules.get('selectPolicy') or 'Max'}")
            page.row(2, "Policies:")
        for one in policies:
            period = f"Period: {one.get('periodSeconds', 0)} seconds"
            page.row(3, f"- Type: {one.get('type', '')}", f"Value: {one.get('value', 0)}", period)
