"""What a container gets to see: subPaths, read-only mounts, the processes of another."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.kubelet.podrecords import container, make_pod, record

from kajitori.api.core import v1
from kajitori.kubelet.cri import cri_pb2 as pb
from kajitori.kubelet.interfaces import ConfigError
from kajitori.kubelet.runtime.container import recursive_read_only
from kajitori.kubelet.runtime.security import namespaces
from kajitori.kubelet.worker.start import _sub_path, _target_id

ENV = {"POD": "p", "EMPTY": "", "ROOT": "/etc", "UP": ".."}


def mount(expression: str) -> v1.VolumeMount:
    return v1.VolumeMount(name="v", sub_path_expr=expression)


def test_a_sub_path_may_name_variables() -> None:
    assert _sub_path(mount("a/$(POD)/$$(b)"), ENV) == "a/p/$(b)"


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("$(NONE)/$(EMPTY)/$(A)", "missing value for A, EMPTY, NONE"),
        ("$(ROOT)", "error SubPath `/etc` must not be an absolute path"),
        ("a/$(UP)/b", "unable to provision SubPath `a/../b`: must not contain '..'"),
    ],
    ids=["missing", "absolute", "backsteps"],
)
def test_a_sub_path_that_leads_nowhere_is_refused(expression: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        _sub_path(mount(expression), ENV)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("mode", "supported", "expected"),
    [(None, True, False), ("Disabled", True, False), ("IfPossible", False, False), ("IfPossible", True, True),
     ("Enabled", True, True)],
)  # fmt: skip
def test_read_only_all_the_way_down(mode: Any, supported: bool, expected: bool) -> None:
    given = v1.VolumeMount(name="v", read_only=True, recursive_read_only=mode)
    assert recursive_read_only(given, supported=supported) is expected


def test_what_must_be_read_only_all_the_way_down_and_cannot_is_refused() -> None:
    with pytest.raises(ConfigError, match="it is not supported by the runtime"):
        recursive_read_only(v1.VolumeMount(name="v", read_only=True, recursive_read_only="Enabled"), supported=False)


def debugger(target: str) -> Any:
    return v1.EphemeralContainer(name="debugger", image="i", target_container_name=target)


def test_an_ephemeral_container_sees_its_targets_processes() -> None:
    present = record(container("a", id="a-7"))
    assert _target_id(present, debugger("a")) == "a-7"
    options = namespaces(make_pod(), "a-7")
    assert (options.pid, options.target_id) == (pb.TARGET, "a-7")
    assert namespaces(make_pod(shareProcessNamespace=True), "a-7").pid == pb.POD


def test_a_target_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigError, match="unable to find target container b"):
        _target_id(record(), debugger("b"))
