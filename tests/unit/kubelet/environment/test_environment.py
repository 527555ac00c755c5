import asyncio
import base64

import pytest

from kajitori.api import schema
from kajitori.api.core.v1 import ConfigMap, Pod, Secret, Service
from kajitori.kubelet.environment import build, expand
from kajitori.kubelet.interfaces import ConfigError
from kajitori.machinery.errors import NotFound

EXPANSIONS = [
    ("$(A)", "1"),
    ("x$(A)y$(B)", "x1y2"),
    ("$$(A)", "$(A)"),
    ("$$$(A)", "$1"),
    ("$(NOPE)", "$(NOPE)"),
    ("$A $", "$A $"),
    ("$(A", "$(A"),
    ("$(A)$$", "1$"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "expected"), EXPANSIONS)
def test_expansion_follows_the_rules_of_kubernetes(text, expected):
    assert expand(text, {"A": "1", "B": "2"}) == expected


class Source:
    def __init__(self, config_maps=(), secrets=(), services=(), synced=True):
        self.maps = {m["metadata"]["name"]: schema.from_wire(ConfigMap, m) for m in config_maps}
        self.secrets = {s["metadata"]["name"]: schema.from_wire(Secret, s) for s in secrets}
        self._services = [schema.from_wire(Service, s) for s in services]
        self.synced = synced

    async def config_map(self, namespace, name):
        if name not in self.maps:
            raise NotFound.of("", "configmaps", name)
        return self.maps[name]

    async def secret(self, namespace, name):
        if name not in self.secrets:
            raise NotFound.of("", "secrets", name)
        return self.secrets[name]

    def services(self):
        return self._services

    def services_synced(self):
        return self.synced


def config_map(name, **data):
    return {"metadata": {"name": name, "namespace": "ns"}, "data": data}


def secret(name, **data):
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    return {"metadata": {"name": name, "namespace": "ns"}, "data": encoded}


def service(name, ip, *ports, namespace="ns"):
    return {"metadata": {"name": name, "namespace": namespace}, "spec": {"clusterIP": ip, "ports": list(ports)}}


def environment(container, source=None, spec=None, metadata=None):
    wire = {
        "metadata": {"name": "p", "namespace": "ns", "uid": "u-1", **(metadata or {})},
        "spec": {"containers": [{"name": "c", **container}], "serviceAccountName": "sa", **(spec or {})},
    }
    pod = schema.from_wire(Pod, wire)
    result = build(
        pod,
        pod.spec.containers[0],
        pod_ips=["10.0.0.5", "fd00::5"],
        host_ip="192.0.2.1",
        source=source or Source(),
        node_name="node-1",
        allocatable={"cpu": "2", "memory": "1Gi"},
    )
    return asyncio.run(result)


def value_from(name, **origin):
    return {"env": [{"name": name, "valueFrom": origin}]}


def test_values_refer_to_variables_before_them_only():
    env = [{"name": "A", "value": "$(B)"}, {"name": "B", "value": "2"}, {"name": "C", "value": "$(B)!"}]
    assert environment({"env": env}) == [("A", "$(B)"), ("B", "2"), ("C", "2!")]


def test_env_overrides_env_from_and_later_env_from_overrides_earlier():
    source = Source([config_map("one", A="1", B="1"), config_map("two", B="2", C="2")])
    container = {
        "envFrom": [{"configMapRef": {"name": "one"}}, {"prefix": "P_", "configMapRef": {"name": "two"}},
                    {"configMapRef": {"name": "two"}}],
        "env": [{"name": "C", "value": "mine"}],
    }  # fmt: skip
    assert dict(environment(container, source)) == {"A": "1", "B": "2", "P_B": "2", "P_C": "2", "C": "mine"}


FIELDS = [
    ("metadata.name", "p"),
    ("metadata.namespace", "ns"),
    ("metadata.uid", "u-1"),
    ("metadata.labels['app']", "web"),
    ("metadata.annotations['note']", ""),
    ("spec.nodeName", "node-1"),
    ("spec.serviceAccountName", "sa"),
    ("status.hostIP", "192.0.2.1"),
    ("status.podIP", "10.0.0.5"),
    ("status.podIPs", "10.0.0.5,fd00::5"),
]


@pytest.mark.parametrize(("path", "expected"), FIELDS)
def test_field_ref(path, expected):
    container = value_from("X", fieldRef={"fieldPath": path})
    assert environment(container, metadata={"labels": {"app": "web"}}) == [("X", expected)]


RESOURCES = [
    ("limits.cpu", None, "1"),
    ("limits.cpu", "1m", "250"),
    ("limits.memory", None, str(2 * 1024**3)),
    ("limits.memory", "1Mi", "2048"),
    ("requests.cpu", "1m", "100"),
    ("requests.memory", None, "0"),
]


@pytest.mark.parametrize(("resource", "divisor", "expected"), RESOURCES)
def test_resource_field_ref_rounds_up_in_units_of_the_divisor(resource, divisor, expected):
    selector = {"resource": resource} | ({"divisor": divisor} if divisor else {})
    container = value_from("X", resourceFieldRef=selector)
    container["resources"] = {"limits": {"cpu": "250m", "memory": "2Gi"}, "requests": {"cpu": "100m"}}
    assert environment(container) == [("X", expected)]


def test_a_limit_that_is_not_set_is_what_the_node_can_give():
    assert environment(value_from("X", resourceFieldRef={"resource": "limits.cpu"})) == [("X", "2")]


def test_secret_values_are_decoded():
    source = Source(secrets=[secret("s", password="hunter2")])
    assert environment(value_from("X", secretKeyRef={"name": "s", "key": "password"}), source) == [("X", "hunter2")]


FAILURES = [
    (value_from("X", configMapKeyRef={"name": "m", "key": "k"}), 'configmap "m" not found'),
    (value_from("X", secretKeyRef={"name": "s", "key": "k"}), 'secret "s" not found'),
    (value_from("X", configMapKeyRef={"name": "there", "key": "k"}), "couldn't find key k in ConfigMap ns/there"),
    (value_from("X", secretKeyRef={"name": "there", "key": "k"}), "couldn't find key k in Secret ns/there"),
    ({"envFrom": [{"configMapRef": {"name": "m"}}]}, 'configmap "m" not found'),
    ({"envFrom": [{"secretRef": {"name": "s"}}]}, 'secret "s" not found'),
]


@pytest.mark.parametrize(("container", "message"), FAILURES)
def test_missing_sources_are_errors_in_the_words_of_kubernetes(container, message):
    source = Source([config_map("there", a="1")], [secret("there", a="1")])
    with pytest.raises(ConfigError) as caught:
        environment(container, source)
    assert str(caught.value) == message
    assert caught.value.reason == "CreateContainerConfigError"


def test_missing_optional_sources_leave_the_variable_unset():
    container = {
        "envFrom": [{"configMapRef": {"name": "m", "optional": True}}, {"secretRef": {"name": "m", "optional": True}}],
        "env": [
            {"name": "X", "valueFrom": {"configMapKeyRef": {"name": "m", "key": "k", "optional": True}}},
            {"name": "Y", "valueFrom": {"secretKeyRef": {"name": "m", "key": "k", "optional": True}}},
        ],
    }
    assert environment(container) == []


KUBERNETES = service("kubernetes", "10.96.0.1", {"name": "https", "port": 443, "targetPort": 8443}, namespace="default")
REDIS = service("redis-master", "10.96.0.11", {"port": 6379, "protocol": "TCP"})


def test_service_variables_are_those_of_the_documentation():
    env = environment({}, Source(services=[KUBERNETES, REDIS]))
    assert env == [
        ("KUBERNETES_SERVICE_HOST", "10.96.0.1"),
        ("KUBERNETES_SERVICE_PORT", "443"),
        ("KUBERNETES_SERVICE_PORT_HTTPS", "443"),
        ("KUBERNETES_PORT", "tcp://10.96.0.1:443"),
        ("KUBERNETES_PORT_443_TCP", "tcp://10.96.0.1:443"),
        ("KUBERNETES_PORT_443_TCP_PROTO", "tcp"),
        ("KUBERNETES_PORT_443_TCP_PORT", "443"),
        ("KUBERNETES_PORT_443_TCP_ADDR", "10.96.0.1"),
        ("REDIS_MASTER_SERVICE_HOST", "10.96.0.11"),
        ("REDIS_MASTER_SERVICE_PORT", "6379"),
        ("REDIS_MASTER_PORT", "tcp://10.96.0.11:6379"),
        ("REDIS_MASTER_PORT_6379_TCP", "tcp://10.96.0.11:6379"),
        ("REDIS_MASTER_PORT_6379_TCP_PROTO", "tcp"),
        ("REDIS_MASTER_PORT_6379_TCP_PORT", "6379"),
        ("REDIS_MASTER_PORT_6379_TCP_ADDR", "10.96.0.11"),
    ]


def test_without_service_links_only_kubernetes_is_there():
    env = dict(environment({}, Source(services=[KUBERNETES, REDIS]), spec={"enableServiceLinks": False}))
    assert "KUBERNETES_SERVICE_HOST" in env
    assert "REDIS_MASTER_SERVICE_HOST" not in env


def test_headless_services_and_those_of_other_namespaces_are_left_out():
    other = service("other", "10.96.0.12", {"port": 1}, namespace="elsewhere")
    headless = service("headless", "None", {"port": 1})
    assert environment({}, Source(services=[other, headless])) == []


def test_values_may_refer_to_services():
    env = dict(environment({"env": [{"name": "X", "value": "$(REDIS_MASTER_SERVICE_HOST)"}]}, Source(services=[REDIS])))
    assert env["X"] == "10.96.0.11"


def test_nothing_is_built_before_services_are_known():
    with pytest.raises(ConfigError, match="services have not yet been read at least once, cannot construct envvars"):
        environment({}, Source(synced=False))


def test_a_limit_that_is_not_set_is_the_pods_own_if_it_has_one():
    limited = {"resources": {"limits": {"cpu": "1"}}}
    assert environment(value_from("X", resourceFieldRef={"resource": "limits.cpu"}), spec=limited) == [("X", "1")]
