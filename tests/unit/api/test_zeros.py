"""Fields that are there even when nobody has set them."""

import pytest

from kajitori.api import definitions, scheme, zeros

SCHEME = scheme.builtin()


def filled(api_version, kind, **fields):
    obj = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}, **fields}
    SCHEME.for_object(obj).strategy.default(obj)
    return obj


@pytest.mark.parametrize(
    ("api_version", "kind", "status"),
    [
        ("apps/v1", "Deployment", {}),
        ("apps/v1", "ReplicaSet", {"replicas": 0}),
        ("apps/v1", "StatefulSet", {"availableReplicas": 0, "replicas": 0}),
        ("batch/v1", "CronJob", {}),
        ("networking.k8s.io/v1", "Ingress", {"loadBalancer": {}}),
        ("v1", "Service", {"loadBalancer": {}}),
        ("autoscaling/v2", "HorizontalPodAutoscaler", {"currentMetrics": None, "desiredReplicas": 0}),
        ("storage.k8s.io/v1", "VolumeAttachment", {"attached": False}),
    ],
)
def test_a_status_is_there_before_anybody_reports_one(api_version, kind, status):
    assert filled(api_version, kind, spec={})["status"] == status


def test_zeros_reach_into_lists_and_leave_what_is_set():
    statuses = [{"name": "c", "ready": True, "state": {"terminated": {"exitCode": 3}}}]
    pod = filled(
        "v1", "Pod", spec={"containers": []}, status={"containerStatuses": statuses, "conditions": [{"type": "Ready"}]}
    )
    assert pod["status"]["conditions"] == [{"type": "Ready", "lastProbeTime": None, "lastTransitionTime": None}]
    assert pod["status"]["containerStatuses"] == [
        {
            "name": "c",
            "ready": True,
            "image": "",
            "imageID": "",
            "restartCount": 0,
            "lastState": {},
            "state": {"terminated": {"exitCode": 3, "startedAt": None, "finishedAt": None}},
        }
    ]


def test_lists_that_upstream_always_prints_are_null():
    assert filled("rbac.authorization.k8s.io/v1", "Role")["rules"] is None
    assert filled("rbac.authorization.k8s.io/v1", "Role", rules=[])["rules"] == []


def test_no_two_objects_share_a_zero():
    one, other = filled("apps/v1", "Deployment"), filled("apps/v1", "Deployment")
    one["status"]["replicas"] = 1
    assert other["status"] == {}


def test_the_table_names_only_what_there_is():
    for name, fields in zeros._zeros().items():
        prefix = "io.k8s.kube-aggregator.pkg.apis." if name.startswith("apiregistration.") else "io.k8s.api."
        assert fields.keys() <= definitions.node(prefix + name).properties.keys()
