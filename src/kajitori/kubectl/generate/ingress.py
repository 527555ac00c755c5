"""Ingresses made from flags: ``--rule=host/path*=service:port,tls=secret``. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from kajitori.kubectl.flags import UsageError

Wire = dict[str, Any]
_RULE = re.compile(
    r"(?P<host>[\w*.-]*)(?P<path>/[\S]*?)=(?P<service>[\w.-]+):(?P<port>[\w-]+)(?:,(?P<tls>tls(?:=[\w.-]*)?))?"
)
_BACKEND = re.compile(r"[\w.-]+:[\w-]+")


def ingress(
    name: str, *, rules: Sequence[str], class_: str = "", default_backend: str = "", annotations: dict[str, str]
) -> Wire:
    """The Ingress as wire; raises `UsageError` for a rule or a backend of another form."""
    spec: Wire = {}
    if class_:
        spec["ingressClassName"] = class_
    if default_backend:
        if not _BACKEND.fullmatch(default_backend):
            raise UsageError("error: default-backend should be in format servicename:serviceport")
        spec["defaultBackend"] = _backend(*default_backend.split(":"))
    parsed = [_parse(rule) for rule in rules]
    tls = _tls(parsed)
    if tls:
        spec["tls"] = tls
    if parsed:
        spec["rules"] = _rules(parsed)
    meta: Wire = {"name": name}
    if annotations:
        meta["annotations"] = annotations
    return {
        "kind": "Ingress",
        "apiVersion": "networking.k8s.io/v1",
        "metadata": meta,
        "spec": spec,
        "status": {"loadBalancer": {}},
    }


def _parse(rule: str) -> re.Match[str]:
    found = _RULE.fullmatch(rule)
    if found is None:
        raise UsageError(
            f"error: rule {rule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]"
        )
    return found


def _backend(service: str, port: str) -> Wire:
    return {"service": {"name": service, "port": {"number": int(port)} if port.isdigit() else {"name": port}}}


def _rules(parsed: Sequence[re.Match[str]]) -> list[Wire]:
    by_host: dict[str, list[Wire]] = {}
    for rule in parsed:
        path = rule["path"]
        kind = "Prefix" if path.endswith("*") else "Exact"
        by_host.setdefault(rule["host"], []).append(
            {"path": path.rstrip("*"), "pathType": kind, "backend": _backend(rule["service"], rule["port"])}
        )
    return [({"host": host} if host else {}) | {"http": {"paths": paths}} for host, paths in by_host.items()]


def _tls(parsed: Sequence[re.Match[str]]) -> list[Wire]:
    hosts: dict[str, list[str]] = {}
    for rule in parsed:
        if rule["tls"]:
            hosts.setdefault(rule["tls"].partition("=")[2], []).append(rule["host"])
    return [
        {"hosts": names} | ({"secretName": secret} if secret else {})
        for secret, names in hosts.items()
        if any(names) or secret
    ]
