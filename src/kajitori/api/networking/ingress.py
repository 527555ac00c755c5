"""Validation of Ingresses and their classes. Pure, on wire dicts after defaulting; texts are upstream's.

May import: api.{checks, ips}, api.core.service_validation, machinery.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kajitori.api import checks, ips
from kajitori.api.checks import Errors, Object
from kajitori.api.core.service_validation import balancer_address
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, forbidden, invalid, not_supported, required, too_long

SPEC = Path("spec")
PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
BAD_PARTS, BAD_ENDS = ("//", "/./", "/../", "%2f", "%2F"), ("/..", "/.")
MAX_CONTROLLER = 250
CLASS = "kubernetes.io/ingress.class"


def new_ingress(obj: Object) -> Errors:
    """The class is named in one place."""
    errors = ingress(obj)
    annotations = (obj.get("metadata") or {}).get("annotations") or {}
    if CLASS in annotations and (obj.get("spec") or {}).get("ingressClassName") is not None:
        at = Path("annotations", CLASS)
        errors.append(invalid(at, annotations[CLASS], "can not be set when the class field is also set"))
    return errors


def ingress(obj: Object) -> Errors:
    """Rules or a default backend there must be; which class serves it is not asked."""
    spec = obj.get("spec") or {}
    errors: Errors = []
    rules, backend_ = spec.get("rules") or (), spec.get("defaultBackend")
    if not rules and backend_ is None:
        why = "either `defaultBackend` or `rules` must be specified"
        errors.append(invalid(SPEC, spec.get("rules"), why))
    if backend_ is not None:
        errors += backend(SPEC.child("defaultBackend"), backend_)
    for position, rule in enumerate(rules):
        errors += _rule(SPEC.child("rules").index(position), rule)
    for position, tls in enumerate(spec.get("tls") or ()):
        errors += _tls(SPEC.child("tls").index(position), tls)
    if spec.get("ingressClassName") is not None:
        errors += checks.by(SPEC.child("ingressClassName"), spec["ingressClassName"], names.is_dns1123_subdomain)
    return errors


def _host_check(host: str) -> Callable[[str], list[str]]:
    return names.is_wildcard_dns1123_subdomain if "*" in host else names.is_dns1123_subdomain


def _rule(at: Path, rule: Object) -> Errors:
    errors: Errors = []
    host = rule.get("host")
    if host:
        if ips.parsed_ip(host) is not None:
            errors.append(invalid(at.child("host"), host, "must be a DNS name, not an IP address"))
        errors += checks.by(at.child("host"), host, _host_check(host))
    if rule.get("http") is None:
        return errors
    found = _paths(at.child("http", "paths"), rule["http"].get("paths") or ())
    return errors + (checks.ratcheted(found, "rule of a wildcard host") if host and "*" in host else found)


def _paths(at: Path, paths: Sequence[Object]) -> Errors:
    if not paths:
        return [required(at)]
    return [error for index, path in enumerate(paths) for error in _path(at.index(index), path)]


def _path(at: Path, path: Object) -> Errors:
    kind, text = path.get("pathType"), path.get("path") or ""
    where = at.child("path")
    if kind is None:
        return [required(at.child("pathType"), "pathType must be specified")]
    errors: Errors = []
    if kind not in PATH_TYPES:
        errors.append(not_supported(at.child("pathType"), kind, PATH_TYPES))
    elif not text.startswith("/") and (text or kind != "ImplementationSpecific"):
        errors.append(invalid(where, text, "must be an absolute path"))
    if kind in ("Exact", "Prefix"):
        errors += [invalid(where, text, f"must not contain '{part}'") for part in BAD_PARTS if part in text]
        errors += [invalid(where, text, f"cannot end with '{end}'") for end in BAD_ENDS if text.endswith(end)]
    return errors + backend(at.child("backend"), path.get("backend") or {})


def _tls(at: Path, tls: Object) -> Errors:
    errors: Errors = []
    for index, host in enumerate(tls.get("hosts") or ()):
        errors += checks.by(at.child("hosts").index(index), host, _host_check(host))
    if tls.get("secretName"):
        found = checks.by(at.child("secretName"), tls["secretName"], names.is_dns1123_subdomain)
        errors += checks.ratcheted(found, "name of a Secret")
    return errors


def ingress_status(obj: Object, old: Object) -> Errors:
    """Where the Ingress is reached."""
    ingress_ = ((obj.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    at = Path("status", "loadBalancer", "ingress")
    return [error for index, one in enumerate(ingress_) for error in balancer_address(at.index(index), one)]


def backend(at: Path, given: Object) -> Errors:
    """A Service with one port, by name or number, or another kind of object; not both."""
    service, resource = given.get("service"), given.get("resource")
    if service is not None and resource is not None:
        return [invalid(at, "", "cannot set both resource and service backends")]
    if resource is not None:
        return typed_reference(at.child("resource"), resource)
    if service is None:
        return [invalid(at, "", "resource or service backend is required")]
    name, port = service.get("name"), service.get("port") or {}
    where = at.child("service", "name")
    errors = checks.by(where, name, names.is_dns1035_label) if name else [required(where)]
    if port.get("name") and port.get("number"):
        errors.append(invalid(at, "", "cannot set both port name & port number"))
    elif port.get("name"):
        errors += checks.by(at.child("service", "port", "name"), port["name"], names.is_port_name)
    elif port.get("number"):
        errors += checks.port_number(at.child("service", "port", "number"), port["number"])
    else:
        errors.append(required(at, "port name or number is required"))
    return errors


def typed_reference(at: Path, ref: Object) -> Errors:
    """`apiGroup`, `kind` and `name` of an object in the same namespace."""
    errors: Errors = []
    if ref.get("apiGroup") is not None:
        errors += checks.by(at.child("apiGroup"), ref["apiGroup"], names.is_dns1123_subdomain)
    for field in ("kind", "name"):
        value, where = ref.get(field), at.child(field)
        missing = [required(where, f"{field} is required")]
        errors += checks.by(where, value, names.is_path_segment) if value else missing
    return errors


def ingress_class(obj: Object) -> Errors:
    """The controller is a prefixed path, `example.com/ingress`."""
    spec = obj.get("spec") or {}
    controller, at = spec.get("controller") or "", SPEC.child("controller")
    errors: Errors = []
    if len(controller) > MAX_CONTROLLER:
        errors.append(too_long(at, controller, MAX_CONTROLLER))
    errors += checks.prefixed_path(at, controller)
    parameters = spec.get("parameters")
    return errors if parameters is None else errors + _parameters(SPEC.child("parameters"), parameters)


def _parameters(at: Path, given: Object) -> Errors:
    errors = typed_reference(at, given)
    scope, namespace = given.get("scope"), given.get("namespace")
    if scope is None:
        return [*errors, required(at.child("scope"))]
    if scope not in ("Cluster", "Namespace"):
        return [*errors, not_supported(at.child("scope"), scope, ("Cluster", "Namespace"))]
    where = at.child("namespace")
    if scope == "Namespace":
        missing = [required(where, "`parameters.scope` is set to 'Namespace'")]
        return errors + (missing if namespace is None else checks.by(where, namespace, names.is_dns1123_label))
    if namespace is not None:
        errors.append(forbidden(where, "`parameters.scope` is set to 'Cluster'"))
    return errors


def ingress_class_update(obj: Object, old: Object) -> Errors:
    """The controller never changes."""
    new, before = (obj.get("spec") or {}).get("controller"), (old.get("spec") or {}).get("controller")
    return checks.unchanged(SPEC.child("controller"), new, before)
