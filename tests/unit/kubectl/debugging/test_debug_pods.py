"""What `kubectl debug` makes: compared case by case with upstream's kubectl v1.34.5 on one cluster."""

from pathlib import Path
from typing import Any

import pytest

from kajitori.kubectl.debugging.containers import container, copied_pod, node_pod
from kajitori.kubectl.debugging.options import DebugOptions
from kajitori.kubectl.debugging.profiles import falls_short
from kajitori.kubectl.flags import UsageError

PROBE = {"exec": {"command": ["true"]}}


def pod() -> dict[str, Any]:
    spec = {
        "nodeName": "n",
        "ephemeralContainers": [{"name": "old"}],
        "initContainers": [{"name": "i", "image": "box:1"}],
        "containers": [
            {"name": "c", "image": "box:1", "args": ["x"], "readinessProbe": PROBE, "livenessProbe": PROBE},
            {"name": "d", "image": "box:1", "startupProbe": PROBE},
        ],
    }
    return {"metadata": {"name": "p", "namespace": "ns", "labels": {"a": "b"}, "annotations": {"n": "1"}}, "spec": spec}


def copy_of(**given: Any) -> tuple[dict[str, Any], str]:
    return copied_pod(DebugOptions(args=("p",), copy_to="q", **given), pod(), lambda: "debugger-x")


def test_a_copy_by_the_legacy_profile_loses_its_labels_only() -> None:
    made, name = copy_of(image="box:2")
    assert name == "debugger-x"
    assert made["metadata"] == {"name": "q", "namespace": "ns", "annotations": {"n": "1"}}
    assert made["spec"]["containers"][0]["readinessProbe"] == PROBE
    assert {"nodeName", "ephemeralContainers", "shareProcessNamespace"} & made["spec"].keys() == set()
    assert made["spec"]["containers"][-1] == {
        "name": "debugger-x",
        "image": "box:2",
        "terminationMessagePolicy": "File",
    }


def test_a_copy_by_another_profile_loses_what_acts_on_it_too() -> None:
    made, _ = copy_of(image="box:2", profile="general")
    assert made["metadata"] == {"name": "q", "namespace": "ns"}
    assert not any(key.endswith("Probe") for one in made["spec"]["containers"] for key in one)
    assert made["spec"]["shareProcessNamespace"] is True
    assert made["spec"]["containers"][-1]["securityContext"] == {"capabilities": {"add": ["SYS_PTRACE"]}}


@pytest.mark.parametrize(
    ("kept", "path"), [("keep_labels", "labels"), ("keep_annotations", "annotations")], ids=["labels", "annotations"]
)
def test_what_is_to_be_kept_is_kept(kept: str, path: str) -> None:
    made, _ = copy_of(image="box:2", profile="general", **{kept: True})
    assert made["metadata"][path] == pod()["metadata"][path]


def test_a_copy_with_other_images_is_the_same_pod_otherwise() -> None:
    made, name = copy_of(set_image=("*=box:3", "d=box:4"), profile="restricted")
    assert name == ""
    assert [one["image"] for one in made["spec"]["containers"]] == ["box:3", "box:4"]
    assert made["spec"]["initContainers"] == [{"name": "i", "image": "box:1"}]
    assert made["metadata"]["labels"] == {"a": "b"}


def test_another_command_for_a_container_that_is_there_puts_it_under_the_profile() -> None:
    made, name = copy_of(container="c", args_after_dash=("sh",), profile="sysadmin")
    assert name == "c"
    changed = made["spec"]["containers"][0]
    assert changed["command"] == ["sh"]
    assert "args" not in changed
    assert changed["securityContext"] == {"privileged": True}


def test_a_container_that_is_not_there_needs_an_image() -> None:
    with pytest.raises(UsageError, match="must specify image when creating new container"):
        copy_of(container="zz", args_after_dash=("sh",))


def test_a_node_gives_its_namespaces_and_files_by_profile() -> None:
    shared = node_pod(DebugOptions(image="box"), "n", "p", "debugger")["spec"]
    assert shared["hostPID"] is True
    assert shared["volumes"] == [{"name": "host-root", "hostPath": {"path": "/"}}]
    apart = node_pod(DebugOptions(image="box", profile="restricted"), "n", "p", "debugger")["spec"]
    assert {"hostPID", "volumes"} & apart.keys() == set()
    assert apart["containers"][0]["securityContext"]["runAsNonRoot"] is True


def test_a_custom_file_is_put_over_the_container_and_its_lists_merge(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("env: [{name: B, value: c}]\nsecurityContext: {runAsUser: 0}\n")
    opts = DebugOptions(image="box", env=("A=b",), profile="sysadmin", custom=str(tmp_path / "c.yaml"))
    made = container(opts, "x", "ephemeral")
    assert sorted(one["name"] for one in made["env"]) == ["A", "B"]
    assert made["securityContext"] == {"privileged": True, "runAsUser": 0}


def test_a_custom_file_may_not_name_an_image(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('{"image": "other"}')
    with pytest.raises(UsageError, match="not modifiable via custom profile"):
        DebugOptions(args=("p",), image="box", custom=str(tmp_path / "c.json")).check()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"image": "UP:::"}, 'invalid image name "UP:::": invalid reference format'),
        ({"image": "box", "image_pull_policy": "nope"}, "invalid image pull policy: nope"),
        ({"image": "box", "env": ("A",)}, 'invalid argument "A" for "--env" flag: A must be formatted as key=value'),
        ({"copy_to": "q", "args_after_dash": ("ls",)}, "must specify an existing container or a new image"),
        ({"image": "box", "set_image": ("a=b",)}, "--set-image may only be used with --copy-to"),
    ],
    ids=["image", "pull policy", "variable", "command without a container", "images without a copy"],
)
def test_flags_that_do_not_go_together_are_refused(given: dict[str, Any], why: str) -> None:
    words = ("p", *given.get("args_after_dash", ()))
    with pytest.raises(UsageError) as refused:
        DebugOptions(args=words, **given).check()
    assert why in str(refused.value)


def test_a_profile_falls_short_where_the_pod_is_not_root() -> None:
    grants = {"securityContext": {"capabilities": {"add": ["SYS_PTRACE"]}}}
    assert falls_short({"spec": {"securityContext": {"runAsUser": 1000}}}, grants)
    assert not falls_short({"spec": {"securityContext": {"runAsUser": 0}}}, grants)
    assert not falls_short({"spec": {"securityContext": {"runAsUser": 1000}}}, {})
