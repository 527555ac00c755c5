"""Upstream's flags become a ServerConfig."""

from pathlib import Path

import pytest

from kajitori.apiserver.flags import parse


def test_no_flags_are_upstreams_defaults():
    config, _, warnings = parse([])
    assert (config.secure_port, config.service_cluster_ip_range) == (6443, "10.96.0.0/12")
    assert config.authorization_mode == ("RBAC",)
    assert warnings == []


def test_upstreams_manifest_of_kubeadm_is_understood(tmp_path):
    config, _, warnings = parse(
        [
            "--advertise-address=192.168.49.2",
            "--allow-privileged=true",
            "--authorization-mode=Node,RBAC",
            "--client-ca-file=/var/lib/minikube/certs/ca.crt",
            "--enable-admission-plugins=NodeRestriction",
            "--enable-bootstrap-token-auth=true",
            "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
            "--requestheader-allowed-names=front-proxy-client",
            "--secure-port=8443",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            "--service-account-key-file=/a.pub",
            "--service-account-key-file=/b.pub",
            f"--data-dir={tmp_path}",
            "--service-node-port-range=30000-30100",
            "--event-ttl=2h30m",
        ]
    )
    assert (config.secure_port, config.data_dir) == (8443, Path(tmp_path))
    assert config.authorization_mode == ("Node", "RBAC")
    assert config.enable_bootstrap_token_auth is True
    assert config.service_account_key_file == ("/a.pub", "/b.pub")
    assert (config.service_node_port_range, config.event_ttl_s) == ((30000, 30100), 9000)
    assert warnings == ["--allow-privileged has no effect in Kajitori"]


@pytest.mark.parametrize(
    ("flag", "text"),
    [
        ("--nonsense=1", "unknown flag: --nonsense"),
        (
            "--secure-port=x",
            'invalid argument "x" for "--secure-port" flag: strconv.ParseInt: parsing "x": invalid syntax',
        ),
        (
            "--anonymous-auth=maybe",
            'invalid argument "maybe" for "--anonymous-auth" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
        ),
        ("--secure", "unknown flag: --secure"),
    ],
)
def test_what_cannot_be_understood_is_an_error(flag, text, capsys):
    with pytest.raises(SystemExit) as end:
        parse([flag])
    assert end.value.code == 1
    assert text in capsys.readouterr().err


COMMON = """
    --anonymous-auth=false --audit-log-mode=batch --cert-dir=/x --cors-allowed-origins=//a$ --delete-collection-workers=3
    --disabled-metrics=x --etcd-count-metric-poll-period=1m --external-hostname=api --feature-gates=A=true
    --goaway-chance=0.001 --http2-max-streams-per-connection=250 --kubelet-timeout=5s --livez-grace-period=10s
    --profiling=false --runtime-config=api/all=true --shutdown-send-retry-after --storage-media-type=x
    --strict-transport-security-directives=max-age=1 --vmodule=watch=4 --watch-cache-sizes=pods#100
    --default-not-ready-toleration-seconds=30 --etcd-readycheck-timeout=3s --permit-port-sharing
    --requestheader-uid-headers=X-Uid --shutdown-watch-termination-grace-period=4s
"""


def test_what_kubeadm_kind_minikube_and_the_cis_benchmark_pass_is_understood():
    config, _, warnings = parse(COMMON.split())
    assert config.anonymous_auth is False
    assert config.shutdown_send_retry_after is True
    assert (config.etcd_healthcheck_timeout_s, config.etcd_readycheck_timeout_s) == (2.0, 3.0)
    assert (config.default_not_ready_toleration_seconds, config.default_unreachable_toleration_seconds) == (30, 300)
    assert "--profiling has no effect in Kajitori" in warnings
    assert "--goaway-chance has no effect in Kajitori" in warnings
    assert not any("permit-port-sharing" in warning for warning in warnings)


@pytest.mark.parametrize("flag", ["etcd-servers-overrides", "authorization-policy-file"])
def test_what_must_not_be_believed_to_be_at_work_is_refused_with_its_reason(flag, capsys):
    with pytest.raises(SystemExit) as end:
        parse([f"--{flag}=x"])
    assert end.value.code == 1
    assert f'invalid argument "x" for "--{flag}" flag: not supported by Kajitori: ' in capsys.readouterr().err
