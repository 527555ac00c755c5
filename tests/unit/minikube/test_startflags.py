"""What `minikube start` refuses, each with MK_USAGE and a way out, before a profile remembers it."""

from pathlib import Path

import pytest

from kajitori.cluster.failures import ClusterFailure
from kajitori.cluster.paths import Home
from kajitori.cluster.profile import Node, Profile, load, path_of, readable, save
from kajitori.minikube.startflags import check, read_flags, subnet


@pytest.mark.parametrize(
    ("flag", "told"),
    [
        ("--nodes=0", "invalid number of nodes: 0"),
        ("--registry-mirror=nonsense", "--registry-mirror flag is invalid: nonsense"),
        ("--registry-mirror=ftp://mirror", "--registry-mirror flag is invalid: ftp://mirror"),
        ("--service-cluster-ip-range=foo", "Invalid value of --service-cluster-ip-range"),
        ("--service-cluster-ip-range=10.0.0.0/30", "does not suit a cluster"),
        ("--apiserver-port=99999", "--apiserver-port is not a port: 99999"),
        ("--subnet=foo", "Invalid value of --subnet"),
        ("--subnet=10.9.8.0/30", "--subnet is too small"),
        ("--wait=foo", 'The value "foo" is invalid for --wait flag'),
        ("--wait-timeout=abc", 'invalid argument "abc" for "--wait-timeout" flag: time: invalid duration "abc"'),
        ("--cni=calico", 'Invalid CNI: "calico"'),
        ("--container-runtime=docker", 'Invalid Container Runtime: "docker"'),
    ],
)
def test_a_flag_that_makes_no_sense_is_a_usage_mistake(flag: str, told: str) -> None:
    with pytest.raises(ClusterFailure) as caught:
        check(read_flags([flag]))
    assert told in str(caught.value)
    assert caught.value.reason.exit_code == 14


def test_no_flag_at_all_is_fine() -> None:
    check(read_flags([]))


def test_a_subnet_may_leave_its_length_out() -> None:
    assert subnet("192.168.60.0") == "192.168.60.0/24"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "x"}', '{"name": "x", "nodes": 3}'])
def test_a_broken_profile_is_told_with_its_way_out_and_hides_no_other(tmp_path: Path, text: str) -> None:
    home = Home(tmp_path)
    save(home, Profile(name="good", nodes=(Node(name="good"),)))
    save(home, Profile(name="bad", nodes=(Node(name="bad"),)))
    path_of(home, "bad").write_text(text)
    with pytest.raises(ClusterFailure) as caught:
        load(home, "bad")
    assert "minikube delete -p bad" in caught.value.advice
    good, broken = readable(home)
    assert [profile.name for profile in good] == ["good"]
    assert broken == ["bad"]
