"""Profiles on disk, names, addresses."""

from pathlib import Path

import pytest

from kajitori.cluster import plans, profile
from kajitori.cluster.failures import PROFILE_NOT_FOUND, ClusterFailure
from kajitori.cluster.network import Plan
from kajitori.cluster.paths import Home
from kajitori.cluster.profile import Node, Profile


def test_a_profile_survives_a_round_trip(tmp_path: Path) -> None:
    home = Home(tmp_path)
    made = Profile(name="p1", nodes=(Node(name="p1", ip="1.2.3.4"),), registry_mirrors=("http://a",), isolated=True)
    profile.save(home, made)
    assert profile.load(home, "p1") == made
    assert profile.names(home) == ["p1"]


def test_a_profile_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(ClusterFailure) as caught:
        profile.load(Home(tmp_path), "nope")
    assert caught.value.reason is PROFILE_NOT_FOUND
    assert str(caught.value) == 'Profile "nope" not found.'


@pytest.mark.parametrize("name", ["a", "minikube", "a-b_c", "A1", "x" * 63])
def test_good_names_pass(name: str) -> None:
    profile.check_name(name)


@pytest.mark.parametrize("name", ["", "-a", "a-", "a/b", "..", "a b", "x" * 64, "ä"])
def test_bad_names_are_refused(name: str) -> None:
    with pytest.raises(ClusterFailure):
        profile.check_name(name)


def test_two_homes_never_share_a_tag(tmp_path: Path) -> None:
    assert Home(tmp_path / "a").tag("minikube") != Home(tmp_path / "b").tag("minikube")


def test_every_node_gets_the_address_of_its_index() -> None:
    made = plans.with_addresses(Profile(name="x", nodes=(Node(name="x"), Node(name="x-m02", index=1))), "10.1.0.0/24")
    assert [node.ip for node in made.nodes] == ["10.1.0.2", "10.1.0.3"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [("/data", "/data/.minikube"), ("/data/.minikube", "/data/.minikube")],
)
def test_the_home_follows_the_environment(value: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIKUBE_HOME", value)
    assert str(Home.minikube().root) == expected


def test_ranges_are_needed_as_long_as_any_cluster_has_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "RANGES_DIR", tmp_path / "ranges")
    one = Plan(tag="a", subnet="192.168.49.0/24", pod_cidr="10.244.0.0/16", service_cidr="10.96.0.0/12")
    two = Plan(tag="b", subnet="192.168.58.0/24", pod_cidr="10.244.0.0/16", service_cidr="10.96.0.0/16")
    plans.remember(one)
    plans.remember(two)
    (tmp_path / "ranges/a").unlink()
    assert plans.needed() == {"192.168.58.0/24", "10.244.0.0/16", "10.96.0.0/16"}
