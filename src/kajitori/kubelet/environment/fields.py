"""What a Pod may learn of itself: fieldRef and resourceFieldRef, in environment variables and downward API volumes.

Pure. May import: api, machinery.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.machinery.gotext import quote

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container, Pod, ResourceFieldSelector

_SUBSCRIPT = re.compile(r"^(metadata\.(?:labels|annotations))\['(.*)'\]$")


class UnsupportedField(ValueError):
    """The path names nothing that a Pod can ask for."""


@dataclass(frozen=True)
class PodFacts:
    """What the Pod object does not say yet while its containers are being made."""

    pod_ips: Sequence[str] = ()
    host_ips: Sequence[str] = ()
    node_name: str = ""


def field_value(pod: Pod, path: str, facts: PodFacts) -> str:
    """The value of a field path; UnsupportedField if there is none such."""
    meta, spec = pod.metadata, pod.spec
    if match := _SUBSCRIPT.match(path):
        mapping = meta.labels if match.group(1).endswith("labels") else meta.annotations
        return (mapping or {}).get(match.group(2), "")
    match path:
        case "metadata.name":
            return meta.name or ""
        case "metadata.namespace":
            return meta.namespace or ""
        case "metadata.uid":
            return meta.uid or ""
        case "metadata.labels":
            return format_map(meta.labels or {})
        case "metadata.annotations":
            return format_map(meta.annotations or {})
        case "spec.nodeName":
            return spec.node_name or facts.node_name
        case "spec.serviceAccountName":
            return spec.service_account_name or ""
        case "status.hostIP":
            return facts.host_ips[0] if facts.host_ips else ""
        case "status.hostIPs":
            return ",".join(facts.host_ips)
        case "status.podIP":
            return facts.pod_ips[0] if facts.pod_ips else ""
        case "status.podIPs":
            return ",".join(facts.pod_ips)
    raise UnsupportedField(f"unsupported fieldPath: {path}")


def format_map(mapping: Mapping[str, str]) -> str:
    """`key="value"` lines, sorted, as downward API files show labels."""
    return "\n".join(f"{key}={quote(value)}" for key, value in sorted(mapping.items()))


def room_of(pod: Pod, allocatable: Mapping[str, str]) -> Mapping[str, str]:
    """What a container without a limit may take: the limit of its Pod as a whole, else what the node has to give."""
    own = pod.spec.resources
    return {**allocatable, **own.limits} if own is not None and own.limits else allocatable


def resource_value(container: Container, selector: ResourceFieldSelector, room: Mapping[str, str]) -> str:
    """A limit or request of a container, in units of the divisor, rounded up.

    A limit that is not set is what there is room for (`room_of`).
    """
    from kajitori.machinery.quantity import Quantity

    kind, _, name = (selector.resource or "").partition(".")
    resources = container.resources
    limits = dict(resources.limits) if resources else {}
    requests = dict(resources.requests) if resources else {}
    if kind == "limits":
        amount = limits.get(name) or room.get(name) or "0"
    elif kind == "requests":
        amount = requests.get(name) or "0"
    else:
        raise UnsupportedField(f"unsupported container resource : {selector.resource}")
    divisor = Quantity.parse(selector.divisor or "1")
    if not divisor.milli_value():
        divisor = Quantity.parse("1")
    if name == "cpu":
        return str(-(-Quantity.parse(amount).milli_value() // divisor.milli_value()))
    return str(-(-Quantity.parse(amount).value() // max(divisor.value(), 1)))
