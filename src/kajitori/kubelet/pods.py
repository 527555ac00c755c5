"""Small questions about a Pod object, with upstream's defaults for fields that a static pod may leave out.

Pure. May import: api, machinery; of the kubelet only `labels`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, cast

from kajitori.machinery.quantity import Quantity

from . import labels

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container, Pod, PodSpec

DEFAULT_GRACE_PERIOD_S = 30


class _Named(Protocol):
    name: str | None


def key_of(pod: Pod) -> str:
    """``namespace/name``."""
    return f"{pod.metadata.namespace}/{pod.metadata.name}"


def name_of(obj: _Named) -> str:
    """A container's, status's or port's name, which the types allow to be missing and the API does not."""
    return obj.name or ""


def full_name(pod: Pod) -> str:
    """``name_namespace(uid)``, as messages and events spell a Pod."""
    return f"{pod.metadata.name}_{pod.metadata.namespace}({pod.metadata.uid})"


def is_static(pod: Pod) -> bool:
    """Whether it comes from a file on this node."""
    return (pod.metadata.annotations or {}).get(labels.CONFIG_SOURCE, "api") != "api"


def is_mirror(pod: Pod) -> bool:
    """Whether it is the API's picture of a static pod."""
    return labels.CONFIG_MIRROR in (pod.metadata.annotations or {})


def restart_policy(pod: Pod) -> str:
    """Always, OnFailure or Never."""
    return pod.spec.restart_policy or "Always"


def grace_period_s(pod: Pod) -> int:
    """How long its containers may take to end when the Pod is deleted now."""
    if pod.metadata.deletion_grace_period_seconds is not None and pod.metadata.deletion_timestamp is not None:
        return int(pod.metadata.deletion_grace_period_seconds)
    seconds = pod.spec.termination_grace_period_seconds
    return DEFAULT_GRACE_PERIOD_S if seconds is None else int(seconds)


def is_sidecar(container: Container) -> bool:
    """An init container that keeps running beside the others."""
    return container.restart_policy == "Always"


def containers_of(pod: Pod) -> Iterator[Container]:
    """Init containers, then the regular ones."""
    yield from pod.spec.init_containers
    yield from pod.spec.containers


def spec_of(pod: Pod, name: str) -> Container | None:
    """The container's spec, of whatever kind it is."""
    ephemeral = [cast("Container", c) for c in pod.spec.ephemeral_containers]  # the same fields, nearly
    return next((c for c in (*containers_of(pod), *ephemeral) if c.name == name), None)


def container_restart_policy(pod: Pod, container: Container, *, init: bool) -> str:
    """The policy for one container: an init container of an ``Always`` Pod is retried only when it fails."""
    if init:
        if is_sidecar(container):
            return "Always"
        return "Never" if restart_policy(pod) == "Never" else "OnFailure"
    return restart_policy(pod)


def pull_policy(container: Container) -> str:
    """Always for ``:latest`` (or no tag), otherwise IfNotPresent."""
    if container.image_pull_policy:
        return container.image_pull_policy
    name = (container.image or "").rsplit("/", 1)[-1]
    if "@" in name:
        return "IfNotPresent"
    return "Always" if name.partition(":")[2] in ("", "latest") else "IfNotPresent"


def quantity_of(container: Container | PodSpec, kind: str, resource: str) -> Quantity | None:
    """``resources.{requests,limits}[resource]``."""
    if container.resources is None:
        return None
    value = (getattr(container.resources, kind) or {}).get(resource)
    return None if value is None else Quantity.parse(value)


def request_of(container: Container | PodSpec, resource: str) -> Quantity | None:
    """The request, or the limit where only that is given (as the API server defaults it)."""
    request = quantity_of(container, "requests", resource)
    return request if request is not None else quantity_of(container, "limits", resource)


def says_resources(pod: Pod) -> bool:
    """Whether the Pod as a whole states requests or limits."""
    own = pod.spec.resources
    return own is not None and bool(own.requests or own.limits)


def pod_quantity(pod: Pod, kind: str, resource: str) -> Quantity | None:
    """What the Pod as a whole states, which goes before its containers' sum; a limit stands for a missing request."""
    own = pod.spec.resources
    if own is None:
        return None
    value = (getattr(own, kind) or {}).get(resource)
    if value is None and kind == "requests":
        value = (own.limits or {}).get(resource)
    return None if value is None else Quantity.parse(value)


def qos_class(pod: Pod) -> str:
    """Guaranteed, Burstable or BestEffort, from cpu and memory of the Pod as a whole, or else of all containers."""
    if pod.status is not None and pod.status.qos_class:
        return pod.status.qos_class
    named = False
    guaranteed = True
    for container in [pod.spec] if says_resources(pod) else containers_of(pod):
        for resource in ("cpu", "memory"):
            request, limit = request_of(container, resource), quantity_of(container, "limits", resource)
            named = named or any(q is not None and q.milli_value() > 0 for q in (request, limit))
            if limit is None or limit.milli_value() == 0 or request is None or str(request) != str(limit):
                guaranteed = False
    if not named:
        return "BestEffort"
    return "Guaranteed" if guaranteed else "Burstable"


def is_critical(pod: Pod) -> bool:
    """Static, or of a system priority class: never evicted, protected from the OOM killer."""
    return is_static(pod) or is_mirror(pod) or _has_system_priority(pod)


def is_critical_static(pod: Pod) -> bool:
    """Part of what makes the node or the cluster: static and of a system priority class."""
    return is_static(pod) and _has_system_priority(pod)


def _has_system_priority(pod: Pod) -> bool:
    return pod.spec.priority is not None and pod.spec.priority >= 2_000_000_000


def is_host_network(pod: Pod) -> bool:
    """Whether it lives in the node's own network namespace."""
    return bool(pod.spec.host_network)
