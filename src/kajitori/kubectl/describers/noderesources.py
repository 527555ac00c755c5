"""What pods request of a node and may use at most, in amounts and in per cent of what the node has.

A pod's request is the larger of its containers together and each init container on its way; restartable init
containers count along with what runs beside them; pod-level resources and overhead are added as upstream does.
Pure. May import: kubectl.describers, machinery.quantity.
"""

from __future__ import annotations

from collections.abc import Mapping

from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.wire import Wire, dig, meta, since, spec, status
from kajitori.machinery.quantity import Quantity

Amounts = dict[str, Quantity]
ZERO = Quantity()
STANDARD = frozenset({"cpu", "memory", "ephemeral-storage", "pods"})


def write_usage(page: Page, node: Wire, pods: list[Wire]) -> None:
    """The tables Non-terminated Pods and Allocated resources."""
    available = parsed(status(node, "allocatable", default={}) or status(node, "capacity", default={}))
    page.row(0, "Non-terminated Pods:", f"({len(pods)} in total)")
    page.row(1, "Namespace", "Name", "", "CPU Requests", "CPU Limits", "Memory Requests", "Memory Limits", "Age")
    page.row(1, "---------", "----", "", "------------", "----------", "---------------", "-------------", "---")
    requests: Amounts = {}
    limits: Amounts = {}
    for pod in pods:
        wanted, most = pod_amounts(pod, "requests"), pod_amounts(pod, "limits")
        _add(requests, wanted)
        _add(limits, most)
        cells = [_share(one, name, available) for name in ("cpu", "memory") for one in (wanted, most)]
        page.row(1, meta(pod, "namespace"), meta(pod, "name"), "", *cells, since(meta(pod, "creationTimestamp")))
    page.rows(0, ("Allocated resources:",), ("  (Total limits may be over 100 percent, i.e., overcommitted.)",))
    page.rows(1, ("Resource", "Requests", "Limits"), ("--------", "--------", "------"))
    huge = sorted(name for name in available if name.startswith("hugepages-"))
    for name in ("cpu", "memory", "ephemeral-storage", *huge):
        page.row(1, name, _share(requests, name, available), _share(limits, name, available))
    for name in sorted(name for name in available if name not in STANDARD and name not in huge):
        page.row(1, name, str(requests.get(name, ZERO)), str(limits.get(name, ZERO)))


def _share(amounts: Amounts, name: str, available: Amounts) -> str:
    found, whole = amounts.get(name, ZERO), available.get(name, ZERO)
    if name == "cpu":
        part, all_ = found.milli_value(), whole.milli_value()
    else:
        part, all_ = found.value(), whole.value()
    return f"{found} ({int(part / all_ * 100) if all_ else 0}%)"


def parsed(amounts: Mapping[str, str] | None) -> Amounts:
    return {name: Quantity.parse(value) for name, value in (amounts or {}).items()}


def pod_amounts(pod: Wire, which: str) -> Amounts:
    """Requests or limits of a whole pod."""
    total: Amounts = {}
    for container in spec(pod, "containers", default=[]):
        _add(total, _container(container, which))
    _merge_init(total, spec(pod, "initContainers", default=[]), which)
    for name, value in parsed(spec(pod, "resources", which, default={})).items():
        total[name] = value
    overhead = parsed(spec(pod, "overhead", default={}))
    _add(total, overhead if which == "requests" else {k: v for k, v in overhead.items() if k in total})
    return total


def _merge_init(total: Amounts, containers: list[Wire], which: str) -> None:
    sidecars: Amounts = {}
    peak: Amounts = {}
    for container in containers:
        own = _container(container, which)
        if container.get("restartPolicy") == "Always":
            _add(total, own)
            _add(sidecars, own)
            own = dict(sidecars)
        else:
            _add(own, sidecars)
        _raise_to(peak, own)
    _raise_to(total, peak)


def _container(container: Wire, which: str) -> Amounts:
    return parsed(dig(container, "resources", which, default={}))


def _add(total: Amounts, more: Amounts) -> None:
    for name, value in more.items():
        total[name] = total[name] + value if name in total else value


def _raise_to(total: Amounts, other: Amounts) -> None:
    for name, value in other.items():
        if name not in total or total[name] < value:
            total[name] = value
