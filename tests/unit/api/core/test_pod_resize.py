"""What may be asked of the resize subresource."""

import copy
from typing import Any

import pytest

from kajitori.api.core import pod_defaults
from kajitori.api.core.pod_resize import resize_errors, take_resources


def pod(*containers: Any, **spec: Any) -> dict[str, Any]:
    made = {
        "metadata": {"name": "p"},
        "spec": {
            "containers": [{"name": f"c{n}", "image": "i", "resources": one} for n, one in enumerate(containers)],
            **spec,
        },
    }
    pod_defaults.pod(made)
    return made


def errors(old: dict[str, Any], *wanted: Any, **spec: Any) -> list[str]:
    changed = copy.deepcopy(old)
    edited = pod(*wanted, **spec)
    take_resources(changed, edited)
    return [str(error) for error in resize_errors(changed, old, edited)]


BURSTABLE = {"requests": {"cpu": "100m", "memory": "10Mi"}, "limits": {"cpu": "200m"}}
GUARANTEED = {"limits": {"cpu": "1", "memory": "1Gi"}}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (BURSTABLE, {"requests": {"cpu": "150m", "memory": "20Mi"}, "limits": {"cpu": "1"}}, []),
        (GUARANTEED, {"limits": {"cpu": "2", "memory": "1Gi"}}, []),
        (GUARANTEED, {"limits": {"cpu": "2", "memory": "1Gi"}, "requests": {"cpu": "1", "memory": "1Gi"}},
         ['spec: Invalid value: "Guaranteed": Pod QOS Class may not change as a result of resizing']),
        ({}, {"requests": {"memory": "1Gi"}},
         ['spec: Invalid value: "BestEffort": Pod QOS Class may not change as a result of resizing']),
        (BURSTABLE, {"requests": {"cpu": "100m", "memory": "10Mi"}},
         ["spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed"]),
        (BURSTABLE, {"requests": {"memory": "10Mi"}, "limits": {}},
         ["spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed",
          "spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed"]),
        (BURSTABLE, {**BURSTABLE, "requests": {**BURSTABLE["requests"], "ephemeral-storage": "1Gi"}},
         ["spec: Forbidden: only cpu and memory resources are mutable"]),
        (BURSTABLE, {"requests": {"cpu": "300m", "memory": "10Mi"}, "limits": {"cpu": "200m"}},
         ['spec.containers[0].resources.requests: Invalid value: "300m": must be less than or equal to cpu limit of 200m']),
    ],
    ids=["bigger", "guaranteed", "class changes", "best effort", "limit gone", "request gone", "other resource", "over limit"],
)  # fmt: skip
def test_only_cpu_and_memory_change_within_the_class(before, after, expected):
    assert errors(pod(before), after) == expected


def test_pods_that_cannot_be_resized_at_all():
    static = pod(BURSTABLE)
    static["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "x"}
    assert "static pods cannot be resized" in errors(static, BURSTABLE)[0]
    whole = pod(BURSTABLE, resources={"limits": {"cpu": "1"}})
    assert "pods with pod-level resources cannot be resized" in errors(whole, BURSTABLE)[0]


def test_init_containers_that_end_are_not_resized_and_sidecars_are():
    def spec(cpu: str) -> Any:
        own = {"image": "i", "resources": {"requests": {"cpu": cpu}}}
        return [{"name": "a", **own}, {"name": "b", "restartPolicy": "Always", **own}]

    old = pod(BURSTABLE, initContainers=spec("100m"))
    found = errors(old, BURSTABLE, initContainers=spec("200m"))
    assert found == ["spec: Forbidden: resources for non-sidecar init containers are immutable"]


def test_containers_keep_their_order():
    old = pod(BURSTABLE, BURSTABLE)
    edited = pod(BURSTABLE, BURSTABLE)
    edited["spec"]["containers"].reverse()
    found = [str(error) for error in resize_errors(old, old, edited)]
    assert found == ["spec.containers: Forbidden: containers may not be renamed or reordered on resize"]
