"""How names map: wire names to attributes, API groups to definitions and modules.

May import: nothing.
"""

from __future__ import annotations

import functools
import keyword
import re

_WORD = re.compile(r"[A-Z]+s(?![a-z])|[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")

META = "io.k8s.apimachinery.pkg.apis.meta.v1."

_GROUP_PREFIXES = {
    "": "io.k8s.api.core",
    "apps": "io.k8s.api.apps",
    "batch": "io.k8s.api.batch",
    "autoscaling": "io.k8s.api.autoscaling",
    "policy": "io.k8s.api.policy",
    "rbac.authorization.k8s.io": "io.k8s.api.rbac",
    "networking.k8s.io": "io.k8s.api.networking",
    "discovery.k8s.io": "io.k8s.api.discovery",
    "storage.k8s.io": "io.k8s.api.storage",
    "scheduling.k8s.io": "io.k8s.api.scheduling",
    "coordination.k8s.io": "io.k8s.api.coordination",
    "events.k8s.io": "io.k8s.api.events",
    "authentication.k8s.io": "io.k8s.api.authentication",
    "authorization.k8s.io": "io.k8s.api.authorization",
    "certificates.k8s.io": "io.k8s.api.certificates",
    "admissionregistration.k8s.io": "io.k8s.api.admissionregistration",
    "apiextensions.k8s.io": "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions",
    "apiregistration.k8s.io": "io.k8s.kube-aggregator.pkg.apis.apiregistration",
    "node.k8s.io": "io.k8s.api.node",
    "flowcontrol.apiserver.k8s.io": "io.k8s.api.flowcontrol",
    "resource.k8s.io": "io.k8s.api.resource",
    "storagemigration.k8s.io": "io.k8s.api.storagemigration",
    "internal.apiserver.k8s.io": "io.k8s.api.apiserverinternal",
}


@functools.cache
def attribute(wire_name: str) -> str:
    """`podIP` → `pod_ip`, `clusterIPs` → `cluster_ips`, `from` → `from_`."""
    name = "_".join(word.lower() for word in _WORD.findall(wire_name))
    return name + "_" if keyword.iskeyword(name) else name


def is_builtin_group(group: str) -> bool:
    """Whether Kubernetes defines the group; a custom resource may not."""
    return group in _GROUP_PREFIXES


def definition_name(group: str, version: str, kind: str) -> str:
    """`io.k8s.api.core.v1.Pod`; for a custom resource the reversed group in front."""
    prefix = _GROUP_PREFIXES.get(group)
    if prefix is None:  # a custom resource's: the group backwards
        prefix = ".".join(reversed(group.split(".")))
    return f"{prefix}.{version}.{kind}"


def module_name(definition: str) -> str:
    """The Python module whose attribute a definition is: `io.k8s.api.core.v1.Pod` → `kajitori.api.core.v1`."""
    *_, package, version, _name = definition.split(".")
    return f"kajitori.api.{package.replace('-', '_')}.{version}"


def go_name(definition: str) -> str:
    """A definition's type as Go prints it: `v1.PodSpec`."""
    return ".".join(definition.split(".")[-2:])
