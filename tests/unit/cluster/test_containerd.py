"""The runtime's configuration."""

import tomllib

from kajitori.cluster import containerd

MIRRORS = ["http://192.168.49.1:5000"]


def test_the_configuration_is_toml_and_names_our_pause_image() -> None:
    settings = tomllib.loads(containerd.config())
    cri = settings["plugins"]["io.containerd.grpc.v1.cri"]
    assert cri["sandbox_image"] == "registry.k8s.io/pause:3.10.1"
    assert cri["restrict_oom_score_adj"] is True
    assert cri["registry"]["config_path"] == "/etc/containerd/certs.d"


def test_a_mirror_is_asked_before_the_registry_itself() -> None:
    settings = tomllib.loads(containerd.hosts(MIRRORS, only=False))
    assert list(settings["host"]) == MIRRORS
    assert "server" not in settings


def test_an_isolated_node_asks_the_mirror_only() -> None:
    assert tomllib.loads(containerd.hosts(MIRRORS, only=True))["server"] == MIRRORS[0]


def test_a_loopback_mirror_is_called_by_the_gateways_address() -> None:
    assert containerd.through_gateway("http://127.0.0.1:5000", "192.168.49.1") == "http://192.168.49.1:5000"
    assert containerd.through_gateway("https://localhost", "192.168.49.1") == "https://192.168.49.1:443"
    assert containerd.through_gateway("http://m.example:80", "192.168.49.1") == "http://m.example:80"
