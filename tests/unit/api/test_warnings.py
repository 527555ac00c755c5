"""What clients are warned of in objects that are accepted nevertheless, in upstream's words."""

import pytest

from kajitori.api import scheme

SCHEME = scheme.builtin()
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}


def warned(obj, old=None):
    strategy = SCHEME.for_object(obj).strategy
    strategy.default(obj)
    return strategy.warnings(obj, old)


def container(**fields):
    return {"containers": [{"name": "c", "image": "i", **fields}]}


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (
            container() | {"nodeSelector": {"beta.kubernetes.io/os": "linux"}},
            'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
        ),
        (
            container() | {"volumes": [{"name": "v", "gitRepo": {"repository": "x"}}]},
            "spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+",
        ),
        (
            container(env=[{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]),
            'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
        ),
        (
            container(ports=[{"containerPort": 80}, {"containerPort": 80}]),
            "spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]",
        ),
        (
            container(ports=[{"containerPort": 80, "hostIP": "10.0.0.1", "protocol": "UDP"}]),
            "spec.containers[0].ports[0]: hostIP set without hostPort: "
            "{Name: HostPort:0 ContainerPort:80 Protocol:UDP HostIP:10.0.0.1}",
        ),
        (
            container(resources={"requests": {"memory": "1500m"}}),
            'spec.containers[0].resources.requests[memory]: fractional byte value "1500m" is invalid, must be an integer',
        ),
        (
            container() | {"imagePullSecrets": [{}]},
            'spec.imagePullSecrets[0].name: invalid empty name ""',
        ),
        (
            container() | {"hostAliases": [{"ip": "1.1.1.1"}, {"ip": "1.1.1.1"}]},
            'spec.hostAliases[1].ip: duplicate ip "1.1.1.1"',
        ),
        (
            container() | {"terminationGracePeriodSeconds": -1},
            "spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1",
        ),
        (
            container()
            | {"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "z"}]}}},
            "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: "
            "a null labelSelector results in matching no pod",
        ),
        (
            container()
            | {
                "volumes": [
                    {"name": "v", "configMap": {"name": "m", "items": [{"path": "a"}, {"key": "k", "path": "a/b"}]}}
                ]
            },
            'volume "v" (ConfigMap "m"): overlapping paths: "a/b" with "a"',
        ),
        (
            container()
            | {
                "volumes": [
                    {
                        "name": "v",
                        "projected": {
                            "sources": [
                                {"configMap": {"name": "m", "items": [{"key": "k", "path": "a/b"}]}},
                                {"serviceAccountToken": {"path": "a"}},
                            ]
                        },
                    }
                ]
            },
            'volume "v" (Projected): overlapping paths: "a" (ServiceAccountToken) with "a/b" (ConfigMap "m")',
        ),
    ],
    ids=[
        "label",
        "volume",
        "variable",
        "port",
        "host ip",
        "bytes",
        "secret",
        "alias",
        "grace",
        "affinity",
        "paths",
        "sources",
    ],
)
def test_a_pod_that_is_odd_is_told_so(spec, text):
    assert warned({**POD, "spec": spec}) == [text]
    assert warned({**POD, "spec": spec}, old=POD) == []


def test_a_variable_made_from_the_one_before_is_fine():
    variables = [{"name": "A", "value": "1"}, {"name": "A", "value": "$(A)2"}]
    assert warned({**POD, "spec": container(env=variables)}) == []


def test_a_workload_speaks_of_its_template_when_that_is_new():
    spec = {"template": {"metadata": {}, "spec": container(ports=[{"containerPort": 1}, {"containerPort": 1}])}}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a.b", "generation": 2},
        "spec": spec,
    }
    port = "spec.template.spec.containers[0].ports[1]: duplicate port definition with spec.template.spec.containers[0].ports[0]"
    name, *rest = warned(deployment)
    assert name.startswith(
        "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; "
        "a DNS label is recommended: [a lowercase RFC 1123 label must consist of"
    )
    assert rest == [port]
    assert warned(deployment, {"metadata": {"generation": 1}}) == [port]
    assert warned(deployment, {"metadata": {"generation": 2}}) == []


@pytest.mark.parametrize(
    ("api_version", "kind", "fields", "text"),
    [
        (
            "v1",
            "Service",
            {"spec": {"type": "ClusterIP", "clusterIP": "None", "sessionAffinity": "ClientIP"}},
            "spec.SessionAffinity is ignored for headless services",
        ),
        (
            "v1",
            "Service",
            {"spec": {"externalIPs": ["010.0.0.1"]}},
            'spec.externalIPs[0]: non-standard IP address "010.0.0.1" will be considered invalid in a future Kubernetes '
            'release: use "10.0.0.1"',
        ),
        (
            "v1",
            "Service",
            {"spec": {"externalIPs": ["fd00:0::1"]}},
            'spec.externalIPs[0]: IPv6 address "fd00:0::1" should be in RFC 5952 canonical format ("fd00::1")',
        ),
        (
            "v1",
            "Service",
            {"metadata": {"annotations": {"service.kubernetes.io/topology-aware-hints": "auto"}}},
            "annotation service.kubernetes.io/topology-aware-hints is deprecated, please use "
            "service.kubernetes.io/topology-mode instead",
        ),
        (
            "v1",
            "PersistentVolume",
            {"spec": {"persistentVolumeReclaimPolicy": "Recycle"}},
            "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended "
            "approach is to use dynamic provisioning.",
        ),
        (
            "v1",
            "PersistentVolumeClaim",
            {"metadata": {"annotations": {"volume.beta.kubernetes.io/storage-class": "x"}}},
            "metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "
            '"storageClassName" attribute instead',
        ),
        (
            "v1",
            "Node",
            {"spec": {"externalID": "x"}},
            "spec.externalID: this field is deprecated, and is unused by Kubernetes",
        ),
        (
            "networking.k8s.io/v1",
            "Ingress",
            {"metadata": {"annotations": {"kubernetes.io/ingress.class": "x"}}},
            "annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead",
        ),
        (
            "storage.k8s.io/v1",
            "StorageClass",
            {
                "allowedTopologies": [
                    {"matchLabelExpressions": [{"key": "failure-domain.beta.kubernetes.io/zone", "values": ["a"]}]}
                ]
            },
            "allowedTopologies[0].matchLabelExpressions[0].key: deprecated since v1.17; use "
            '"topology.kubernetes.io/zone" instead',
        ),
    ],
)
def test_other_kinds_have_their_warnings(api_version, kind, fields, text):
    assert warned({"apiVersion": api_version, "kind": kind, "metadata": {}, **fields}) == [text]


def test_deprecated_versions_say_what_to_use():
    told = {r.kind: r.deprecation for r in SCHEME.resources() if r.deprecation}
    assert told == {
        "ComponentStatus": "v1 ComponentStatus is deprecated in v1.19+",
        "Endpoints": "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    }
