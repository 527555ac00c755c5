"""Which zeros an object has: those that upstream's types print, wherever they stand, and no others."""

import copy
from typing import Any

import pytest
import yaml

from kajitori.api import definitions, scheme, zerofacts, zeros

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


@pytest.mark.parametrize("rules", [{}, {"rules": []}], ids=["absent", "empty"])
def test_lists_that_upstream_always_prints_are_null(rules):
    assert filled("rbac.authorization.k8s.io/v1", "Role", **rules)["rules"] is None


def test_no_two_objects_share_a_zero():
    one, other = filled("apps/v1", "Deployment"), filled("apps/v1", "Deployment")
    one["status"]["replicas"] = 1
    assert other["status"] == {}


# What a client writes, and what is left of it; `spec` is that of the kind.
KINDS = {
    "Pod": (
        """
apiVersion: v1
kind: Pod
metadata: {name: x, labels: {}, annotations: {}, finalizers: [], generateName: "", ownerReferences: []}
spec:
  hostNetwork: false
  hostPID: false
  hostUsers: false
  nodeName: ""
  priority: 0
  terminationGracePeriodSeconds: 0
  automountServiceAccountToken: false
  nodeSelector: {}
  tolerations: []
  hostname: ""
  securityContext: {runAsUser: 0, supplementalGroups: [], seLinuxOptions: {level: "", type: ""}}
  affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: []}}
  volumes:
  - {name: a, emptyDir: {medium: ""}}
  - {name: b, configMap: {name: "", optional: false, items: []}}
  - {name: c, csi: {driver: d, readOnly: false, fsType: "", volumeAttributes: {}}}
  - {name: d, nfs: {server: s, path: /, readOnly: false}}
  - {name: e, hostPath: {path: /, type: ""}}
  - {name: f, projected: {sources: []}}
  containers:
  - name: c
    image: i
    args: []
    workingDir: ""
    stdin: false
    env: [{name: A, value: ""}, {name: B, valueFrom: {fieldRef: {fieldPath: a, apiVersion: ""}}}]
    ports: [{containerPort: 1, hostPort: 0, name: "", hostIP: ""}]
    resources: {limits: {}, requests: {cpu: "0"}, claims: []}
    securityContext: {privileged: false, capabilities: {add: [], drop: []}}
    livenessProbe: {httpGet: {port: 0, host: "", httpHeaders: []}, initialDelaySeconds: 0}
""",
        """
hostUsers: false
priority: 0
terminationGracePeriodSeconds: 0
automountServiceAccountToken: false
securityContext: {runAsUser: 0, seLinuxOptions: {}}
affinity: {nodeAffinity: {}}
volumes:
- {name: a, emptyDir: {}}
- {name: b, configMap: {optional: false}}
- {name: c, csi: {driver: d, readOnly: false, fsType: ""}}
- {name: d, nfs: {server: s, path: /}}
- {name: e, hostPath: {path: /, type: ""}}
- {name: f, projected: {sources: null}}
containers:
- name: c
  image: i
  env: [{name: A}, {name: B, valueFrom: {fieldRef: {fieldPath: a}}}]
  ports: [{containerPort: 1}]
  resources: {requests: {cpu: "0"}}
  securityContext: {privileged: false, capabilities: {}}
  livenessProbe: {httpGet: {port: 0}}
""",
    ),
    "Deployment": (
        """
apiVersion: apps/v1
kind: Deployment
metadata: {name: x}
spec: {replicas: 0, minReadySeconds: 0, paused: false, revisionHistoryLimit: 0, progressDeadlineSeconds: 0,
  selector: {matchLabels: {}, matchExpressions: []}, strategy: {type: "", rollingUpdate: {maxSurge: 0}},
  template: {metadata: {labels: {}}, spec: {containers: []}}}
""",
        """
{replicas: 0, revisionHistoryLimit: 0, progressDeadlineSeconds: 0, selector: {}, strategy: {rollingUpdate: {maxSurge: 0}},
  template: {metadata: {}, spec: {containers: []}}}
""",
    ),
    "StatefulSet": (
        """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: x}
spec: {serviceName: "", minReadySeconds: 0, podManagementPolicy: "", volumeClaimTemplates: [],
  ordinals: {start: 0}, updateStrategy: {rollingUpdate: {partition: 0}}, selector: {}, template: {}}
""",
        """
{serviceName: "", ordinals: {start: 0}, updateStrategy: {rollingUpdate: {partition: 0}}, selector: {},
  template: {metadata: {}, spec: {}}}
""",
    ),
    "Service": (
        """
apiVersion: v1
kind: Service
metadata: {name: x}
spec: {selector: {}, externalIPs: [], publishNotReadyAddresses: false, allocateLoadBalancerNodePorts: false,
  healthCheckNodePort: 0, loadBalancerIP: "", externalName: "", ipFamilies: [],
  sessionAffinityConfig: {clientIP: {timeoutSeconds: 0}},
  ports: [{port: 1, nodePort: 0, name: "", targetPort: 0, appProtocol: ""}]}
""",
        """
{allocateLoadBalancerNodePorts: false, sessionAffinityConfig: {clientIP: {timeoutSeconds: 0}},
  ports: [{port: 1, targetPort: 0, appProtocol: ""}]}
""",
    ),
    "PersistentVolumeClaim": (
        """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: x}
spec: {storageClassName: "", volumeName: "", accessModes: [], selector: {}, dataSource: {kind: K, name: n}}
""",
        "{storageClassName: '', selector: {}, dataSource: {apiGroup: null, kind: K, name: n}, resources: {}}",
    ),
    "NetworkPolicy": (
        """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: x}
spec: {podSelector: {matchLabels: {}}, ingress: [{from: [], ports: []}], egress: [], policyTypes: [],
  }
""",
        "{podSelector: {}, ingress: [{}]}",
    ),
    "CSIDriver": (
        """
apiVersion: storage.k8s.io/v1
kind: CSIDriver
metadata: {name: x}
spec: {attachRequired: false, podInfoOnMount: false, storageCapacity: false, seLinuxMount: false, tokenRequests: [],
  volumeLifecycleModes: []}
""",
        "{attachRequired: false, podInfoOnMount: false, storageCapacity: false, seLinuxMount: false}",
    ),
    "ResourceClaim": (
        """
apiVersion: resource.k8s.io/v1
kind: ResourceClaim
metadata: {name: x}
spec: {devices: {requests: [], constraints: [], config: []}}
""",
        "{devices: {requests: null}}",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_zeros_stay_where_the_type_points_to_them_and_go_elsewhere(kind: str) -> None:
    obj, left = (yaml.safe_load(text) for text in KINDS[kind])
    settle = zeros.settler_of(SCHEME.for_object(obj).strategy.definition)
    settle(obj)
    assert obj["spec"] == left
    assert obj["metadata"] == {"name": "x"}
    once = copy.deepcopy(obj)
    settle(obj)
    assert obj == once


TOP: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("v1", "ConfigMap", {"data": {}, "binaryData": {}, "immutable": False}, {"immutable": False}),
    ("v1", "ConfigMap", {"data": {"empty": ""}}, {"data": {"empty": ""}}),
    ("v1", "Secret", {"data": {"empty": ""}, "type": ""}, {"data": {"empty": ""}, "type": "Opaque"}),
    ("v1", "ServiceAccount", {"automountServiceAccountToken": False, "secrets": []}, {"automountServiceAccountToken": False}),
    ("scheduling.k8s.io/v1", "PriorityClass", {"globalDefault": False, "description": ""},
     {"value": 0, "preemptionPolicy": "PreemptLowerPriority"}),
    ("discovery.k8s.io/v1", "EndpointSlice",
     {"addressType": "IPv4", "endpoints": [{"addresses": ["1.2.3.4"], "conditions": {"ready": False}, "hostname": ""}]},
     {"addressType": "IPv4", "ports": None,
      "endpoints": [{"addresses": ["1.2.3.4"], "conditions": {"ready": False}, "hostname": ""}]}),
    ("storage.k8s.io/v1", "StorageClass", {"provisioner": "p", "parameters": {}, "allowVolumeExpansion": False},
     {"provisioner": "p", "allowVolumeExpansion": False, "reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"}),
    ("rbac.authorization.k8s.io/v1", "Role", {"rules": [{"verbs": ["get"], "apiGroups": [""], "resourceNames": []}]},
     {"rules": [{"verbs": ["get"], "apiGroups": [""]}]}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("api_version", "kind", "given", "left"), TOP, ids=[f"{row[1]} {next(iter(row[2]))}" for row in TOP]
)
def test_kinds_without_a_spec_lose_their_zeros_too(api_version, kind, given, left):
    assert filled(api_version, kind, **given) == filled(api_version, kind) | left


def test_schemas_within_definitions_lose_theirs_at_every_depth():
    inner = {"type": "string", "description": "", "nullable": False, "maxLength": 0, "enum": []}
    schema = {
        "properties": {"a": inner, "b": {"items": inner, "additionalProperties": False, "uniqueItems": False}},
        "required": [],
    }
    left = {"type": "string", "maxLength": 0}
    zeros.settler_of("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps")(schema)
    assert schema == {"properties": {"a": left, "b": {"items": left, "additionalProperties": False}}}


def test_an_empty_list_of_owners_stays_for_those_who_forget_them():
    assert filled("v1", "ConfigMap", metadata={"name": "x", "managedFields": []})["metadata"]["managedFields"] == []


def types() -> dict[str, str]:
    """Full names by the short ones of the tables."""
    return {".".join(name.split(".")[-3:]): name for name in definitions.names()}


def test_the_tables_name_only_what_there_is():
    shown, otherwise = zerofacts._by_type()
    known = types()
    for name, fields in [*shown.items(), *otherwise.items()]:
        assert set(fields) <= definitions.node(known[name]).properties.keys()


def test_no_name_is_in_a_table_for_nothing():
    numbers, strings = zerofacts._names()
    found: dict[str, set[str]] = {}
    for name in definitions.names():
        for field, node in definitions.node(name).properties.items():
            found.setdefault(field, set()).add(node.plain_type)
    assert all(found[name] & {"integer", "boolean", "number"} for name in numbers)
    assert all("string" in found[name] for name in strings)
