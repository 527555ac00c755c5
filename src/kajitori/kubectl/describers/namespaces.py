"""Namespaces, resource quotas, limit ranges. May import: kubectl.describers."""

from __future__ import annotations

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.describers.cluster import Cluster
from kajitori.kubectl.describers.marks import identity, marks
from kajitori.kubectl.describers.networking import write_dated_conditions
from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.wire import Wire, amount, meta, spec, status
from kajitori.machinery.quantity import Quantity

QUOTAS = ResourcePath("v1", "resourcequotas", namespaced=True)
LIMITS = ResourcePath("v1", "limitranges", namespaced=True)
_SCOPES = {
    "Terminating": "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before "
    "being actively terminated by the system.",
    "NotTerminating": "Matches all pods that do not have an active deadline. These pods usually include long running "
    "pods whose container command is not expected to terminate.",
    "BestEffort": "Matches all pods that do not have resource requirements set. These pods have a best effort quality "
    "of service.",
    "NotBestEffort": "Matches all pods that have at least one resource requirement set. These pods have a burstable or "
    "guaranteed quality of service.",
}
_LIMIT_TITLES = ("Type", "Resource", "Min", "Max", "Default Request", "Default Limit", "Max Limit/Request Ratio")


async def describe_namespace(page: Page, obj: Wire, cluster: Cluster) -> None:
    quotas = await cluster.list(QUOTAS, meta(obj, "name"))
    ranges = await cluster.list(LIMITS, meta(obj, "name"))
    identity(page, obj, namespaced=False)
    marks(page, obj)
    page.row(0, "Status:", status(obj, "phase"))
    if status(obj, "conditions", default=[]):
        write_dated_conditions(page, status(obj, "conditions"))
    page.write(0, "\n")
    _quotas(page, quotas)
    page.write(0, "\n")
    _ranges(page, ranges)


def _quotas(page: Page, quotas: list[Wire]) -> None:
    if not quotas:
        page.row(0, "No resource quota.")
        return
    page.row(0, "Resource Quotas")
    for quota in sorted(quotas, key=lambda one: meta(one, "name")):
        page.row(1, "Name:", meta(quota, "name"))
        _scopes(page, quota, 1, "* ")
        page.rows(1, ("Resource", "Used", "Hard"), ("--------", "---", "---"))
        hard, used = status(quota, "hard", default={}), status(quota, "used", default={})
        for name in sorted(hard):
            page.row(1, name, amount(used.get(name)), amount(hard[name]))


def _scopes(page: Page, quota: Wire, level: int, bullet: str) -> None:
    scopes = sorted(spec(quota, "scopes", default=[]))
    if scopes:
        page.row(level, "Scopes:", ", ".join(scopes))
    for scope in scopes:
        if scope in _SCOPES:
            page.row(level, bullet + _SCOPES[scope])


async def describe_quota(page: Page, obj: Wire, cluster: Cluster) -> None:
    identity(page, obj)
    _scopes(page, obj, 0, " * ")
    page.rows(0, ("Resource", "Used", "Hard"), ("--------", "----", "----"))
    hard, used = status(obj, "hard", default={}), status(obj, "used", default={})
    for name in sorted(hard):
        most, now = Quantity.parse(hard[name]), Quantity.parse(used.get(name, "0"))
        if most.format != now.format:
            now = Quantity.of(now.value(), most.format)
        page.row(0, name, str(now), str(most))


def _ranges(page: Page, ranges: list[Wire]) -> None:
    if not ranges:
        page.row(0, "No LimitRange resource.")
        return
    page.row(0, "Resource Limits")
    _titles(page, " ")
    for one in ranges:
        _limits(page, one, " ")


def _titles(page: Page, prefix: str) -> None:
    page.row(0, prefix + _LIMIT_TITLES[0], *_LIMIT_TITLES[1:])
    lines = ["-" * len(title) for title in _LIMIT_TITLES]
    page.row(0, prefix + lines[0], *lines[1:])


def _limits(page: Page, obj: Wire, prefix: str) -> None:
    keys = ("min", "max", "defaultRequest", "default", "maxLimitRequestRatio")
    for item in spec(obj, "limits", default=[]):
        names = sorted({name for key in keys for name in item.get(key) or {}})
        for name in names:
            cells = [amount(item[key][name]) if name in (item.get(key) or {}) else "-" for key in keys]
            page.row(0, prefix + item.get("type", ""), name, *cells)


async def describe_limit_range(page: Page, obj: Wire, cluster: Cluster) -> None:
    identity(page, obj)
    _titles(page, "")
    _limits(page, obj, "")
