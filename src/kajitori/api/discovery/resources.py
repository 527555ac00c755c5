"""discovery.k8s.io/v1: EndpointSlices. May import: api."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.api.cells import UNSET, age, listed, name, table
from kajitori.api.core import warnings
from kajitori.api.discovery import validation
from kajitori.api.registration import Resource
from kajitori.api.rules import Rules, resource

Object = dict[str, Any]


def _row(obj: Object, now: datetime) -> list[Any]:
    addresses = [a for endpoint in obj.get("endpoints") or () for a in endpoint.get("addresses") or ()]
    ports = [_port_text(port) for port in obj.get("ports") or ()]
    return [name(obj), obj.get("addressType", ""), listed(ports, UNSET), listed(addresses, UNSET), age(obj, now)]


def _port_text(port: Object) -> str:
    if port.get("port") is not None:
        return str(port["port"])
    return str(port.get("name") or "*")


def _defaults(obj: Object) -> None:
    for port in obj.get("ports") or ():
        for field, value in (("name", ""), ("protocol", "TCP")):
            port[field] = value if port.get(field) is None else port[field]


def _drop_topology(obj: Object) -> None:
    """What older versions said of endpoints, v1 does not store anew."""
    for endpoint in obj.get("endpoints") or ():
        endpoint.pop("deprecatedTopology", None)


def _drop_new_topology(obj: Object, old: Object) -> None:
    if (obj.get("endpoints") or []) != (old.get("endpoints") or []):
        _drop_topology(obj)


SLICES = Rules(
    defaults=_defaults,
    validate=validation.endpoint_slice,
    validate_update=validation.update,
    on_create=_drop_topology,
    on_update=_drop_new_topology,
    warnings=warnings.endpoint_slice,
    generation=True,
    counted=("labels",),
    table=table("Name, AddressType, Ports, Endpoints, Age", _row),
)

RESOURCES: list[Resource] = [resource("discovery.k8s.io/v1", "endpointslices", "EndpointSlice", SLICES)]
