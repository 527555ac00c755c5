"""Pods that a node must not or cannot run, whatever room it has."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.kubelet.podrecords import make_pod

from kajitori.kubelet.cri import cri_pb2 as pb
from kajitori.kubelet.runtime.features import HandlerFeatures, RuntimeFeatures, features_of, user_namespace_error
from kajitori.kubelet.worker.admission import unsupported

OLD_RUNTIME = RuntimeFeatures()


def setting(*names: str, **more: Any) -> Any:
    return make_pod(securityContext={"sysctls": [{"name": name, "value": "1"} for name in names]}, **more)


@pytest.mark.parametrize(
    ("pod", "message"),
    [
        (setting("kernel.msgmax"), 'forbidden sysctl: "kernel.msgmax" not allowlisted'),
        (setting("net/ipv4/conf/eth0.1/arp"), 'forbidden sysctl: "net.ipv4.conf.eth0/1.arp" not allowlisted'),
        (setting("kernel.shm_rmid_forced"), None),
        (setting("kernel/shm_rmid_forced"), None),
        (setting("net.core.somaxconn", "kernel.sem"), None),
        (setting("kernel.semaphore"), 'forbidden sysctl: "kernel.semaphore" not allowlisted'),
        (
            setting("net.ipv4.tcp_syncookies", hostNetwork=True),
            'forbidden sysctl: "net.ipv4.tcp_syncookies" not allowed with host net enabled',
        ),
        (
            setting("kernel.shm_rmid_forced", hostIPC=True),
            'forbidden sysctl: "kernel.shm_rmid_forced" not allowed with host ipc enabled',
        ),
        (setting("kernel.msgmax", status={"phase": "Running"}), None),
    ],
    ids=[
        "unsafe",
        "slashes",
        "safe",
        "safe by slashes",
        "allowed",
        "no prefix",
        "host net",
        "host ipc",
        "runs already",
    ],
)
def test_only_safe_and_allowed_sysctls(pod, message):
    expected = None if message is None else ("SysctlForbidden", message)
    assert unsupported(pod, OLD_RUNTIME, ("net.core.*", "kernel.sem")) == expected


@pytest.mark.parametrize("supported", [None, False, True])
def test_strict_groups_need_a_runtime_that_knows_them(supported):
    pod = make_pod(securityContext={"supplementalGroupsPolicy": "Strict"})
    refused = unsupported(pod, RuntimeFeatures(supplemental_groups_policy=supported), ())
    text = "SupplementalGroupsPolicy=Strict is not supported in this node"
    assert refused == (None if supported else ("SupplementalGroupsPolicyNotSupported", text))


def test_a_windows_pod_is_refused():
    refused = unsupported(make_pod(os={"name": "windows"}), OLD_RUNTIME, ())
    assert refused == ("PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS")


@pytest.mark.parametrize(
    ("handlers", "handler", "error"),
    [
        ({}, "", 'can\'t set `spec.hostUsers: false`, runtime does not support user namespaces: the handler "" is not known'),
        ({"": HandlerFeatures()}, "", "can't set `spec.hostUsers: false`, runtime does not support user namespaces"),
        ({"x": HandlerFeatures()}, "x",
         'can\'t set `spec.hostUsers: false`, RuntimeClass handler "x" does not support user namespaces'),
    ],
    ids=["old runtime", "default handler", "named handler"],
)  # fmt: skip
def test_user_namespaces_are_refused_in_upstreams_words(handlers, handler, error):
    assert user_namespace_error(RuntimeFeatures(handlers), handler) == error


def test_a_runtime_tells_what_it_can_do():
    answer = pb.StatusResponse(
        runtime_handlers=[
            pb.RuntimeHandler(name="runc", features=pb.RuntimeHandlerFeatures(recursive_read_only_mounts=True))
        ],
        features=pb.RuntimeFeatures(supplemental_groups_policy=True),
    )
    assert features_of(answer) == RuntimeFeatures({"runc": HandlerFeatures(recursive_read_only_mounts=True)}, True)
    assert features_of(pb.StatusResponse()) == OLD_RUNTIME
