"""The table of events at the end of a description. May import: kubectl.describers."""

from __future__ import annotations

from kajitori.kubectl.describers.cluster import Cluster
from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.wire import Wire, dig, since


async def write_events(page: Page, obj: Wire, cluster: Cluster) -> None:
    """Asks for the object's events and writes them; nothing with --show-events=false."""
    events = await cluster.events_of(obj)
    if events is not None:
        table(page, events)


def table(page: Page, events: list[Wire]) -> None:
    """By lastTimestamp, the oldest first, with columns of their own."""
    if not events:
        page.row(0, "Events:", "<none>")
        return
    page.flush()
    page.row(0, "Events:")
    page.rows(1, ("Type", "Reason", "Age", "From", "Message"), ("----", "------", "----", "----", "-------"))
    for event in sorted(events, key=lambda one: one.get("lastTimestamp") or ""):
        source = dig(event, "source", "component") or event.get("reportingComponent") or ""
        message = (event.get("message") or "").strip()
        page.row(1, event.get("type", ""), event.get("reason", ""), interval(event), source, message)


def interval(event: Wire) -> str:
    """``5m``, or ``10s (x3 over 5m)`` for what happened several times."""
    first = since(event["eventTime"]) if event.get("eventTime") else since(event.get("firstTimestamp"))
    series, count = event.get("series"), event.get("count") or 0
    if series:
        return f"{since(series.get('lastObservedTime'))} (x{series.get('count', 0)} over {first})"
    if count > 1:
        return f"{since(event.get('lastTimestamp'))} (x{count} over {first})"
    return first
