"""What a client is warned of in an accepted Pod or Pod template, in upstream's words.

    pod         on create only, as upstream: an update repeats nothing
    template    of a workload, on create and when the template's owner changes

May import: api.core.{file_overlaps, node_labels}, machinery.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kajitori.api.core import file_overlaps, node_labels
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path
from kajitori.machinery.gotext import quote
from kajitori.machinery.quantity import Quantity

Object = Mapping[str, Any]
Warnings = list[str]

_ANNOTATIONS = {
    "scheduler.alpha.kubernetes.io/critical-pod": 'non-functional in v1.16+; use the "priorityClassName" field instead',
    "security.alpha.kubernetes.io/sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
    "security.alpha.kubernetes.io/unsafe-sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
}
_SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead'
_SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_VOLUMES = {
    "photonPersistentDisk": "deprecated in v1.11, non-functional in v1.16+",
    "gitRepo": "deprecated in v1.11, and disabled by default in v1.33+",
    "scaleIO": "deprecated in v1.16, non-functional in v1.22+",
    "flocker": "deprecated in v1.22, non-functional in v1.25+",
    "storageos": "deprecated in v1.22, non-functional in v1.25+",
    "quobyte": "deprecated in v1.22, non-functional in v1.25+",
    "glusterfs": "deprecated in v1.25, non-functional in v1.26+",
    "cephfs": "deprecated in v1.28, non-functional in v1.31+",
    "rbd": "deprecated in v1.28, non-functional in v1.31+",
}
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_SHOWN = {"storageos": "storageOS"}
_IN_BYTES = ("memory", "ephemeral-storage")
NO_SELECTOR = "a null labelSelector results in matching no pod"
DNS_LABEL = "which can result in surprising behavior; a DNS label is recommended"


def pod(obj: Object, old: Object | None) -> Warnings:
    """Nothing on an update: what it says has been said."""
    if old is not None:
        return []
    name = obj["metadata"].get("name", "")
    return label_wanted(name, "the Pod's hostname") + _pod(Path(), obj, is_template=False)


def label_wanted(name: str, used_in: str = "Pod names and hostnames") -> Warnings:
    """A name that is allowed and makes no good hostname."""
    wrong = names.is_dns1123_label(name)
    return [f"metadata.name: this is used in {used_in}, {DNS_LABEL}: [{' '.join(wrong)}]"] if wrong else []


def template(at: Path, found: Object | None) -> Warnings:
    """Of the template found at a path of a workload; None has nothing to warn of."""
    return _pod(at, found, is_template=True) if found else []


def _pod(at: Path, obj: Object, *, is_template: bool) -> Warnings:
    spec: Object = obj.get("spec") or {}
    annotations: Mapping[str, str] = (obj.get("metadata") or {}).get("annotations") or {}
    where, notes = at.child("spec"), at.child("metadata", "annotations")
    found = _placement(where, spec)
    found += [f"{notes.key(key)}: {why}" for key, why in _ANNOTATIONS.items() if key in annotations]
    found += _volumes(where.child("volumes"), spec.get("volumes") or ())
    found += _repeated(where.child("hostAliases"), spec.get("hostAliases") or (), "ip")
    found += _pull_secrets(where.child("imagePullSecrets"), spec.get("imagePullSecrets") or ())
    found += _fractions(where.child("overhead"), spec.get("overhead") or {})
    security = spec.get("securityContext") or {}
    if "seccompProfile" not in security and _SECCOMP_POD in annotations:
        found.append(f"{notes.key(_SECCOMP_POD)}: {_SECCOMP}")
    for path, container in _containers(where, spec):
        own = container.get("securityContext") or {}
        key = _SECCOMP_CONTAINER + container["name"]
        if "seccompProfile" not in own and key in annotations:
            found.append(f"{notes.key(key)}: {_SECCOMP}")
        key = _APPARMOR + container["name"]
        if is_template and key in annotations and not ("appArmorProfile" in own or "appArmorProfile" in security):
            found.append(f'{notes.key(key)}: deprecated since v1.30; use the "appArmorProfile" field instead')
        resources = container.get("resources") or {}
        for name in ("limits", "requests"):
            found += _fractions(path.child("resources", name), resources.get(name) or {})
        found += _environment(path.child("env"), container.get("env") or ())
    found += _ports(where, spec)
    grace_s = spec.get("terminationGracePeriodSeconds")
    if grace_s is not None and grace_s < 0:
        why = "must be >= 0; negative values are invalid and will be treated as 1"
        found.append(f"{where.child('terminationGracePeriodSeconds')}: {why}")
    return found + _affinity(where.child("affinity"), spec.get("affinity") or {})


def _containers(at: Path, spec: Object) -> Iterator[tuple[Path, Object]]:
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for position, container in enumerate(spec.get(field) or ()):
            yield at.child(field).index(position), container


def _placement(at: Path, spec: Object) -> Warnings:
    selector = at.child("nodeSelector")
    found = [f"{selector.key(key)}: {why}" for key, why in node_labels.deprecated(spec.get("nodeSelector") or {})]
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    where = at.child("affinity", "nodeAffinity")
    required = affinity.get(_REQUIRED) or {}
    terms = where.child(_REQUIRED, "nodeSelectorTerms")
    for position, term in enumerate(required.get("nodeSelectorTerms") or ()):
        found += node_labels.in_expressions(terms.index(position), term)
    preferred = where.child(_PREFERRED)
    for position, term in enumerate(affinity.get(_PREFERRED) or ()):
        found += node_labels.in_expressions(preferred.index(position).child("preference"), term.get("preference") or {})
    for position, spread in enumerate(spec.get("topologySpreadConstraints") or ()):
        path = at.child("topologySpreadConstraints").index(position)
        key = spread.get("topologyKey", "")
        found += [f"{path.child('topologyKey')}: {key} is {why}" for _, why in node_labels.deprecated((key,))]
        if spread.get("labelSelector") is None:
            found.append(f"{path.child('labelSelector')}: {NO_SELECTOR}")
    return found


def _affinity(at: Path, affinity: Object) -> Warnings:
    found = []
    for kind in ("podAffinity", "podAntiAffinity"):
        rules = affinity.get(kind) or {}
        for field in (_REQUIRED, _PREFERRED):
            for position, term in enumerate(rules.get(field) or ()):
                path, inner = at.child(kind, field).index(position), term
                if field == _PREFERRED:
                    path, inner = path.child("podAffinityTerm"), term.get("podAffinityTerm") or {}
                if inner.get("labelSelector") is None:
                    found.append(f"{path.child('labelSelector')}: {NO_SELECTOR}")
    return found


def _volumes(at: Path, volumes: Iterable[Object]) -> Warnings:
    found = []
    for position, volume in enumerate(volumes):
        path = at.index(position)
        found += [f"{path.child(_SHOWN.get(k, k))}: {why}" for k, why in _VOLUMES.items() if volume.get(k) is not None]
        claim = (volume.get("ephemeral") or {}).get("volumeClaimTemplate") or {}
        found += claim_spec(path.child("ephemeral", "volumeClaimTemplate", "spec"), claim.get("spec") or {})
        found += file_overlaps.in_volume(volume)
    return found


def claim_spec(at: Path, spec: Object) -> Warnings:
    """Of a PersistentVolumeClaim: bytes come whole."""
    resources = spec.get("resources") or {}
    return [
        text
        for name in ("requests", "limits")
        for text in _fractions(at.child("resources", name), resources.get(name) or {}, ("storage",))
    ]


def _repeated(at: Path, items: Iterable[Object], field: str) -> Warnings:
    found, seen = [], set()
    for position, item in enumerate(items):
        value = item.get(field, "")
        if value in seen:
            found.append(f"{at.index(position).child(field)}: duplicate {field} {quote(value)}")
        seen.add(value)
    return found


def _pull_secrets(at: Path, items: Iterable[Object]) -> Warnings:
    nameless = [position for position, item in enumerate(items) if not item.get("name")]
    return _repeated(at, items, "name") + [
        f'{at.index(position).child("name")}: invalid empty name ""' for position in nameless
    ]


def _fractions(at: Path, amounts: Mapping[str, str], resources: Iterable[str] = _IN_BYTES) -> Warnings:
    found = []
    for name in resources:
        if name in amounts and Quantity.parse(amounts[name]).milli_value() % 1000:
            shown = quote(str(amounts[name]))
            found.append(f"{at.key(name)}: fractional byte value {shown} is invalid, must be an integer")
    return found


def _environment(at: Path, variables: Iterable[Object]) -> Warnings:
    """A later variable of the same name is fine where its value is made from the earlier one."""
    found, seen = [], set()
    for position, variable in enumerate(variables):
        name, value = variable["name"], variable.get("value", "")
        reference = f"$({name})"
        if name in seen and (variable.get("valueFrom") or value == reference or reference not in value):
            why = f"hides previous definition of {quote(name)}, which may be dropped when using apply"
            found.append(f"{at.index(position)}: {why}")
        seen.add(name)
    return found


def _ports(at: Path, spec: Object) -> Warnings:
    found: Warnings = []
    taken: dict[tuple[int, str], list[tuple[Path, str, int]]] = {}
    for path, container in _containers(at, spec):
        for position, port in enumerate(container.get("ports") or ()):
            where = path.child("ports").index(position)
            number, protocol = port.get("containerPort", 0), port.get("protocol", "TCP")
            address, host_port = port.get("hostIP") or "", port.get("hostPort") or 0
            if address and not host_port:
                found.append(f"{where}: hostIP set without hostPort: {_shown(port)}")
            others = taken.setdefault((number, protocol), [])
            for other, other_address, other_port in others:
                how = _clash(address, host_port, other_address, other_port)
                if how:
                    found.append(f"{where}: {how} port definition with {other}")
            others.append((where, address, host_port))
    return found


def _shown(port: Object) -> str:
    """A container's port as Go prints the struct."""
    fields: dict[str, object] = {"name": "", "hostPort": 0, "containerPort": 0, "protocol": "", "hostIP": ""}
    shown = [f"{name[0].upper()}{name[1:]}:{port.get(name) or zero}" for name, zero in fields.items()]
    return f"{{{' '.join(shown)}}}"


def _clash(address: str, port: int, other_address: str, other_port: int) -> str:
    if (address, port) == (other_address, other_port):
        return "duplicate"
    if not port or not other_port:
        return "overlapping"
    return "dangerously ambiguous" if port == other_port and bool(address) != bool(other_address) else ""
