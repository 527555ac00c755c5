"""The short way to read a kubeconfig: what it answers is what PyYAML answers; otherwise it gives up."""

from __future__ import annotations

import random
from typing import Any

import pytest
import yaml

from kajitori.client import plainyaml

MINIKUBE = """\
apiVersion: v1
clusters:
- cluster:
    certificate-authority: /home/me/.minikube/ca.crt
    extensions:
    - extension:
        last-update: Mon, 23 Nov 2026 08:20:18 UTC
        provider: minikube.sigs.k8s.io
        version: v1.37.0
      name: cluster_info
    server: https://192.168.49.2:8443
  name: minikube
contexts:
- context:
    cluster: minikube
    user: minikube
  name: minikube
current-context: ""
kind: Config
preferences: {}
users:
- name: minikube
  user:
    client-certificate-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSURFVEND+/a==
    as-user-extra:
"""


def test_what_minikube_writes_is_read() -> None:
    assert plainyaml.parse(MINIKUBE) == yaml.safe_load(MINIKUBE)


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "a: 1", "a: 'x'", "a: null", "a: Yes", "a: on", "a: ~", "a: {b: c}", "a: [b]", "a: b # c", "# c", "a: &x b",
        "a: |\n  b", "a: b\n  c", "a: b: c", "a: b:", "a:\tb", "- a: b", "a: b\na: c", "1: a", "on: a", "a: 2020-01-01", "a: .inf",
        "a:\n- b", "a:\n  b: c\n d: e", "a: b\n  c: d", "---\na: b", "a: b\n---\nc: d", "a:\n- - b: c", "a: !!str b", "a:  b",
        "a:\n  - b: c\n    d: e\n   f: g", "a: b\n- c: d", "a: b\r\n", "a:\n- b: c\n  - d: e",
    ],
)  # fmt: skip
def test_anything_else_is_left_to_a_whole_parser(text: str) -> None:
    assert plainyaml.parse(text) is None


@pytest.mark.parametrize("seed", range(200))
def test_random_documents_are_read_as_yaml_reads_them_or_not_at_all(seed: int) -> None:
    chance = random.Random(seed)

    def value(depth: int) -> Any:
        kind = chance.randrange(5 if depth else 2)
        if kind == 2:
            return {chance.choice(KEYS): value(depth - 1) for _ in range(chance.randint(0, 3))}
        if kind == 3:
            return [{"name": value(0), "x": value(depth - 1)} for _ in range(chance.randint(0, 3))]
        return chance.choice(WORDS)

    document = {chance.choice(KEYS): value(3) for _ in range(3)}
    text = yaml.safe_dump(document, indent=chance.choice((2, 4)), default_flow_style=False)
    found = plainyaml.parse(text)
    assert found is None or found == document, text


KEYS = ("name", "user", "a", "b-c", "x.y/z", "on", "last-update", "7")
WORDS = (
    "",
    "v1",
    "a b",
    "Mon, 1 Nov 08:20:18",
    "x: y",
    "x:",
    "1",
    "1e3",
    "true",
    "null",
    "a #b",
    "a, b",
    None,
    True,
    3,
    "~",
    "é",
    "a  b",
    "on",
    "a:b",
)
