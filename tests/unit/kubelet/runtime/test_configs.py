from __future__ import annotations

from typing import Any

import pytest
from tests.unit.kubelet.podrecords import make_pod

from kajitori.api import schema
from kajitori.api.core import v1
from kajitori.kubelet.cri import cri_pb2 as pb
from kajitori.kubelet.interfaces import ConfigError
from kajitori.kubelet.pods import qos_class
from kajitori.kubelet.runtime import hosts, security
from kajitori.kubelet.runtime.dns import ResolvConf, parse_resolv_conf, pod_dns
from kajitori.kubelet.runtime.resources import (
    container_resources,
    cpu_quota_us,
    cpu_shares,
    pod_limits,
    weight_of_shares,
)
from kajitori.kubelet.runtime.sandbox import hostname_error, hostname_of, kernel_hostname, sandbox_config

GIB = 1 << 30


def sized(requests: Any = None, limits: Any = None, name: str = "a") -> dict[str, Any]:
    return {"name": name, "resources": {"requests": requests or {}, "limits": limits or {}}}


@pytest.mark.parametrize(("milli", "shares"), [(0, 2), (1, 2), (100, 102), (1000, 1024), (10**9, 262144)])
def test_cpu_shares(milli: int, shares: int) -> None:
    assert cpu_shares(milli) == shares


@pytest.mark.parametrize(("milli", "quota"), [(0, 0), (1, 1000), (250, 25_000), (2000, 200_000)])
def test_cpu_quota(milli: int, quota: int) -> None:
    assert cpu_quota_us(milli) == quota


def test_cgroup_v2_weight() -> None:
    assert [weight_of_shares(s) for s in (2, 1024, 262144)] == [1, 39, 10000]


@pytest.mark.parametrize(
    ("containers", "qos", "oom"),
    [
        ([sized()], "BestEffort", 1000),
        ([sized(limits={"cpu": "1", "memory": "1Gi"})], "Guaranteed", -997),
        ([sized(requests={"memory": "4Gi"})], "Burstable", 500),
        ([sized(requests={"memory": "1"})], "Burstable", 999),
        ([sized({"cpu": "1"}, {"cpu": "1"})], "Burstable", 999),
    ],
)
def test_quality_of_service_and_oom_score(containers: Any, qos: str, oom: int) -> None:
    pod = make_pod(containers)
    assert qos_class(pod) == qos
    made = container_resources(pod, pod.spec.containers[0], memory_capacity=8 * GIB, cgroup_v2=False)
    assert made.oom_score_adj == oom


def test_pod_limits_add_up_and_need_every_container() -> None:
    full = sized({"cpu": "100m"}, {"cpu": "1", "memory": "1Gi"})
    assert pod_limits(make_pod([full, {**full, "name": "b"}])) == (200, 2000, 2 * GIB)
    assert pod_limits(make_pod([full, sized({"cpu": "50m"}, name="b")])) == (150, 0, 0)


def test_big_init_container_decides_the_request() -> None:
    pod = make_pod([sized({"cpu": "100m"})], init=[sized({"cpu": "1"}, name="i")])
    assert pod_limits(pod)[0] == 1000


HOST = ResolvConf(("9.9.9.9",), ("corp",), ("timeout:1",))


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param(
            {},
            ResolvConf(("10.96.0.10",), ("ns.svc.c.l", "svc.c.l", "c.l", "corp"), ("ndots:5",)),
            id="ClusterFirst",
        ),
        pytest.param({"dnsPolicy": "Default"}, HOST, id="Default"),
        pytest.param({"hostNetwork": True}, HOST, id="host network"),
        pytest.param(
            {
                "dnsPolicy": "None",
                "dnsConfig": {"nameservers": ["1.1.1.1"], "options": [{"name": "ndots", "value": "2"}]},
            },
            ResolvConf(("1.1.1.1",), (), ("ndots:2",)),
            id="None with dnsConfig",
        ),
        pytest.param(
            {"dnsConfig": {"options": [{"name": "ndots", "value": "1"}, {"name": "edns0"}]}},
            ResolvConf(("10.96.0.10",), ("ns.svc.c.l", "svc.c.l", "c.l", "corp"), ("ndots:1", "edns0")),
            id="options override",
        ),
    ],
)
def test_dns_policy(spec: Any, expected: ResolvConf) -> None:
    assert pod_dns(make_pod(**spec), cluster_dns=["10.96.0.10"], cluster_domain="c.l", host=HOST) == expected


def test_resolv_conf_is_read_as_resolvers_do() -> None:
    text = "# c\nnameserver 1.1.1.1\nsearch a b.\nnameserver 2.2.2.2\nsearch x y.\noptions ndots:1\n"
    assert parse_resolv_conf(text) == ResolvConf(("1.1.1.1", "2.2.2.2"), ("x", "y"), ("ndots:1",))


def test_hosts_file_of_a_pod() -> None:
    alias = schema.from_wire(v1.HostAlias, {"ip": "1.2.3.4", "hostnames": ["x", "y"]})
    text = hosts.pod_hosts(["10.0.0.2"], "web-0", "web.ns.svc.c.l", [alias])
    assert text.startswith("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n")
    assert "10.0.0.2\tweb-0.web.ns.svc.c.l\tweb-0\n" in text
    assert text.endswith("\n# Entries added by HostAliases.\n1.2.3.4\tx\ty\n")


def test_sandbox_of_a_plain_pod() -> None:
    pod = make_pod([{"name": "a", "ports": [{"containerPort": 80, "hostPort": 8080}]}])
    config = sandbox_config(pod, attempt=2, dns=HOST, logs_root="/l", cgroup_parent="/kubepods/x", seccomp_root="/s")
    assert config.hostname == "p"
    assert config.log_directory == "/l/ns_p_u1"
    assert config.metadata.attempt == 2
    assert config.labels["io.kubernetes.pod.uid"] == "u1"
    assert (config.port_mappings[0].host_port, config.port_mappings[0].container_port) == (8080, 80)
    options = config.linux.security_context.namespace_options
    assert (options.network, options.pid, options.ipc) == (pb.POD, pb.CONTAINER, pb.POD)


def test_sandbox_in_the_nodes_namespaces() -> None:
    pod = make_pod(hostNetwork=True, hostPID=True, hostIPC=True)
    config = sandbox_config(pod, attempt=0, dns=HOST, logs_root="/l", cgroup_parent="/x", seccomp_root="/s")
    assert config.hostname == ""
    options = config.linux.security_context.namespace_options
    assert (options.network, options.pid, options.ipc) == (pb.NODE, pb.NODE, pb.NODE)


def test_long_names_make_valid_hostnames() -> None:
    pod = make_pod(meta={"name": f"{'a' * 62}-b"})
    assert hostname_of(pod) == "a" * 62


def test_security_context_of_container_wins_over_pod() -> None:
    context = {
        "runAsUser": 7,
        "capabilities": {"add": ["CAP_NET_ADMIN"], "drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }
    pod = make_pod([{"name": "a", "securityContext": context}], securityContext={"runAsUser": 5, "runAsGroup": 6})
    made = security.container_security(
        pod, pod.spec.containers[0], image_user="9", seccomp_root="/s", seccomp_default=False
    )
    assert (made.run_as_user.value, made.run_as_group.value) == (7, 6)
    assert list(made.capabilities.add_capabilities) == ["NET_ADMIN"]
    assert made.readonly_rootfs
    assert "/proc/kcore" in made.masked_paths


def test_privileged_container_sees_all() -> None:
    pod = make_pod([{"name": "a", "securityContext": {"privileged": True}}])
    made = security.container_security(
        pod, pod.spec.containers[0], image_user="", seccomp_root="/s", seccomp_default=True
    )
    assert made.privileged
    assert not made.masked_paths
    assert made.seccomp.profile_type == pb.SecurityProfile.Unconfined


@pytest.mark.parametrize(
    ("context", "image_user", "message"),
    [
        ({"runAsUser": 0}, "", "container's runAsUser breaks non-root policy"),
        ({}, "", "container has runAsNonRoot and image will run as root"),
        ({}, "0", "container has runAsNonRoot and image will run as root"),
        ({}, "www", r"image has non-numeric user \(www\), cannot verify user is non-root"),
    ],
)
def test_run_as_non_root_refuses_root(context: Any, image_user: str, message: str) -> None:
    pod = make_pod([{"name": "a", "securityContext": {"runAsNonRoot": True, **context}}])
    with pytest.raises(ConfigError, match=message):
        security.verify_non_root(pod, pod.spec.containers[0], image_user)


def test_run_as_non_root_accepts_a_number() -> None:
    pod = make_pod(securityContext={"runAsNonRoot": True})
    security.verify_non_root(pod, pod.spec.containers[0], "1000")


def test_a_pod_may_call_itself_by_its_whole_domain_name() -> None:
    pod = make_pod(setHostnameAsFQDN=True, hostname="h", subdomain="sub")
    assert kernel_hostname(pod, "cluster.local") == "h.sub.ns.svc.cluster.local"
    assert hostname_error(pod, "cluster.local") == ""
    assert kernel_hostname(make_pod(setHostnameAsFQDN=True), "cluster.local") == "p"


def test_a_domain_name_that_the_kernel_does_not_take_is_an_error() -> None:
    pod = make_pod(setHostnameAsFQDN=True, hostname="h" * 40, subdomain="sub")
    assert "is too long (64 characters is the max, 65 characters requested)" in hostname_error(pod, "cluster.local")


def test_the_pods_own_resources_go_before_its_containers() -> None:
    pod = make_pod(
        [sized(requests={"cpu": "100m", "memory": "1Gi"}), "b"],
        resources={"requests": {"cpu": "1", "memory": "3Gi"}, "limits": {"cpu": "2", "memory": "4Gi"}},
    )
    assert pod_limits(pod) == (1000, 2000, 4 * GIB)
    assert qos_class(pod) == "Burstable"
    adjustments = [
        container_resources(pod, c, memory_capacity=8 * GIB, cgroup_v2=False).oom_score_adj for c in pod.spec.containers
    ]
    assert adjustments == [750, 875]  # 1 GiB of its own and half of the 2 GiB that nobody in particular asked for
