"""Validation of pod specs: how containers, volumes and the rest hang together; of Pods and of templates.

One container's rules stand in container_validation.py, volumes' in volume_validation.py, where Pods may run in
scheduling_validation.py. Pure, on wire dicts after defaulting; texts are upstream's.
May import: api.{checks, ips}, api.core, machinery.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kajitori.api import checks, ips
from kajitori.api.checks import Errors, Object
from kajitori.api.core import pod_annotations, windows_validation
from kajitori.api.core.container_validation import Surroundings, container, host_ports, image_as_run
from kajitori.api.core.pod_resources import pod_resources
from kajitori.api.core.pod_security import pod_security
from kajitori.api.core.pod_shapes import is_sidecar
from kajitori.api.core.probe_validation import health, no_health
from kajitori.api.core.resource_checks import requirements
from kajitori.api.core.scheduling_validation import scheduling
from kajitori.api.core.volume_validation import volumes
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, duplicate, forbidden, invalid, not_found, not_supported, required

RESTART_POLICIES = ("Always", "OnFailure", "Never")
DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
MAX_DNS_SERVERS, MAX_SEARCH_PATHS, MAX_SEARCH_CHARACTERS = 3, 32, 2048
SPEC, ANNOTATIONS = Path("spec"), Path("metadata", "annotations")
NOT_EPHEMERAL = "cannot be set for an Ephemeral Container"
EPHEMERAL_FIELDS = frozenset(
    [
        "name",
        "image",
        "command",
        "args",
        "workingDir",
        "envFrom",
        "env",
        "volumeMounts",
        "volumeDevices",
        "terminationMessagePath",
        "terminationMessagePolicy",
        "imagePullPolicy",
        "securityContext",
        "stdin",
        "stdinOnce",
        "tty",
        "targetContainerName",
    ]
)


def pod(obj: Object) -> Errors:
    """A new Pod."""
    spec, given = obj.get("spec") or {}, (obj.get("metadata") or {}).get("annotations")
    errors = pod_itself(obj)
    if spec.get("ephemeralContainers"):
        errors.append(forbidden(SPEC.child("ephemeralContainers"), "cannot be set on create"))
    if spec.get("nodeName") and spec.get("schedulingGates"):
        why = "cannot be set until all schedulingGates have been cleared"
        errors.append(forbidden(SPEC.child("nodeName"), why))
    return errors + pod_annotations.agree_with_fields(SPEC, given, spec)


def pod_itself(obj: Object) -> Errors:
    """What holds for a Pod as it is, new or changed."""
    spec, metadata = obj.get("spec") or {}, obj.get("metadata") or {}
    errors = pod_annotations.meanings(ANNOTATIONS, metadata.get("annotations"), spec)
    errors += pod_spec(SPEC, spec, pod_name=metadata.get("name") or "", is_pod=True)
    if not spec.get("serviceAccountName"):
        errors += _tokens_without_account(spec.get("volumes") or ())
    for field in ("containers", "initContainers"):
        for position, one in enumerate(spec.get(field) or ()):
            errors += image_as_run(SPEC.child(field).index(position), one)
    return errors


def _tokens_without_account(given: Iterable[Object]) -> Errors:
    errors: Errors = []
    for position, volume in enumerate(given):
        for index, source in enumerate((volume.get("projected") or {}).get("sources") or ()):
            if source.get("serviceAccountToken") is not None:
                at = SPEC.child("volumes").index(position).child("projected", "sources").index(index)
                why = "must not be specified when serviceAccountName is not set"
                errors.append(forbidden(at.child("serviceAccountToken"), why))
    return errors


def pod_template(path: Path, template: Object | None, claims: Iterable[str] = ()) -> Errors:
    """The template of a workload, with its labels and annotations; `claims` name volumes that its Pods get besides."""
    template = template or {}
    spec, given = template.get("spec") or {}, (template.get("metadata") or {}).get("annotations")
    at = path.child("spec")
    errors = template_metadata(path, template)
    errors += pod_spec(at, spec, claims=claims) + pod_annotations.agree_with_fields(at, given, spec)
    if spec.get("ephemeralContainers"):
        why = "ephemeral containers not allowed in pod template"
        errors.append(forbidden(at.child("ephemeralContainers"), why))
    return errors


def template_metadata(path: Path, template: Object | None) -> Errors:
    """Labels and annotations of a template: all that a StatefulSet's is held to."""
    template = template or {}
    metadata = template.get("metadata") or {}
    errors = checks.labels(path.child("labels"), metadata.get("labels"))  # upstream's paths, without the metadata
    at = path.child("annotations")
    for key in metadata.get("annotations") or ():
        errors += [invalid(at, key, why) for why in names.is_qualified_name(key.lower())]
    return errors + pod_annotations.meanings(at, metadata.get("annotations"), template.get("spec") or {})


def pod_spec(
    path: Path, spec: Object, *, claims: Iterable[str] = (), pod_name: str = "", is_pod: bool = False
) -> Errors:
    """A Pod's or a template's spec; only a Pod has a name, and with it names for the claims of its volumes."""
    known, errors = volumes(path.child("volumes"), spec.get("volumes") or (), pod_name)
    known.update(dict.fromkeys(claims, "persistentVolumeClaim"))
    devices = {claim["name"] for claim in spec.get("resourceClaims") or () if claim.get("name")}
    errors += _resource_claims(path.child("resourceClaims"), spec.get("resourceClaims") or ())
    around = Surroundings(
        known,
        devices,
        spec.get("restartPolicy") or "",
        spec.get("terminationGracePeriodSeconds"),
        spec.get("hostUsers") is False,
    )
    errors += _containers(path.child("containers"), spec.get("containers") or [], around)
    if spec.get("initContainers"):
        errors += _init_containers(path.child("initContainers"), spec, around)
    if spec.get("ephemeralContainers"):
        errors += _ephemeral_containers(path.child("ephemeralContainers"), spec, around)
    errors += pod_resources(path, spec)
    if spec.get("hostNetwork"):
        errors += _on_host_network(path.child("containers"), spec.get("containers") or (), is_pod=is_pod)
    errors += checks.one_of_these(path.child("restartPolicy"), spec.get("restartPolicy"), RESTART_POLICIES)
    errors += checks.one_of_these(path.child("dnsPolicy"), spec.get("dnsPolicy"), DNS_POLICIES)
    errors += pod_security(path, spec)
    errors += _dns_config(path.child("dnsConfig"), spec)
    errors += scheduling(path, spec)
    errors += windows_validation.host_processes(path, spec)
    errors += _names(path, spec)
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= 2**31 - 1:
        errors.append(
            invalid(path.child("activeDeadlineSeconds"), deadline, "must be between 1 and 2147483647, inclusive")
        )
    if spec.get("overhead"):
        errors += requirements(path.child("overhead"), {"limits": spec["overhead"]})
    return errors + windows_validation.system(path, spec)


def _names(path: Path, spec: Object) -> Errors:
    errors: Errors = []
    for field, check in (
        ("serviceAccountName", names.is_dns1123_subdomain),
        ("nodeName", names.is_dns1123_subdomain),
        ("hostname", names.is_dns1123_label),
        ("subdomain", names.is_dns1123_label),
        ("priorityClassName", names.is_dns1123_subdomain),
    ):
        if spec.get(field):
            errors += checks.by(path.child(field), spec[field], check)
    if spec.get("runtimeClassName") is not None:
        errors += checks.by(path.child("runtimeClassName"), spec["runtimeClassName"], names.is_dns1123_subdomain)
    preemption = spec.get("preemptionPolicy")
    if preemption is not None:
        policies = ("PreemptLowerPriority", "Never")
        errors += checks.one_of_these(path.child("preemptionPolicy"), preemption, policies)
    for position, alias in enumerate(spec.get("hostAliases") or ()):
        at = path.child("hostAliases").index(position)
        errors += ips.ip(at.child("ip"), alias.get("ip") or "")
        for index, host in enumerate(alias.get("hostnames") or ()):
            errors += checks.by(at.child("hostnames").index(index), host, names.is_dns1123_subdomain)
    for position, gate in enumerate(spec.get("readinessGates") or ()):
        at = path.child("readinessGates").index(position).child("conditionType")
        errors += checks.by(at, gate.get("conditionType") or "", names.is_qualified_name)
    return errors


def _dns_config(path: Path, spec: Object) -> Errors:
    config = spec.get("dnsConfig")
    if spec.get("dnsPolicy") == "None":
        if config is None:
            return [required(path, "must provide `dnsConfig` when `dnsPolicy` is None")]
        if not config.get("nameservers"):
            message = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            return [required(path.child("nameservers"), message)]
    if config is None:
        return []
    errors: Errors = []
    servers, searches = config.get("nameservers") or [], config.get("searches") or []
    if len(servers) > MAX_DNS_SERVERS:
        errors.append(
            invalid(path.child("nameservers"), servers, f"must not have more than {MAX_DNS_SERVERS} nameservers")
        )
    for position, server in enumerate(servers):
        errors += ips.ip(path.child("nameservers").index(position), server)
    at = path.child("searches")
    if len(searches) > MAX_SEARCH_PATHS:
        errors.append(invalid(at, searches, f"must not have more than {MAX_SEARCH_PATHS} search paths"))
    if len(" ".join(searches)) > MAX_SEARCH_CHARACTERS:
        message = f"must not have more than {MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list"
        errors.append(invalid(at, searches, message))
    for position, search in enumerate(searches):
        if search != ".":
            text = search.removesuffix(".")
            errors += checks.by(at.index(position), text, names.is_dns1123_subdomain_with_underscore)
    for position, option in enumerate(config.get("options") or ()):
        if not option.get("name"):
            errors.append(required(path.child("options").index(position), "must not be empty"))
    return errors


def _containers(path: Path, given: list[Object], around: Surroundings) -> Errors:
    if not given:
        return [required(path)]
    errors: Errors = []
    seen: set[str] = set()
    for position, one in enumerate(given):
        at, name = path.index(position), one.get("name") or ""
        errors += container(at, one, around)
        if name in seen:
            errors.append(duplicate(at.child("name"), name))
        seen.add(name)
        errors += health(at, one, around.grace_s)
        if one.get("restartPolicy") is not None:
            errors.append(forbidden(at.child("restartPolicy"), "may not be set for non-init containers"))
    return errors + host_ports(path, given)


def _init_containers(path: Path, spec: Object, around: Surroundings) -> Errors:
    errors: Errors = []
    seen = {one.get("name") or "" for one in spec.get("containers") or ()}
    for position, one in enumerate(spec["initContainers"]):
        at, name, policy = path.index(position), one.get("name") or "", one.get("restartPolicy")
        errors += container(at, one, around)
        if policy not in (None, "Always"):
            errors.append(not_supported(at.child("restartPolicy"), policy, ["Always"]))
        if name in seen:
            errors.append(duplicate(at.child("name"), name))
        elif name:
            seen.add(name)
        errors += host_ports(path, [one])
        errors += health(at, one, around.grace_s) if is_sidecar(one) else no_health(at, one)
    return errors


def _ephemeral_containers(path: Path, spec: Object, around: Surroundings) -> Errors:
    """They may not be relied on, so much of what a container has they have not."""
    errors: Errors = []
    others = {one.get("name") or "" for field in ("containers", "initContainers") for one in spec.get(field) or ()}
    seen = set(others)
    for position, one in enumerate(spec["ephemeralContainers"]):
        at, name, target = path.index(position), one.get("name") or "", one.get("targetContainerName")
        errors += container(at, one, around) + image_as_run(at, one)
        if name in seen:
            errors.append(duplicate(at.child("name"), name))
        seen.add(name)
        if target and target not in others:
            errors.append(not_found(at.child("targetContainerName"), target))
        for field, value in one.items():
            if field not in EPHEMERAL_FIELDS and value not in (None, [], {}):
                errors.append(forbidden(at.child(field), NOT_EPHEMERAL))
        for index, mount in enumerate(one.get("volumeMounts") or ()):
            where = at.child("volumeMounts").index(index)
            errors += [forbidden(where.child(f), NOT_EPHEMERAL) for f in ("subPath", "subPathExpr") if mount.get(f)]
    return errors


def _on_host_network(path: Path, containers: Iterable[Object], *, is_pod: bool) -> Errors:
    """There a container's ports are the node's; a template may leave that to the Pods made of it."""
    errors: Errors = []
    why = "must match `containerPort` when `hostNetwork` is true"
    for position, one in enumerate(containers):
        for index, port in enumerate(one.get("ports") or ()):
            on_host = port.get("hostPort") or 0
            if (is_pod or on_host) and on_host != (port.get("containerPort") or 0):
                where = path.index(position).child("ports").index(index).child("hostPort")
                errors.append(invalid(where, on_host, why))
    return errors


def _resource_claims(path: Path, claims: Iterable[Mapping[str, Any]]) -> Errors:
    errors: Errors = []
    seen: set[str] = set()
    for position, claim in enumerate(claims):
        at, name = path.index(position), claim.get("name") or ""
        if not name:
            errors.append(required(at.child("name")))
        elif name in seen:
            errors.append(duplicate(at.child("name"), name))
        else:
            errors += checks.by(at.child("name"), name, names.is_dns1123_label)
            seen.add(name)
        given = [field for field in ("resourceClaimName", "resourceClaimTemplateName") if claim.get(field) is not None]
        if len(given) > 1:
            why = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
            errors.append(invalid(at, dict(claim), why))
        if not given:
            why = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
            errors.append(invalid(at, dict(claim), why))
        for field in given:
            errors += checks.by(at.child(field), claim[field], names.is_dns1123_subdomain)
    return errors
