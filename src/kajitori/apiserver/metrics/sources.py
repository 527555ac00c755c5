"""Numbers that the server's parts know anyway, read off them when somebody scrapes.

May import: metrics.instruments, apiserver.cache, storage, api.{featuregates, scheme}, discovery.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

from kajitori.aiokit.metrics import Labels, Registry
from kajitori.api import featuregates
from kajitori.api.registration import Resource
from kajitori.api.scheme import Scheme
from kajitori.apiserver.aggregation import services
from kajitori.apiserver.cache.cacher import Cacher
from kajitori.apiserver.cache.partition import HISTORY, Partition
from kajitori.apiserver.deps import Reader
from kajitori.apiserver.discovery import version_document
from kajitori.machinery.errors import NotFound

if TYPE_CHECKING:
    from kajitori.apiserver.audit.record import Auditor

_KIND = ("group", "resource")
Values = dict[Labels, float]


def add_cache_metrics(registry: Registry, scheme: Scheme, cacher: Cacher) -> None:
    """What the watch cache holds, what it was told, whom it tells."""

    def of_each(read: Callable[[Partition], float]) -> Callable[[], Values]:
        def values() -> Values:
            return {(r.group, r.plural): read(partition) for r, partition in _partitions(scheme, cacher)}

        return values

    def by_name() -> Values:
        return {(r.group_resource,): len(partition) for r, partition in _partitions(scheme, cacher)}

    registry.callback(
        "apiserver_storage_objects",
        "(Deprecated since 1.34.0) How many objects are stored, by resource; see apiserver_resource_objects.",
        ("resource",),
        by_name,
        "STABLE",
    )
    cache, store = "apiserver_watch_cache_", "apiserver_storage_list_"
    read: Callable[[Partition], float]
    for name, text, read in (
        ("apiserver_resource_objects", "How many objects are stored.", len),
        ("apiserver_resource_size_estimate_bytes", "How many bytes the stored objects have.", lambda p: p.size),
        (f"{cache}capacity", "How many changes the cache keeps at most.", lambda p: HISTORY),
        (f"{cache}resource_version", "The version of the last change.", lambda p: p.revision % 10**15),
        (f"{cache}events_received_total", "Changes that the store told of.", lambda p: p.received),
        (f"{cache}events_dispatched_total", "Changes that watches were told of.", lambda p: p.received),
        (f"{cache}initializations_total", "How often the cache was filled from the store.", lambda p: p.fillings),
        (f"{store}total", "Lists read from the store.", lambda p: p.fillings),
        (f"{store}fetched_objects_total", "Objects read from the store for lists.", lambda p: p.filled),
        (f"{store}evaluated_objects_total", "Objects looked at for lists from the store.", lambda p: p.filled),
        (f"{store}returned_objects_total", "Objects of lists from the store.", lambda p: p.filled),
        ("apiserver_storage_events_received_total", "Events from the store.", lambda p: p.received),
    ):
        kind: Literal["counter", "gauge"] = "counter" if name.endswith("_total") else "gauge"
        registry.callback(name, text, _KIND, of_each(read), "ALPHA", kind)


def add_server_metrics(
    registry: Registry, in_flight: Callable[[], Values], handshake_errors: Callable[[], int]
) -> None:
    """What is built, what is under way, and which connections never came to be."""
    document = version_document()
    fields = ("major", "minor", "gitVersion", "gitCommit", "gitTreeState", "buildDate", "goVersion", "compiler")
    labels = ("major", "minor", "git_version", "git_commit", "git_tree_state", "build_date", "go_version", "compiler")
    built = (*(document[field] for field in fields), document["platform"])
    registry.callback(
        "kubernetes_build_info", "The version, as labels of a 1.", (*labels, "platform"), lambda: {built: 1}, "BETA"
    )
    featuregates.add_to(registry)
    registry.callback(
        "apiserver_current_inflight_requests",
        "How many requests are under way, long-running ones apart.",
        ("request_kind",),
        in_flight,
        "STABLE",
    )
    registry.callback(
        "apiserver_tls_handshake_errors_total",
        "Connections that ended before they were encrypted.",
        (),
        lambda: {(): handshake_errors()},
        "ALPHA",
        "counter",
    )


def add_service_metrics(registry: Registry, reader: Reader) -> None:
    """Which APIServices cannot be reached."""

    def unavailable() -> Values:
        listed = reader.list(services.GROUP, services.PLURAL)
        return {(service["metadata"]["name"],): 0 if services.available(service) else 1 for service in listed}

    text = "1 for an APIService that cannot be reached."
    registry.callback("aggregator_unavailable_apiservice", text, ("name",), unavailable, "ALPHA")


def add_audit_metrics(registry: Registry, auditor: Auditor | None) -> None:
    """What was written down. Nobody is refused because it could not be: the last of them is always 0."""
    name, sinks = "apiserver_audit_", auditor.sinks if auditor is not None else ()
    numbers: tuple[tuple[str, str, tuple[str, ...], Callable[[], Values]], ...] = (
        ("event", "Audit events made.", (), lambda: {(): auditor.made if auditor is not None else 0}),
        ("error", "Audit events lost.", ("plugin",), lambda: {(s.name,): s.dropped for s in sinks if s.dropped}),
        ("requests_rejected", "Requests refused because they could not be audited.", (), lambda: {(): 0}),
    )
    for metric, text, labels, read in numbers:
        registry.callback(f"{name}{metric}_total", text, labels, read, "ALPHA", "counter")


def _partitions(scheme: Scheme, cacher: Cacher) -> Iterator[tuple[Resource, Partition]]:
    for resource in scheme.resources():
        if resource.version == resource.storage_version:
            try:
                yield resource, cacher.partition(resource)
            except NotFound:  # a custom resource that is just going
                continue
