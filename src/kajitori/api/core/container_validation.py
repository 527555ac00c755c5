"""Validation of one container, of whichever list: its name, image, ports, variables, mounts and resources.

What differs between main, init and ephemeral containers stands in pod_validation.py. Pure, on wire dicts after
defaulting; texts are upstream's. May import: api.checks, api.core, machinery.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.api.core.field_refs import ENV_FIELDS, field_ref, resource_ref
from kajitori.api.core.pod_security import container_security
from kajitori.api.core.resource_checks import requirements
from kajitori.api.core.volume_validation import Volumes, devices, mounts
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, duplicate, invalid, not_supported, required

PULL_POLICIES = ("Always", "IfNotPresent", "Never")
PROTOCOLS = ("SCTP", "TCP", "UDP")
MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
RESIZE_POLICIES = ("NotRequired", "RestartContainer")
RESIZED = ("cpu", "memory")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a container's rules look at beside the container."""

    volumes: Volumes
    claims: Collection[str]
    """Names of the Pod's resource claims."""
    restart_policy: str
    grace_s: int | None
    own_users: bool
    """The Pod has a user namespace of its own."""


def container(at: Path, one: Object, around: Surroundings) -> Errors:
    """What holds for containers of every kind."""
    errors = checks.dns_label(at.child("name"), one.get("name"))
    if not one.get("image"):
        errors.append(required(at.child("image")))
    errors += checks.one_of_these(
        at.child("terminationMessagePolicy"), one.get("terminationMessagePolicy"), MESSAGE_POLICIES
    )
    if one.get("ports"):
        errors += _ports(at.child("ports"), one["ports"])
    if one.get("env"):
        errors += env(at.child("env"), one["env"])
    if one.get("envFrom"):
        errors += _env_from(at.child("envFrom"), one["envFrom"])
    if one.get("volumeMounts"):
        errors += mounts(at.child("volumeMounts"), one, around.volumes)
    if one.get("volumeDevices"):
        errors += devices(at.child("volumeDevices"), one, around.volumes)
    errors += checks.one_of(at.child("imagePullPolicy"), one.get("imagePullPolicy"), PULL_POLICIES)
    if one.get("resources"):
        errors += requirements(at.child("resources"), one["resources"], around.claims)
    if one.get("resizePolicy"):
        errors += _resize_policy(at.child("resizePolicy"), one["resizePolicy"], around.restart_policy)
    if one.get("securityContext"):
        errors += container_security(at.child("securityContext"), one["securityContext"], own_users=around.own_users)
    return errors


def image_as_run(at: Path, one: Object) -> Errors:
    """A Pod's image is taken to the letter; a template's may have spaces around it, as it always could."""
    image = one.get("image") or ""
    if image == image.strip():
        return []
    return [invalid(at.child("image"), image, "must not have leading or trailing whitespace")]


def host_ports(path: Path, containers: list[Object]) -> Errors:
    """Ports of the node that more than one of these containers asks for; `path` is that of the list."""
    errors: Errors = []
    taken: set[str] = set()
    for position, one in enumerate(containers):
        for index, port in enumerate(one.get("ports") or ()):
            if port.get("hostPort"):
                text = f"{port.get('protocol') or ''}/{port.get('hostIP') or ''}/{port['hostPort']}"
                if text in taken:
                    errors.append(duplicate(path.index(position).child("ports").index(index).child("hostPort"), text))
                taken.add(text)
    return errors


def _ports(path: Path, ports: Any) -> Errors:
    errors: Errors = []
    seen: set[str] = set()
    for position, port in enumerate(ports):
        at = path.index(position)
        if name := port.get("name"):
            wrong = checks.by(at.child("name"), name, names.is_port_name)
            if not wrong and name in seen:
                wrong.append(duplicate(at.child("name"), name))
            errors += wrong
            seen.add(name)
        if not port.get("containerPort"):
            errors.append(required(at.child("containerPort")))
        else:
            errors += checks.port_number(at.child("containerPort"), port["containerPort"])
        if port.get("hostPort"):
            errors += checks.port_number(at.child("hostPort"), port["hostPort"])
        errors += checks.one_of(at.child("protocol"), port.get("protocol"), PROTOCOLS)
    return errors


ENV_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef")


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
        if source is not None:
            errors += _source(at.child("valueFrom"), source, has_value=bool(variable.get("value")))
    return errors


def _source(where: Path, source: Object, *, has_value: bool) -> Errors:
    errors: Errors = []
    given = [name for name in ENV_SOURCES if source.get(name) is not None]
    for name in given:
        if name == "fieldRef":
            errors += field_ref(where.child(name), source[name], ENV_FIELDS)
        elif name == "resourceFieldRef":
            errors += resource_ref(where.child(name), source[name], names_container=False)
        else:
            errors += _key_ref(where.child(name), source[name])
    if not given:
        sources = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"
        errors.append(invalid(where, "", f"must specify one of: {sources}"))
    elif has_value:
        errors.append(invalid(where, "", "may not be specified when `value` is not empty"))
    elif len(given) > 1:
        errors.append(invalid(where, "", "may not have more than one field specified at a time"))
    return errors


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
            ref = source[name].get("name")
            where = at.child(name, "name")
            trial = f"{ref[:-1]}a" if ref and ref.endswith("-") else ref  # upstream checks it as the start of a name
            errors += [invalid(where, ref, why) for why in names.is_dns1123_subdomain(trial)] if ref else []
            errors += [] if ref else [required(where)]
        if not given:
            errors.append(invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"))
        elif len(given) > 1:
            errors.append(invalid(path, "", "may not have more than one field specified at a time"))
    return errors


def _resize_policy(path: Path, policies: Any, restart_policy: str) -> Errors:
    """Each resource once; upstream tells of most at the list."""
    errors: Errors = []
    seen: set[str] = set()
    for position, policy in enumerate(policies):
        name, restart = policy.get("resourceName") or "", policy.get("restartPolicy") or ""
        if name in seen:
            errors.append(duplicate(path.index(position), name))
        seen.add(name)
        for value, allowed in ((name, RESIZED), (restart, RESIZE_POLICIES)):
            if not value:
                errors.append(required(path))
            elif value not in allowed:
                errors.append(not_supported(path, value, allowed))
        if restart_policy == "Never" and restart != "NotRequired":
            errors.append(invalid(path, restart, "must be 'NotRequired' when `restartPolicy` is 'Never'"))
    return errors
