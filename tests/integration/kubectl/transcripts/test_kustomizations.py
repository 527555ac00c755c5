"""Kustomizations build the same with both kubectls."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..twokubectls import difference
from .conftest import Pair
from .transcripts import TWO

pytestmark = pytest.mark.integration

BASE = """\
resources: [app.yaml]
labels:
- pairs: {team: a}
  includeSelectors: true
"""
POD_WITH_REFERENCES = """\
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  serviceAccountName: robot
  containers:
  - name: c
    image: registry.example.com:5000/x/web:1
    envFrom: [{configMapRef: {name: made}}, {secretRef: {name: hidden}}]
  volumes:
  - {name: v, configMap: {name: made}}
  - {name: s, secret: {secretName: hidden}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot}
"""
CASES = {
    "a base as it is": "resources: [base]\n",
    "names and namespaces": "resources: [base, pod.yaml]\nnamePrefix: dev-\nnameSuffix: -x\nnamespace: ns\n",
    "images and replicas": (
        "resources: [base, pod.yaml]\nimages:\n- {name: nginx, newTag: '9'}\n"
        "- {name: 'registry.example.com:5000/x/web', newName: other, digest: 'sha256:abc'}\n"
        "replicas:\n- {name: web, count: 7}\n"
    ),
    "generators": (
        "resources: [pod.yaml]\nconfigMapGenerator:\n- {name: made, literals: [a=b, c=d]}\n"
        "secretGenerator:\n- {name: hidden, literals: [x=y]}\n"
        "generatorOptions: {labels: {gen: 'yes'}}\n"
    ),
    "generators without hashes": (
        "configMapGenerator:\n- {name: made, files: [text.txt], options: {disableNameSuffixHash: true}}\n"
    ),
    "a strategic patch": (
        "resources: [base]\npatches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n"
        "    metadata: {name: web}\n    spec: {template: {spec: {containers: [{name: nginx, image: 'x:2'}]}}}\n"
    ),
    "a JSON patch": (
        "resources: [base]\npatches:\n- target: {kind: Deployment}\n  patch: |\n"
        "    - {op: replace, path: /spec/replicas, value: 5}\n"
    ),
    "annotations and labels": "resources: [base]\ncommonAnnotations: {note: 'a: b'}\nlabels:\n- pairs: {tier: web}\n",
}


@pytest.mark.parametrize("text", CASES.values(), ids=[name.replace(" ", "-") for name in CASES])
def test_a_kustomization_builds_the_same(text: str, shared: Pair, tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "kustomization.yaml").write_text(BASE)
    (tmp_path / "base" / "app.yaml").write_text(TWO.replace('  yes: "on"\n', ""))
    (tmp_path / "pod.yaml").write_text(POD_WITH_REFERENCES)
    (tmp_path / "text.txt").write_text("one\ntwo\n")
    (tmp_path / "kustomization.yaml").write_text(text)
    theirs, ours = shared.upstream(f"kustomize {tmp_path}"), shared.kajitori(f"kustomize {tmp_path}")
    differing = difference(theirs, ours)
    if differing:
        pytest.fail(differing, pytrace=False)
