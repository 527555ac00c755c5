"""Flags and KubeSchedulerConfiguration; what the cache counts."""

from pathlib import Path
from typing import Any

import pytest

from kajitori.aiokit.flags import UsageError
from kajitori.scheduler.cache import Cache
from kajitori.scheduler.config import Config, flags, from_flags, plugin_names
from kajitori.scheduler.podinfo import PodInfo

FILE = """
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
clientConnection: {kubeconfig: /etc/kubernetes/scheduler.conf}
leaderElection: {leaderElect: false, leaseDuration: 30s}
percentageOfNodesToScore: 40
podMaxBackoffSeconds: 20
profiles:
- schedulerName: default-scheduler
- schedulerName: packing
  plugins:
    multiPoint:
      disabled: [{name: ImageLocality}]
      enabled: [{name: VolumeBinding}]
    score:
      disabled: [{name: "*"}]
      enabled: [{name: NodeResourcesFit, weight: 5}]
  pluginConfig:
  - name: NodeResourcesFit
    args: {scoringStrategy: {type: MostAllocated, resources: [{name: cpu, weight: 1}]}}
"""


def parsed(tmp_path: Path, text: str) -> Config:
    file = tmp_path / "config.yaml"
    file.write_text(text)
    return from_flags(flags().parse(["--config", str(file), "--secure-port=0"]))


def test_a_configuration_file_sets_profiles_and_limits(tmp_path: Path, new_world: Any, node: Any, pod: Any) -> None:
    config = parsed(tmp_path, FILE)
    assert config.kubeconfig == "/etc/kubernetes/scheduler.conf"
    assert (config.leader.is_enabled, config.leader.lease_duration_s) == (False, 30.0)
    assert (config.percentage_of_nodes_to_score, config.max_backoff_s) == (40, 20.0)
    default, packing = config.profiles
    assert "ImageLocality" in plugin_names(default)
    assert "ImageLocality" not in plugin_names(packing)
    from kajitori.scheduler.profile import Profile

    handle = new_world().profile.plugins[0].handle
    profile = Profile(packing.name, packing.plugins, handle)
    assert [(plugin.name, weight) for plugin, weight in profile.scores] == [("NodeResourcesFit", 5)]
    assert "TaintToleration" in [plugin.name for plugin in profile.filters]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind: Pod", "is not a"),
        ("kind: KubeSchedulerConfiguration\napiVersion: v9", "unsupported apiVersion"),
        (FILE.replace("VolumeBinding", "Nonsense"), "Nonsense does not exist"),
        (FILE.replace("packing", "default-scheduler"), "must be unique"),
        ("[", "cannot read the configuration"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parsed(tmp_path, text)


def test_the_flags_are_those_of_kube_scheduler() -> None:
    argv = (
        "--kubeconfig=/k --authentication-kubeconfig=/k --leader-elect=false --bind-address=127.0.0.1 --secure-port 1"
    )
    config = from_flags(flags().parse(argv.split()))
    assert (config.leader.is_enabled, config.bind_address, config.secure_port) == (False, "127.0.0.1", 1)


def test_an_assumption_is_confirmed_or_forgotten(node: Any, pod: Any) -> None:
    cache = Cache()
    info = cache.set_node(node("n1"))
    assumed = PodInfo(pod("a", cpu="1"))
    cache.assume(assumed, "n1")
    assert info.requested["cpu"] == 1000
    cache.add_pod(PodInfo(pod("a", cpu="1")), "n1")
    cache.forget(assumed)
    assert info.requested["cpu"] == 1000, "the API server has confirmed it"
    other = PodInfo(pod("b", cpu="2"))
    cache.assume(other, "n1")
    cache.forget(other)
    assert (info.requested["cpu"], len(info.pods)) == (1000, 1)


def test_pods_seen_before_their_node_count_when_it_comes(node: Any, pod: Any) -> None:
    cache = Cache()
    cache.add_pod(PodInfo(pod("a", cpu="1")), "n1")
    assert cache.nodes == {}
    assert cache.set_node(node("n1")).requested["cpu"] == 1000
    cache.remove_node("n1")
    assert cache.node_list() == []
    cache.remove_pod("uid-a")
    assert cache.set_node(node("n1")).requested.get("cpu", 0) == 0


def test_nodes_of_zones_take_turns(node: Any) -> None:
    cache = Cache()
    for name, zone in (("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b"), ("b2", "b")):
        cache.set_node(node(name, labels={"topology.kubernetes.io/zone": zone}))
    assert [n.name for n in cache.node_list()] == ["a1", "b1", "a2", "b2", "a3"]
