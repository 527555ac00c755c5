"""Validation of pod specs: containers, probes, ports, resources, and how they hang together.

Volumes stand in volume_validation.py, scheduling fields in scheduling_validation.py. Pure, on wire dicts after
defaulting; texts are upstream's. May import: api.checks, api.core, machinery.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.api.core.field_refs import ENV_FIELDS, field_ref, resource_ref
from kajitori.api.core.limit_validation import container_resource
from kajitori.api.core.pod_resources import pod_resources
from kajitori.api.core.pod_security import container_security, pod_security
from kajitori.api.core.scheduling_validation import scheduling
from kajitori.api.core.volume_validation import Volumes, devices, mounts, volumes
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, duplicate, forbidden, invalid, not_supported, required
from kajitori.machinery.quantity import Quantity

RESTART_POLICIES = ("Always", "OnFailure", "Never")
DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
PULL_POLICIES = ("Always", "IfNotPresent", "Never")
PROTOCOLS = ("SCTP", "TCP", "UDP")
MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
MAX_DNS_SERVERS, MAX_SEARCH_PATHS, MAX_SEARCH_CHARACTERS = 3, 32, 2048


def pod(obj: Object) -> Errors:
    """A Pod's spec, and the names of the claims that its ephemeral volumes will get."""
    spec = obj.get("spec") or {}
    errors = pod_spec(Path("spec"), spec)
    name = (obj.get("metadata") or {}).get("name") or ""
    for position, volume in enumerate(spec.get("volumes") or ()):
        if name and volume.get("ephemeral") is not None:
            claim = f"{name}-{volume.get('name') or ''}"
            where = Path("spec", "volumes").index(position).child("name")
            for why in names.is_dns1123_subdomain(claim):
                errors.append(invalid(where, volume.get("name") or "", f'PVC name "{claim}": {why}'))
    return errors


def pod_template(path: Path, template: Object | None, claims: Iterable[str] = ()) -> Errors:
    """The template of a workload, with its labels and annotations; `claims` name volumes that are added to its pods."""
    template = template or {}
    metadata = template.get("metadata") or {}
    errors = checks.labels(path.child("labels"), metadata.get("labels"))  # upstream's paths, without the metadata
    for key in metadata.get("annotations") or ():
        errors += checks.by(path.child("annotations"), key.lower(), names.is_qualified_name)
    return errors + pod_spec(path.child("spec"), template.get("spec") or {}, claims)


def pod_spec(path: Path, spec: Object, claims: Iterable[str] = ()) -> Errors:
    """A Pod's or a template's spec; `claims` names volumes that come from elsewhere (a StatefulSet's claims)."""
    known, errors = volumes(path.child("volumes"), spec.get("volumes") or ())
    errors += _containers(path, spec, {**known, **dict.fromkeys(claims, "persistentVolumeClaim")})
    errors += pod_resources(path, spec)
    errors += pod_security(path, spec)
    errors += checks.one_of_these(path.child("restartPolicy"), spec.get("restartPolicy"), RESTART_POLICIES)
    errors += checks.one_of_these(path.child("dnsPolicy"), spec.get("dnsPolicy"), DNS_POLICIES)
    errors += _dns_config(path.child("dnsConfig"), spec)
    errors += scheduling(path, spec)
    errors += _names(path, spec)
    grace, deadline = spec.get("terminationGracePeriodSeconds"), spec.get("activeDeadlineSeconds")
    errors += checks.non_negative(path.child("terminationGracePeriodSeconds"), grace)
    if deadline is not None and not 1 <= deadline <= 2**31 - 1:
        errors.append(
            invalid(path.child("activeDeadlineSeconds"), deadline, "must be between 1 and 2147483647, inclusive")
        )
    return errors


def _names(path: Path, spec: Object) -> Errors:
    errors: Errors = []
    for field, check in (
        ("serviceAccountName", names.is_dns1123_subdomain),
        ("nodeName", names.is_dns1123_subdomain),
        ("hostname", names.is_dns1123_label),
        ("subdomain", names.is_dns1123_label),
        ("priorityClassName", names.is_dns1123_subdomain),
        ("runtimeClassName", names.is_dns1123_subdomain),
    ):
        if spec.get(field):
            errors += checks.by(path.child(field), spec[field], check)
    for position, alias in enumerate(spec.get("hostAliases") or ()):
        at = path.child("hostAliases").index(position)
        errors += checks.ip(at.child("ip"), alias.get("ip") or "")
        for index, host in enumerate(alias.get("hostnames") or ()):
            errors += checks.by(at.child("hostnames").index(index), host, names.is_dns1123_subdomain)
    for position, gate in enumerate(spec.get("readinessGates") or ()):
        at = path.child("readinessGates").index(position).child("conditionType")
        errors += checks.by(at, gate.get("conditionType") or "", names.is_qualified_name)
    return errors


def _dns_config(path: Path, spec: Object) -> Errors:
    config = spec.get("dnsConfig") or {}
    servers = config.get("nameservers") or []
    errors: Errors = []
    if spec.get("dnsPolicy") == "None":
        if spec.get("dnsConfig") is None:
            return [required(path, "must provide `dnsConfig` when `dnsPolicy` is None")]
        if not servers:
            message = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            return [required(path.child("nameservers"), message)]
    if len(servers) > MAX_DNS_SERVERS:
        errors.append(
            invalid(path.child("nameservers"), servers, f"must not have more than {MAX_DNS_SERVERS} nameservers")
        )
    for position, server in enumerate(servers):
        errors += checks.ip(path.child("nameservers").index(position), server)
    searches = config.get("searches") or []
    if len(searches) > MAX_SEARCH_PATHS:
        errors.append(
            invalid(path.child("searches"), searches, f"must not have more than {MAX_SEARCH_PATHS} search paths")
        )
    if len(" ".join(searches)) > MAX_SEARCH_CHARACTERS:
        message = f"must not have more than {MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list"
        errors.append(invalid(path.child("searches"), searches, message))
    for position, search in enumerate(searches):
        # a root dot, and underscores as service records have them, are fine
        plain = search.removesuffix(".").replace("_", "-") if search != "." else "a"
        plain = ".".join(label.removeprefix("-") for label in plain.split(".")) if "_" in search else plain
        if names.is_dns1123_subdomain(plain):
            shown = search.removesuffix(".")
            errors += checks.by(path.child("searches").index(position), shown, names.is_dns1123_subdomain)
    for position, option in enumerate(config.get("options") or ()):
        if not option.get("name"):
            errors.append(required(path.child("options").index(position), "must not be empty"))
    return errors


def _containers(path: Path, spec: Object, known: Volumes) -> Errors:
    errors: Errors = []
    main, init = spec.get("containers") or [], spec.get("initContainers") or []
    if not main:
        errors.append(required(path.child("containers")))
    seen: set[str] = set()
    host_ports: set[tuple[Any, ...]] = set()
    for field, group in (("containers", main), ("initContainers", init)):
        for position, one in enumerate(group):
            at = path.child(field).index(position)
            errors += container(at, one, known, is_init=field == "initContainers")
            if one.get("name") in seen:
                errors.append(duplicate(at.child("name"), one["name"]))
            seen.add(one.get("name") or "")
            errors += _host_ports(at.child("ports"), one, host_ports, host_network=bool(spec.get("hostNetwork")))
    return errors


def _host_ports(path: Path, one: Object, taken: set[tuple[Any, ...]], *, host_network: bool) -> Errors:
    errors: Errors = []
    for position, port in enumerate(one.get("ports") or ()):
        number = port.get("hostPort")
        if host_network and number != port.get("containerPort"):
            message = "must match `hostPort` when `hostNetwork` is true"
            errors.append(invalid(path.index(position).child("containerPort"), port.get("containerPort"), message))
        if number:
            key = (port.get("protocol"), port.get("hostIP", ""), number)
            if key in taken:
                text = f"{key[0]}/{key[1]}/{number}"
                errors.append(duplicate(path.index(position).child("hostPort"), text))
            taken.add(key)
    return errors


def container(at: Path, one: Object, known: Volumes, *, is_init: bool = False) -> Errors:
    """`known` are the volumes that mounts may name."""
    errors = checks.dns_label(at.child("name"), one.get("name"))
    image = one.get("image") or ""
    if not image:
        errors.append(required(at.child("image")))
    elif image != image.strip():
        errors.append(invalid(at.child("image"), image, "must not have leading or trailing whitespace"))
    errors += checks.one_of(at.child("imagePullPolicy"), one.get("imagePullPolicy"), PULL_POLICIES)
    errors += checks.one_of_these(
        at.child("terminationMessagePolicy"), one.get("terminationMessagePolicy"), MESSAGE_POLICIES
    )
    errors += _ports(at.child("ports"), one.get("ports") or ())
    errors += env(at.child("env"), one.get("env") or ())
    errors += _env_from(at.child("envFrom"), one.get("envFrom") or ())
    errors += mounts(at.child("volumeMounts"), one, known)
    errors += devices(at.child("volumeDevices"), one, known)
    errors += resources(at.child("resources"), one.get("resources") or {})
    errors += _probes(at, one, is_init=is_init)
    errors += container_security(at.child("securityContext"), one.get("securityContext") or {})
    errors += _resize_policy(at.child("resizePolicy"), one.get("resizePolicy") or ())
    policy = one.get("restartPolicy")
    if policy is not None and is_init and policy != "Always":
        errors.append(not_supported(at.child("restartPolicy"), policy, ["Always"]))
    if policy is not None and not is_init:
        errors.append(forbidden(at.child("restartPolicy"), "may not be set for non-init containers"))
    return errors


def _ports(path: Path, ports: Any) -> Errors:
    errors: Errors = []
    seen: set[str] = set()
    for position, port in enumerate(ports):
        at = path.index(position)
        if name := port.get("name"):
            errors += checks.by(at.child("name"), name, names.is_port_name)
            if name in seen:
                errors.append(duplicate(at.child("name"), name))
            seen.add(name)
        if not port.get("containerPort"):
            errors.append(required(at.child("containerPort")))
        else:
            errors += checks.port_number(at.child("containerPort"), port["containerPort"])
        if port.get("hostPort"):
            errors += checks.port_number(at.child("hostPort"), port["hostPort"])
        errors += checks.one_of(at.child("protocol"), port.get("protocol"), PROTOCOLS)
    return errors


ENV_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")


def env(path: Path, variables: Any) -> Errors:
    """Names, and at most one source instead of a value."""
    errors: Errors = []
    for position, variable in enumerate(variables):
        at = path.index(position)
        if not variable.get("name"):
            errors.append(required(at.child("name")))
        else:
            errors += checks.by(at.child("name"), variable["name"], names.is_env_var_name)
        source = variable.get("valueFrom")
        if source is None:
            continue
        given = [name for name in ENV_SOURCES if source.get(name) is not None]
        where = at.child("valueFrom")
        if variable.get("value"):
            errors.append(invalid(where, "", "may not be specified when `value` is not empty"))
        if not given:
            errors.append(invalid(where, "", f"must specify one of: {_or(ENV_SOURCES[:4])}"))
        elif len(given) > 1:
            errors.append(invalid(where, "", "may not have more than one field specified at a time"))
        for name in given:
            if name == "fieldRef":
                errors += field_ref(where.child(name), source[name], ENV_FIELDS)
            elif name == "resourceFieldRef":
                errors += resource_ref(where.child(name), source[name], names_container=False)
            elif name != "fileKeyRef":
                errors += _key_ref(where.child(name), source[name])
    return errors


def _or(words: Any) -> str:
    quoted = [f"`{word}`" for word in words]
    return ", ".join(quoted[:-1]) + " or " + quoted[-1]


def _key_ref(at: Path, ref: Object) -> Errors:
    errors = checks.by(at.child("name"), ref.get("name") or "", names.is_dns1123_subdomain)
    if not ref.get("key"):
        return [*errors, required(at.child("key"))]
    return errors + checks.by(at.child("key"), ref["key"], names.is_config_map_key)


def _env_from(path: Path, sources: Any) -> Errors:
    errors: Errors = []
    for position, source in enumerate(sources):
        at = path.index(position)
        given = [name for name in ("configMapRef", "secretRef") if source.get(name) is not None]
        if source.get("prefix"):
            errors += checks.by(at.child("prefix"), source["prefix"], names.is_env_var_name)
        for name in given:
            errors += checks.dns_subdomain(at.child(name, "name"), source[name].get("name"))
        if not given:
            errors.append(invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"))
        elif len(given) > 1:
            errors.append(invalid(path, "", "may not have more than one field specified at a time"))
    return errors


def resources(path: Path, value: Object) -> Errors:
    """Quantities that parse, standard or qualified names, no request over its limit."""
    limits, requests = value.get("limits") or {}, value.get("requests") or {}
    errors = _resource_map(path.child("limits"), limits) + _resource_map(path.child("requests"), requests)
    for name, request in requests.items():
        if not errors and name in limits and Quantity.parse(request) > Quantity.parse(limits[name]):
            message = f"must be less than or equal to {name} limit of {Quantity.parse(limits[name])}"
            errors.append(invalid(path.child("requests"), str(Quantity.parse(request)), message))
    return errors


def _resource_map(path: Path, quantities: Mapping[str, Any]) -> Errors:
    errors: Errors = []
    for name, value in quantities.items():
        at = path.key(name)
        errors += container_resource(at, name)
        errors += checks.quantity(at, value)
    return errors


RESIZE_POLICIES = ("NotRequired", "RestartContainer")


def _resize_policy(path: Path, policies: Any) -> Errors:
    errors: Errors = []
    seen: set[str] = set()
    for position, policy in enumerate(policies):
        at = path.index(position)
        name = policy.get("resourceName") or ""
        if name in seen:
            errors.append(duplicate(at, name))
        seen.add(name)
        if name not in ("cpu", "memory"):
            errors.append(not_supported(at, name, ["cpu", "memory"]))
        if policy.get("restartPolicy") not in RESIZE_POLICIES:
            errors.append(not_supported(at, policy.get("restartPolicy") or "", RESIZE_POLICIES))
    return errors


HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")


def _probes(at: Path, one: Object, *, is_init: bool) -> Errors:
    errors: Errors = []
    for field in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe = one.get(field)
        if probe is None:
            continue
        if is_init and one.get("restartPolicy") != "Always":
            errors.append(forbidden(at.child(field), "may not be set for init containers without restartPolicy=Always"))
            continue
        errors += handler(at.child(field), probe, HANDLERS)
        for name in ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"):
            errors += checks.non_negative(at.child(field, name), probe.get(name))
        if field != "readinessProbe" and probe.get("successThreshold") != 1:
            errors.append(invalid(at.child(field, "successThreshold"), probe.get("successThreshold"), "must be 1"))
    for hook in ("postStart", "preStop"):
        action = (one.get("lifecycle") or {}).get(hook)
        if action is not None:
            errors += handler(at.child("lifecycle", hook), action, ("exec", "httpGet", "tcpSocket", "sleep"))
    return errors


def handler(at: Path, action: Object, kinds: tuple[str, ...]) -> Errors:
    """What a probe or hook does: exactly one kind of action, complete."""
    given = [kind for kind in kinds if action.get(kind) is not None]
    errors: Errors = [forbidden(at.child(kind), "may not specify more than 1 handler type") for kind in given[1:]]
    if not given:
        return [required(at, "must specify a handler type")]
    kind, value = given[0], action[given[0]]
    if kind == "exec" and not value.get("command"):
        errors.append(required(at.child("exec", "command")))
    if kind in ("httpGet", "tcpSocket", "grpc"):
        port = value.get("port")
        errors += checks.port_or_name(at.child(kind, "port"), 0 if port is None else port)
    if kind == "httpGet":
        for header in value.get("httpHeaders") or ():
            errors += checks.by(at.child(kind, "httpHeaders"), header.get("name") or "", names.is_http_header_name)
        errors += checks.one_of(at.child(kind, "scheme"), value.get("scheme"), ("HTTP", "HTTPS"))
    return errors
