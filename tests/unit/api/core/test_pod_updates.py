"""What an update of a Pod may change."""

import copy
from typing import Any

import pytest

from kajitori.api.core.pod_rules import IMMUTABLE_SPEC, validate_update

POD: dict[str, Any] = {
    "spec": {
        "containers": [{"name": "c", "image": "i", "workingDir": "", "env": [{"name": "A", "value": ""}]}],
        "tolerations": [{"key": "k", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}],
    }
}


def changed(**fields: Any) -> dict[str, Any]:
    pod = copy.deepcopy(POD)
    pod["spec"].update(fields)
    return pod


@pytest.mark.parametrize(
    "fields",
    [
        {"containers": [{"name": "c", "image": "other", "env": [{"name": "A"}], "stdin": False}]},
        {"hostNetwork": False, "nodeSelector": None, "imagePullSecrets": []},
    ],
    ids=["container", "spec"],
)
def test_a_zero_that_says_nothing_and_a_missing_field_are_the_same(fields):
    assert validate_update(changed(**fields), POD) == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"tolerations": []}, "existing toleration can not be modified except its tolerationSeconds"),
        ({"hostNetwork": True}, IMMUTABLE_SPEC),
        ({"securityContext": {"runAsUser": 0}}, IMMUTABLE_SPEC),
    ],
    ids=["toleration", "plain field", "zero of a pointer"],
)
def test_everything_else_is_forbidden(fields, message):
    (error,) = validate_update(changed(**fields), POD)
    assert error.detail.partition("\n")[0] == message
