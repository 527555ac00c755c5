"""Labels of nodes that have newer names, and what a client is told who still selects by them. May import: machinery."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kajitori.machinery.fieldpath import Path

_DEPRECATED = {
    "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
    "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
    "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
    "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
    "app.kubernetes.io/created-by": "deprecated since v1.9",
    "scheduler.alpha.kubernetes.io/preferAvoidPods": "deprecated since v1.22; use Taints and Tolerations instead",
    "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
}


def deprecated(labels: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Those of the labels that are, with the message."""
    return ((label, _DEPRECATED[label]) for label in labels if label in _DEPRECATED)


def in_expressions(at: Path, selector: Mapping[str, Any]) -> list[str]:
    """What is said of the matchExpressions of a node selector term or a label selector."""
    found = []
    for position, expression in enumerate(selector.get("matchExpressions") or ()):
        key = at.child("matchExpressions").index(position).child("key")
        found += [f"{key}: {label} is {why}" for label, why in deprecated((expression.get("key", ""),))]
    return found
