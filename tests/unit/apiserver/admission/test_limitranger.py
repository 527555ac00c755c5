"""LimitRanger: defaults that it fills in, and what it refuses in upstream's words."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.apiserver.admission.admissionrequests import pod, request, run

from kajitori.apiserver.admission.limitranger import apply_defaults, violations
from kajitori.apiserver.admission_types import CREATE, UPDATE
from kajitori.machinery.errors import Forbidden

LIMITS = {
    "spec": {
        "limits": [
            {
                "type": "Container",
                "default": {"cpu": "500m"},
                "defaultRequest": {"cpu": "100m"},
                "min": {"memory": "100Mi"},
                "max": {"cpu": "1"},
            }
        ]
    }
}


class TestLimitRanger:
    def test_defaults_are_filled_in_and_noted(self) -> None:
        made = pod()
        apply_defaults(made, LIMITS)
        assert made["spec"]["containers"][0]["resources"] == {"requests": {"cpu": "100m"}, "limits": {"cpu": "500m"}}
        assert made["metadata"]["annotations"]["kubernetes.io/limit-ranger"] == (
            "LimitRanger plugin set: cpu request for container c; cpu limit for container c"
        )

    def test_violations_read_as_upstream(self) -> None:
        resources = {"requests": {"memory": "1Mi"}, "limits": {"cpu": "2"}}
        made = pod(containers=[{"name": "c", "resources": resources}])
        assert list(violations("pods", made, LIMITS)) == [
            "minimum memory usage per Container is 100Mi, but request is 1Mi",
            "maximum cpu usage per Container is 1, but limit is 2",
        ]

    def test_a_violation_refuses_the_pod(self, deps: Any, world: Any) -> None:
        world.put("", "limitranges", {"metadata": {"name": "l", "namespace": "ns"}, **LIMITS})
        with pytest.raises(Forbidden, match=r"minimum memory usage per Container is 100Mi\.  No request is specified"):
            run(deps, request(CREATE, "pods", pod()))

    def test_a_resize_is_held_to_the_limits_and_any_other_update_is_not(self, deps: Any, world: Any) -> None:
        world.put("", "limitranges", {"metadata": {"name": "l", "namespace": "ns"}, **LIMITS})
        wanted = pod(containers=[{"name": "c", "resources": {"requests": {"memory": "1Gi"}, "limits": {"cpu": "2"}}}])
        run(deps, request(UPDATE, "pods", wanted, pod()))
        with pytest.raises(Forbidden, match="maximum cpu usage per Container is 1, but limit is 2"):
            run(deps, request(UPDATE, "pods", wanted, pod(), subresource="resize"))

    @pytest.mark.parametrize(
        ("init", "own", "used"),
        [
            ({"cpu": "300m"}, None, "300m"),
            ({"cpu": "300m", "restartPolicy": "Always"}, None, "500m"),
            ({"cpu": "300m", "restartPolicy": "Always"}, "400m", "400m"),
        ],
        ids=["init containers pass", "sidecars stay", "the Pod's own word goes first"],
    )
    def test_a_pods_use_counts_sidecars_and_its_own_resources(
        self, init: dict[str, str], own: str | None, used: str
    ) -> None:
        helper = {"name": "i", "resources": {"requests": {"cpu": init["cpu"]}}}
        if "restartPolicy" in init:
            helper["restartPolicy"] = init["restartPolicy"]
        main = [{"name": "c", "resources": {"requests": {"cpu": "200m"}}}]
        more = {"resources": {"requests": {"cpu": own}}} if own else {}
        limits = {"spec": {"limits": [{"type": "Pod", "min": {"cpu": "1"}}]}}
        found = list(violations("pods", pod(containers=main, initContainers=[helper], **more), limits))
        assert found == [f"minimum cpu usage per Pod is 1, but request is {used}"]

    def test_a_claim_has_no_ratio_to_break(self) -> None:
        limits = {"spec": {"limits": [{"type": "PersistentVolumeClaim", "maxLimitRequestRatio": {"storage": "2"}}]}}
        claim = {"spec": {"resources": {"requests": {"storage": "1Gi"}}}}
        assert list(violations("persistentvolumeclaims", claim, limits)) == []
