"""What policies' expressions get wrong about built-in kinds."""

from __future__ import annotations

from typing import Any

import pytest

from kajitori.api.admissionregistration.typecheck import check_policy, type_of_kind
from kajitori.client.discovery import APIResource, Discovered
from kajitori.controllers.policykinds import kinds_of

DEPLOYMENT, POD = ("apps", "v1", "Deployment"), ("", "v1", "Pod")


@pytest.mark.parametrize(
    ("expression", "kind", "wrong"),
    [
        ("object.spec.replicas > 1", DEPLOYMENT, ""),
        ("object.spec.replicas > 'a'", DEPLOYMENT, "no matching overload"),
        ("object.spec.template.spec.containers.all(c, c.image.startsWith('a'))", DEPLOYMENT, ""),
        ("object.spec.containers.all(c, c.imag == '')", POD, "undefined field 'imag'"),
        ("object.metadata.labels['a'] == 'b'", POD, ""),
        ("object.metadata.creationTimestamp > timestamp('2026-01-01T00:00:00Z')", POD, ""),
        ("object.spec.containers[0].livenessProbe.httpGet.port == 80", POD, ""),  # a number or a name
        ("variables.count > 1", POD, ""),
    ],
)
def test_expressions(expression: str, kind: Any, wrong: str) -> None:
    spec = {
        "validations": [{"expression": expression}],
        "variables": [{"name": "count", "expression": "object.spec.containers.size()"}],
    }
    warnings = check_policy(spec, [kind])
    assert bool(warnings) is bool(wrong)
    if wrong:
        assert wrong in warnings[0]["warning"] and warnings[0]["fieldRef"] == "spec.validations[0].expression"


def test_other_kinds_are_not_checked() -> None:
    assert type_of_kind(("example.com", "v1", "Foo")) is None
    assert check_policy({"validations": [{"expression": "object.nothing"}]}, [("example.com", "v1", "Foo")]) == []


def test_only_kinds_that_are_named_one_by_one() -> None:
    def resource(group: str, plural: str, kind: str) -> APIResource:
        return APIResource(group, "v1", plural, plural, kind, True)

    found = Discovered([resource("apps", "deployments", "Deployment"), resource("", "pods", "Pod")])
    rules = [
        {"apiGroups": ["apps", ""], "apiVersions": ["v1"], "resources": ["deployments", "pods/status", "pods"]},
        {"apiGroups": ["*"], "apiVersions": ["v1"], "resources": ["pods"]},
    ]
    assert kinds_of(rules, found) == [POD, DEPLOYMENT]
