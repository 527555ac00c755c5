"""What v1.34 drops from a pod spec because its feature gate is off."""

import copy

import pytest

from kajitori.api.core.pod_defaults import pod_template
from kajitori.api.core.pod_gates import drop_disabled

PLAIN = {"name": "c", "image": "i"}


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ({"restartPolicy": "Never", "restartPolicyRules": [{"action": "Restart"}]}, {}),
        ({"lifecycle": {"stopSignal": "SIGUSR1"}}, {}),
        ({"lifecycle": {"stopSignal": "SIGUSR1", "preStop": {"sleep": {"seconds": 1}}}},
         {"lifecycle": {"preStop": {"sleep": {"seconds": 1}}}}),
        ({"env": [{"name": "A", "valueFrom": {"fileKeyRef": {"key": "k"}}}]}, {"env": [{"name": "A", "valueFrom": {}}]}),
        ({"volumeMounts": [{"name": "image"}, {"name": "other"}]}, {"volumeMounts": [{"name": "other"}]}),
    ],
    ids=["restart rules", "stop signal", "stop signal beside a hook", "variable from a file", "mount of an image"],
)  # fmt: skip
def test_a_container_loses_what_is_not_enabled(given, left):
    spec = {
        "containers": [PLAIN | given],
        "volumes": [{"name": "image", "image": {"reference": "r"}}, {"name": "other"}],
    }
    drop_disabled(spec)
    assert spec == {"containers": [PLAIN | left], "volumes": [{"name": "other"}]}


def test_a_sidecar_keeps_its_policy_and_no_other_init_container_has_one():
    spec = {"initContainers": [{"name": "a", "restartPolicy": "Always"}, {"name": "b", "restartPolicy": "Never"}]}
    drop_disabled(spec)
    assert spec == {"initContainers": [{"name": "a", "restartPolicy": "Always"}, {"name": "b"}]}


def test_a_template_is_treated_like_a_pod():
    template = {"spec": {"hostnameOverride": "x", "containers": [dict(PLAIN)]}}
    pod_template(template)
    assert "hostnameOverride" not in template["spec"]


def test_projections_that_are_not_enabled_are_left_empty():
    sources = [{"clusterTrustBundle": {"path": "p"}}, {"podCertificate": {"keyType": "ED25519"}}]
    spec = {"volumes": [{"name": "v", "projected": {"sources": sources}}]}
    drop_disabled(spec)
    assert spec["volumes"][0]["projected"]["sources"] == [{}, {}]


def test_what_is_enabled_stays():
    spec = {
        "hostUsers": False,
        "resources": {"limits": {"cpu": "1"}},
        "securityContext": {"supplementalGroupsPolicy": "Strict"},
        "containers": [PLAIN | {"resizePolicy": [{"resourceName": "cpu", "restartPolicy": "NotRequired"}]}],
    }
    before = copy.deepcopy(spec)
    drop_disabled(spec)
    assert spec == before
