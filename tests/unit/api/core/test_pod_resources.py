"""Resources of a Pod as a whole: defaults, class of service, validation."""

from typing import Any

import pytest

from kajitori.api.core.pod_resources import default_requests, pod_resources
from kajitori.api.core.pod_rules import qos_class
from kajitori.machinery.fieldpath import Path


def spec(own: Any, *containers: Any) -> dict[str, Any]:
    return {"resources": own, "containers": [{"name": "c", "resources": one} for one in containers or ({},)]}


@pytest.mark.parametrize(
    ("pod", "requests"),
    [
        (spec({"limits": {"cpu": "2"}}), {"cpu": "2"}),
        (spec({"limits": {"cpu": "2"}}, {"requests": {"cpu": "500m", "memory": "1Gi"}}, {"requests": {"cpu": "1"}}),
         {"cpu": "1500m", "memory": "1Gi"}),
        (spec({"limits": {"cpu": "2"}, "requests": {"cpu": "1"}}, {"requests": {"cpu": "500m"}}), {"cpu": "1"}),
        (spec({"limits": {"hugepages-2Mi": "4Mi"}}), {"hugepages-2Mi": "4Mi"}),
        (spec({}, {"requests": {"cpu": "1"}}), None),
    ],
    ids=["limits alone", "containers' sum", "said", "huge pages", "no limits"],
)  # fmt: skip
def test_requests_follow_from_limits_and_containers(pod, requests):
    default_requests(pod)
    assert pod["resources"].get("requests") == requests


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1", "memory": "1Gi"}}, "Guaranteed"),
        ({"limits": {"cpu": "1"}, "requests": {"cpu": "1"}}, "Burstable"),
        ({"requests": {"memory": "1Gi"}}, "Burstable"),
        ({}, "BestEffort"),
    ],
)
def test_the_pods_own_word_decides_its_class(own, expected):
    assert qos_class(spec(own)) == expected


def test_containers_do_not_decide_the_class_of_a_pod_that_does():
    assert qos_class(spec({"requests": {"cpu": "2"}}, {"limits": {"cpu": "1", "memory": "1Gi"}})) == "Burstable"


@pytest.mark.parametrize(
    ("pod", "errors"),
    [
        (spec({"requests": {"cpu": "1"}, "limits": {"cpu": "2"}}, {"limits": {"cpu": "1"}}), []),
        (spec({"requests": {"ephemeral-storage": "1Gi"}}),
         ['spec.resources.requests[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: '
          '"cpu", "hugepages-", "memory"']),
        (spec({"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}),
         ['spec.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1']),
        (spec({"requests": {"cpu": "1"}}, {"requests": {"cpu": "800m"}}, {"requests": {"cpu": "800m"}}),
         ['spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container '
          "requests of 1600m"]),
        (spec({"limits": {"memory": "1Gi"}}, {"limits": {"memory": "2Gi"}}),
         ['spec.resources.containers[0][memory].limits: Invalid value: "2Gi": must be less than or equal to pod limits '
          "of 1Gi"]),
    ],
    ids=["fits", "unknown", "over the limit", "less than its containers", "container over the pod"],
)  # fmt: skip
def test_containers_stay_within_their_pod(pod, errors):
    assert [str(error) for error in pod_resources(Path("spec"), pod)] == errors
