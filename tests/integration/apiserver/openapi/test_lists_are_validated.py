"""kubectl looks into Lists by the OpenAPI document in protobuf, and finds there what it finds upstream."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kajitori.testing import ControlPlane

pytestmark = pytest.mark.integration


def listed(**item: Any) -> str:
    whole = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cfg"}, **item}
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": [whole]})


def test_lists_are_applied_with_validation(server: ControlPlane, kubectl_for: Any) -> None:
    assert kubectl_for(server).ok("apply", "-f", "-", stdin=listed(data={"a": "b"})) == "configmap/cfg created\n"


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ({"dtaa": {}}, 'ValidationError(ConfigMap): unknown field "dtaa" in io.k8s.api.core.v1.ConfigMap'),
        ({"data": "x"}, 'invalid type for io.k8s.api.core.v1.ConfigMap.data: got "string", expected "map"'),
    ],
)
def test_mistakes_in_lists_are_found(server: ControlPlane, kubectl_for: Any, item: Any, why: str) -> None:
    assert why in kubectl_for(server).fails("apply", "-f", "-", stdin=listed(**item))
