"""The Service that ``kubectl expose`` makes of an object: selector, ports, protocols and labels come from it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.generate.parsing import int_or_text
from kajitori.kubectl.generate.parsing import labels as parse_labels

Wire = dict[str, Any]
EXPOSABLE = ("ReplicationController", "Service", "Pod", "Deployment", "ReplicaSet")


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the flags say; empty means: take it from the object."""

    name: str = ""
    port: str = ""
    target_port: str = ""
    protocol: str = ""
    kind: str = ""
    cluster_ip: str = ""
    external_ip: str = ""
    load_balancer_ip: str = ""
    session_affinity: str = ""
    selector: str = ""
    labels: str = ""


def service_for(obj: Wire, wishes: Wishes) -> Wire:
    """Raises UsageError where the object cannot be exposed, or says too little."""
    if obj.get("kind") not in EXPOSABLE:
        raise UsageError(f"error: cannot expose a {obj.get('kind')}")
    meta = obj.get("metadata") or {}
    selector = parse_labels(wishes.selector) if wishes.selector else selector_of(obj)
    is_headless = wishes.cluster_ip == "None"
    ports = wishes.port or ",".join(str(port) for port, _ in ports_of(obj))
    if not ports and not is_headless:
        raise UsageError("error: couldn't find port via --port flag or introspection")
    labels = parse_labels(wishes.labels) if wishes.labels else dict(meta.get("labels") or {})
    made_meta: Wire = {"name": wishes.name or str(meta.get("name", ""))[:63]}
    if labels:
        made_meta["labels"] = labels
    spec: Wire = {}
    if ports:
        spec["ports"] = _service_ports(ports.split(","), obj, wishes)
    spec["selector"] = selector
    spec |= _extras(wishes)
    return {
        "kind": "Service",
        "apiVersion": "v1",
        "metadata": made_meta,
        "spec": spec,
        "status": {"loadBalancer": {}},
    }


def _extras(wishes: Wishes) -> Wire:
    facts: Wire = {
        "type": wishes.kind,
        "clusterIP": wishes.cluster_ip,
        "externalIPs": [wishes.external_ip] if wishes.external_ip else None,
        "loadBalancerIP": wishes.load_balancer_ip if wishes.kind == "LoadBalancer" else "",
        "sessionAffinity": wishes.session_affinity,
    }
    return {key: value for key, value in facts.items() if value}


def _service_ports(ports: list[str], obj: Wire, wishes: Wishes) -> list[Wire]:
    protocols = dict(ports_of(obj))
    made: list[Wire] = []
    for number, text in enumerate(ports, start=1):
        if not text.strip().isdigit():
            raise UsageError(f'error: strconv.Atoi: parsing "{text}": invalid syntax')
        port = int(text)
        known = protocols.get(port)
        protocol = wishes.protocol or (known if known is not None and not wishes.port else protocols.get(port)) or "TCP"
        one: Wire = {"name": f"port-{number}"} if len(ports) > 1 else {}
        target: int | str = int_or_text(wishes.target_port) if wishes.target_port else port
        made.append(one | {"protocol": protocol, "port": port, "targetPort": target})
    return made


def selector_of(obj: Wire) -> dict[str, str]:
    """The labels by which a Service finds the object's Pods. Raises `UsageError` where there are none to be had."""
    spec = obj.get("spec") or {}
    kind = obj.get("kind")
    if kind == "Pod":
        labels = (obj.get("metadata") or {}).get("labels")
        if not labels:
            raise _no_selector("the pod has no labels and cannot be exposed")
        return dict(labels)
    if kind in ("Service", "ReplicationController"):
        if not spec.get("selector"):
            raise _no_selector("the service has no pod selector set" if kind == "Service" else "no selector set")
        return dict(spec["selector"])
    selector = spec.get("selector") or {}
    if selector.get("matchExpressions"):
        raise _no_selector(
            f"couldn't convert expressions - {selector['matchExpressions']} to map-based selector format"
        )
    return dict(selector.get("matchLabels") or {})


def _no_selector(why: str) -> UsageError:
    return UsageError(f"error: couldn't retrieve selectors via --selector flag or introspection: {why}")


def ports_of(obj: Wire) -> list[tuple[int, str]]:
    """(port, protocol) of everything that the object listens on."""
    spec = obj.get("spec") or {}
    if obj.get("kind") == "Service":
        return [(one["port"], one.get("protocol") or "TCP") for one in spec.get("ports") or ()]
    pod = spec if obj.get("kind") == "Pod" else (spec.get("template") or {}).get("spec") or {}
    return [
        (one["containerPort"], one.get("protocol") or "TCP")
        for container in pod.get("containers") or ()
        for one in container.get("ports") or ()
    ]
