"""Where an APIService's server is: from its Service to an address, and what its state says before anybody dials.

May import: deps, proxying.places, aggregation.services.
"""

from __future__ import annotations

import random
from typing import Any

from kajitori.apiserver.aggregation.services import condition
from kajitori.apiserver.deps import Reader
from kajitori.apiserver.proxying.places import server_place

Object = dict[str, Any]
_SERVICE_NAME = "kubernetes.io/service-name"


def address_of(reader: Reader, reference: Object, rng: random.Random) -> tuple[str, int]:
    """(host, port) of one ready endpoint. Raises StatusError when there is none."""
    namespace, name, port = place(reference)
    return server_place(reader, namespace, name, port, rng)


def server_name(reference: Object) -> str:
    """The name that the server's certificate must bear."""
    namespace, name, _ = place(reference)
    return f"{name}.{namespace}.svc"


def place(reference: Object) -> tuple[str, str, int]:
    """Namespace, name and port of an APIService's `spec.service`; the port is 443 if left out."""
    return reference.get("namespace") or "", reference.get("name") or "", int(reference.get("port") or 443)


def obstacle(reader: Reader, reference: Object) -> Object | None:
    """The condition of an APIService whose Service cannot be reached, as its objects show; None: worth a try."""
    namespace, name, port = place(reference)
    service = reader.get("", "services", namespace, name)
    if service is None:
        return condition("False", "ServiceNotFound", f'service/{name} in "{namespace}" is not present')
    spec = service.get("spec") or {}
    if spec.get("type", "ClusterIP") != "ClusterIP":
        return None
    names = [p.get("name") or "" for p in spec.get("ports") or () if p.get("port") == port]
    if not names:
        return condition(
            "False", "ServicePortError", f'service/{name} in "{namespace}" is not listening on port {port}'
        )
    slices = [
        found
        for found in reader.list("discovery.k8s.io", "endpointslices", namespace)
        if ((found.get("metadata") or {}).get("labels") or {}).get(_SERVICE_NAME) == name
    ]
    if not slices:
        return condition(
            "False", "EndpointsNotFound", f'cannot find endpointslices for service/{name} in "{namespace}"'
        )
    if not any(_has_ready(found, names[0]) for found in slices):
        message = f'endpointslices for service/{name} in "{namespace}" have no addresses with port name "{names[0]}"'
        return condition("False", "MissingEndpoints", message)
    return None


def _has_ready(endpoint_slice: Object, port_name: str) -> bool:
    ports = [p for p in endpoint_slice.get("ports") or () if (p.get("name") or "") == port_name]
    ready = [
        e
        for e in endpoint_slice.get("endpoints") or ()
        if e.get("addresses") and (e.get("conditions") or {}).get("ready") is not False
    ]
    return bool(ports and ready)
