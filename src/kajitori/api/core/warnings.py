"""What a client is warned of in accepted Services, Nodes, volumes and claims, in upstream's words.

Pods have a module of their own. May import: api.ips, api.core.{node_labels, pod_warnings}, machinery.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from kajitori.api import ips
from kajitori.api.core import node_labels, pod_warnings
from kajitori.api.core.pod_warnings import Warnings
from kajitori.machinery.fieldpath import Path
from kajitori.machinery.gotext import quote

Object = Mapping[str, Any]
_HINTS, _MODE = "service.kubernetes.io/topology-aware-hints", "service.kubernetes.io/topology-mode"
_STORAGE_CLASS = "volume.beta.kubernetes.io/storage-class"
_SPEC = Path("spec")


def service(obj: Object, old: Object | None) -> Warnings:
    """Fields that are ignored or deprecated, and addresses in odd spellings."""
    spec = obj.get("spec") or {}
    found = []
    if _HINTS in _annotations(obj):
        found.append(f"annotation {_HINTS} is deprecated, please use {_MODE} instead")
    headless = spec.get("type") == "ClusterIP" and spec.get("clusterIP") == "None"
    if spec.get("clusterIP") not in (None, "", "None"):
        for position, value in enumerate(spec.get("clusterIPs") or ()):
            found += address(_SPEC.child("clusterIPs").index(position), value)
    if headless:
        found += [f"spec.{name} is ignored for headless services" for name in _ignored(spec)]
    for position, value in enumerate(spec.get("externalIPs") or ()):
        found += address(_SPEC.child("externalIPs").index(position), value)
    if spec.get("loadBalancerIP"):
        found += address(_SPEC.child("loadBalancerIP"), spec["loadBalancerIP"])
    if spec.get("type") == "LoadBalancer":
        for position, value in enumerate(spec.get("loadBalancerSourceRanges") or ()):
            found += address_range(_SPEC.child("loadBalancerSourceRanges").index(position), value.strip())
    if spec.get("type") == "ExternalName" and spec.get("externalIPs"):
        found.append('spec.externalIPs is ignored when spec.type is "ExternalName"')
    if spec.get("type") != "ExternalName" and spec.get("externalName"):
        found.append('spec.externalName is ignored when spec.type is not "ExternalName"')
    return found


def _ignored(spec: Object) -> list[str]:
    found = [name for name in ("loadBalancerIP", "externalIPs") if spec.get(name)]
    return [*found, "SessionAffinity"] if spec.get("sessionAffinity", "None") != "None" else found


def address(at: Path, value: str) -> Warnings:
    """An IP address written as tomorrow's parsers will not take it, or not as others write it."""
    try:
        parsed = ipaddress.ip_address(value)
    except ValueError:
        plain = ".".join(str(int(part)) for part in value.split(".") if part.isdigit())
    else:
        if not isinstance(parsed, ipaddress.IPv6Address):
            return []
        if parsed.ipv4_mapped is None:
            right = f"{at}: IPv6 address {quote(value)} should be in RFC 5952 canonical format ({quote(str(parsed))})"
            return [right] if str(parsed) != value else []
        plain = str(parsed.ipv4_mapped)
    why = "will be considered invalid in a future Kubernetes release"
    return [f"{at}: non-standard IP address {quote(value)} {why}: use {quote(plain)}"]


def address_range(at: Path, value: str) -> Warnings:
    """A range that might mean one address, or is written as tomorrow's parsers will not take it."""
    network, (address, _, length) = ips.parsed_cidr(value), value.partition("/")
    given = ips.parsed_ip(address)
    if network is None or given is None:
        return []
    plain, single = _plain(network), f"{_plain_address(given)}/{given.max_prefixlen}"
    found: Warnings = []
    if given != network.network_address:
        why = f"is ambiguous in this context (should be {quote(plain)} or {quote(single)}?)"
        found.append(f"{at}: CIDR value {quote(value)} {why}")
    if _is_odd(address, given) or str(int(length)) != length:
        why = "will be considered invalid in a future Kubernetes release"
        found.append(f"{at}: non-standard CIDR value {quote(value)} {why}: use {quote(plain)}")
    right = f"{given}/{length}"
    if not found and given.version == 6 and right != value:
        found.append(f"{at}: IPv6 CIDR value {quote(value)} should be in RFC 5952 canonical format ({quote(right)})")
    return found


def _is_odd(text: str, address: ips.Address) -> bool:
    """With zeros in front, or an IPv4 address in IPv6's clothes."""
    if isinstance(address, ipaddress.IPv6Address):
        return address.ipv4_mapped is not None
    return str(address) != text


def _plain_address(address: ips.Address) -> ips.Address:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return address if mapped is None else mapped


def _plain(network: ips.Network) -> str:
    address = _plain_address(network.network_address)
    shorter = network.max_prefixlen - address.max_prefixlen
    return f"{address}/{network.prefixlen - shorter}"


def endpoint_slice(obj: Object, old: Object | None) -> Warnings:
    """Addresses of an EndpointSlice."""
    found: Warnings = []
    for position, endpoint in enumerate(obj.get("endpoints") or () if obj.get("addressType") != "FQDN" else ()):
        at = Path("endpoints").index(position).child("addresses")
        for number, one in enumerate(endpoint.get("addresses") or ()):
            found += address(at.index(number), one)
    return found


def endpoints(obj: Object, old: Object | None) -> Warnings:
    """Addresses alone: that Endpoints are deprecated every answer says."""
    found = []
    for position, subset in enumerate(obj.get("subsets") or ()):
        for field in ("addresses", "notReadyAddresses"):
            for number, one in enumerate(subset.get(field) or ()):
                path = Path("subsets").index(position).child(field).index(number).child("ip")
                found += address(path, one.get("ip", ""))
    return found


def node(obj: Object, old: Object | None) -> Warnings:
    """Fields of old that do nothing."""
    spec = obj.get("spec") or {}
    found = ["spec.configSource: the feature is removed"] if spec.get("configSource") else []
    if spec.get("externalID"):
        found.append("spec.externalID: this field is deprecated, and is unused by Kubernetes")
    return found


def volume(obj: Object, old: Object | None) -> Warnings:
    """Deprecated annotations, labels and the Recycle policy."""
    spec, found = obj.get("spec") or {}, _storage_class(obj)
    if spec.get("persistentVolumeReclaimPolicy") == "Recycle":
        advice = "Instead, the recommended approach is to use dynamic provisioning."
        path = _SPEC.child("persistentVolumeReclaimPolicy")
        found.append(f"{path}: The Recycle reclaim policy is deprecated. {advice}")
    terms = ((spec.get("nodeAffinity") or {}).get("required") or {}).get("nodeSelectorTerms") or ()
    at = _SPEC.child("nodeAffinity", "required", "nodeSelectorTerms")
    for position, term in enumerate(terms):
        found += node_labels.in_expressions(at.index(position), term)
    return found


def claim(obj: Object, old: Object | None) -> Warnings:
    """The deprecated annotation for the class, and sizes in fractions of bytes."""
    return _storage_class(obj) + pod_warnings.claim_spec(_SPEC, obj.get("spec") or {})


def _storage_class(obj: Object) -> Warnings:
    if _STORAGE_CLASS not in _annotations(obj):
        return []
    at = Path("metadata", "annotations").key(_STORAGE_CLASS)
    return [f'{at}: deprecated since v1.8; use "storageClassName" attribute instead']


def _annotations(obj: Object) -> Mapping[str, str]:
    return obj["metadata"].get("annotations") or {}


def pod_template(obj: Object, old: Object | None) -> Warnings:
    """Of a PodTemplate."""
    return pod_warnings.template(Path("template"), obj.get("template"))


def workload(obj: Object, old: Object | None) -> Warnings:
    """Of what makes Pods from spec.template: when it is new or has changed."""
    return _template(obj, _SPEC) if _has_changed(obj, old) else []


def named_workload(obj: Object, old: Object | None) -> Warnings:
    """The same where Pods are named after it and their names should make good hostnames."""
    return _name(obj, old) + workload(obj, old)


_UNTRACKED = (
    "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes "
    "might not be able to track completedIndexes when a big number of indexes fail"
)
_ZONES = (
    "CRON_TZ or TZ used in spec.schedule is not officially supported, see "
    "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details"
)


def job(obj: Object, old: Object | None) -> Warnings:
    """Its name, more indexes than can be followed, and its Pods."""
    return _name(obj, old) + (_job(obj, _SPEC) if _has_changed(obj, old) else [])


def _job(obj: Object, at: Path) -> Warnings:
    spec = obj.get("spec") or {}
    many = (spec.get("completions") or 0) > 100_000 and (spec.get("parallelism") or 0) > 10_000
    return ([_UNTRACKED] if many and spec.get("completionMode") == "Indexed" else []) + _template(obj, at)


def cron_job(obj: Object, old: Object | None) -> Warnings:
    """Its name and, if the spec has changed, the Jobs that it makes; a zone in the schedule each time."""
    spec = obj.get("spec") or {}
    found = _name(obj, old)
    if _has_changed(obj, old):
        found += _job(spec.get("jobTemplate") or {}, _SPEC.child("jobTemplate", "spec"))
    return [*found, _ZONES] if "TZ" in (spec.get("schedule") or "") else found


def _name(obj: Object, old: Object | None) -> Warnings:
    return pod_warnings.label_wanted(obj["metadata"].get("name", "")) if old is None else []


def _has_changed(obj: Object, old: Object | None) -> bool:
    return old is None or old["metadata"].get("generation") != obj["metadata"].get("generation")


def _template(obj: Object, at: Path) -> Warnings:
    return pod_warnings.template(at.child("template"), (obj.get("spec") or {}).get("template"))
