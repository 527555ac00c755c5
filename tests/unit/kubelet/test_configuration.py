from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kajitori.aiokit.flags import UsageError
from kajitori.kubelet.configuration import Config, flags, from_flags


def load(tmp_path: Path, *argv: str, **body: Any) -> Config:
    if body:
        path = tmp_path / "config.yaml"
        wire = {"kind": "KubeletConfiguration", "apiVersion": "kubelet.config.k8s.io/v1beta1", **body}
        path.write_text(json.dumps(wire))
        argv = (f"--config={path}", *argv)
    return from_flags(flags().parse(argv))


def test_file_is_read(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        staticPodPath="/m",
        clusterDNS=["10.96.0.10"],
        authentication={"x509": {"clientCAFile": "/ca"}},
        registerWithTaints=[{"key": "a", "effect": "NoSchedule"}],
        containerLogMaxSize="1Mi",
        evictionHard={"memory.available": "1Gi"},
    )
    assert (config.static_pod_path, config.cluster_dns) == ("/m", ("10.96.0.10",))
    assert config.server.client_ca_file == "/ca"
    assert config.register_taints == (("a", "", "NoSchedule"),)
    assert config.log_max_bytes == 1 << 20
    assert config.eviction_hard["memory.available"] == "1Gi"


def test_given_flag_wins_over_file(tmp_path: Path) -> None:
    config = load(tmp_path, "--pod-manifest-path=/flag", "--hostname-override=Node-A", staticPodPath="/file")
    assert config.static_pod_path == "/flag"
    assert config.node_name == "node-a"


def test_authentication_is_strict_with_a_file_and_upstreams_without(tmp_path: Path) -> None:
    with_file = load(tmp_path, staticPodPath="/m").server
    assert (with_file.anonymous_auth, with_file.webhook_auth, with_file.always_allow) == (False, True, False)
    bare = load(tmp_path).server
    assert (bare.anonymous_auth, bare.always_allow) == (True, True)


def test_root_dir_holds_the_certificates(tmp_path: Path) -> None:
    assert load(tmp_path, "--root-dir=/r/").cert_dir == "/r/pki"


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (["--node-labels=x"], "must be key=value"),
        (["--register-with-taints=a=b:Never"], "invalid taint spec"),
        (["--config=/does/not/exist"], "failed to load kubelet config file"),
        (["--cgroup-driver=systemd"], "not supported"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, argv: list[str], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        load(tmp_path, *argv)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"maxPodz": 3, "nope": 1}, 'strict decoding error: unknown field "maxPodz", unknown field "nope"'),
        ({"evictionHard": {"memory.free": "1Mi"}}, "unknown eviction signal memory.free"),
        ({"evictionHard": {"memory.available": "much"}}, "eviction threshold memory.available: much: quantities must"),
        ({"evictionHard": {"nodefs.available": "x%"}}, "eviction threshold nodefs.available: x%"),
        ({"evictionHard": {"nodefs.available": "-5%"}}, "eviction threshold nodefs.available must be >= 0: -5%"),
        ({"evictionHard": {"nodefs.available": "101%"}}, "must be <= 100%: 101%"),
        ({"evictionHard": "10%"}, "not a mapping"),
    ],
)
def test_mistakes_of_a_file_are_told_at_the_start(tmp_path: Path, body: dict[str, Any], why: str) -> None:
    with pytest.raises(UsageError) as refused:
        load(tmp_path, **body)
    assert why in str(refused.value)
