"""Pod disruption budgets and priority classes. May import: kubectl.describers."""

from __future__ import annotations

from kajitori.kubectl.describers.cluster import Cluster
from kajitori.kubectl.describers.events import write_events
from kajitori.kubectl.describers.marks import identity, selector_text
from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.wire import Wire, lower, meta, spec, status
from kajitori.machinery.labels import format_labels


async def describe_disruption_budget(page: Page, obj: Wire, cluster: Cluster) -> None:
    identity(page, obj)
    least, most = spec(obj, "minAvailable", default=None), spec(obj, "maxUnavailable", default=None)
    if least is not None:
        page.row(0, "Min available:", least)
    elif most is not None:
        page.row(0, "Max unavailable:", most)
    selector = spec(obj, "selector", default=None)
    page.row(0, "Selector:", "<unset>" if selector is None else selector_text(selector))
    page.row(0, "Status:")
    for title, key in (
        ("Allowed disruptions:", "disruptionsAllowed"),
        ("Current:", "currentHealthy"),
        ("Desired:", "desiredHealthy"),
        ("Total:", "expectedPods"),
    ):
        page.row(2, title, status(obj, key, default=0))
    await write_events(page, obj, cluster)


async def describe_priority_class(page: Page, obj: Wire, cluster: Cluster) -> None:
    page.row(0, "Name:", meta(obj, "name"))
    page.row(0, "Value:", obj.get("value") or 0)
    page.row(0, "GlobalDefault:", lower(obj.get("globalDefault")))
    page.row(0, "PreemptionPolicy:", obj.get("preemptionPolicy", ""))
    page.row(0, "Description:", obj.get("description") or "")
    page.row(0, "Annotations:", format_labels(meta(obj, "annotations", {})))
    await write_events(page, obj, cluster)
