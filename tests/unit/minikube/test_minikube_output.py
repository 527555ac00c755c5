"""minikube's own words: tables, status text, usage mistakes."""

import pytest

from kajitori.cluster.failures import ClusterFailure
from kajitori.cluster.status import NodeStatus
from kajitori.kind import __main__ as kind
from kajitori.minikube import __main__ as minikube
from kajitori.minikube import output, startflags
from kajitori.minikube.flags import split_verb
from kajitori.minikube.verbs import kubectl, status

RUNNING = NodeStatus(
    name="minikube", host="Running", kubelet="Running", apiserver="Running", kubeconfig="Configured", worker=False
)
STOPPED = NodeStatus(
    name="minikube", host="Stopped", kubelet="Stopped", apiserver="Stopped", kubeconfig="Stopped", worker=False
)


def test_status_text_is_the_tutorials() -> None:
    assert status.text(RUNNING) == (
        "minikube\ntype: Control Plane\nhost: Running\nkubelet: Running\napiserver: Running\nkubeconfig: Configured\n\n"
    )


def test_exit_codes_say_what_is_down() -> None:
    assert RUNNING.exit_code() == 0
    assert STOPPED.exit_code() == 7


def test_a_table_is_boxed_with_centred_headers() -> None:
    assert output.table(("A", "LONG"), [("xyz", "v")]).splitlines() == [
        "┌─────┬──────┐",
        "│  A  │ LONG │",
        "├─────┼──────┤",
        "│ xyz │ v    │",
        "└─────┴──────┘",
    ]


def test_an_emoji_takes_two_columns_of_a_table() -> None:
    lines = output.table(("S",), [("on ✅",), ("off",)]).splitlines()
    assert {output.display_width(line) for line in lines} == {len(lines[0])}


def test_lines_are_marked_plainly_without_a_colour_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MINIKUBE_IN_STYLE", "false")
    output.step("ready", "Done!")
    monkeypatch.setenv("MINIKUBE_IN_STYLE", "true")
    output.step("ready", "Done!")
    assert capsys.readouterr().out == "* Done!\n🏄  Done!\n"


@pytest.mark.parametrize(
    ("text", "mb"), [("", 0), ("2048", 2048), ("2g", 2048), ("512mb", 512), ("4GiB", 4096), ("max", 0)]
)
def test_memory_is_read_as_minikube_reads_it(text: str, mb: int) -> None:
    assert startflags.memory_mb(text) == mb


@pytest.mark.parametrize("text", ["two", "2x", "-5", "1.5g"])
def test_memory_that_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ClusterFailure):
        startflags.memory_mb(text)


@pytest.mark.parametrize("text", ["", "stable", "latest", "v1.34", "1.34", "v1.34.5"])
def test_our_own_version_is_accepted_by_any_of_its_names(text: str) -> None:
    startflags.check_version(text)


@pytest.mark.parametrize("text", ["v1.33.0", "1.35", "v1.34.0-alpha"])
def test_another_version_is_refused(text: str) -> None:
    with pytest.raises(ClusterFailure) as caught:
        startflags.check_version(text)
    assert caught.value.reason.id == "K8S_UNSUPPORTED_VERSION"


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["start"], ("start", [])),
        (["-p", "x", "status", "-o", "json"], ("status", ["-p", "x", "-o", "json"])),
        (["--profile=x", "stop"], ("stop", ["--profile=x"])),
        ([], ("", [])),
    ],
)
def test_global_flags_may_stand_before_the_verb(args: list[str], expected: tuple[str, list[str]]) -> None:
    assert split_verb(args) == expected


def test_an_unknown_command_ends_with_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert minikube.main(["frobnicate"]) == 1
    assert 'unknown command "frobnicate"' in capsys.readouterr().err


def test_a_usage_mistake_has_minikubes_id_and_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert minikube.main(["start", "--no-such-flag"]) == 14
    assert "X Exiting due to MK_USAGE" in capsys.readouterr().err


def test_several_nodes_are_refused_clearly() -> None:
    args = startflags.read_flags(["--nodes=3"])
    with pytest.raises(ClusterFailure) as caught:
        startflags.check(args)
    assert "one node" in str(caught.value)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["get", "pods", "-n", "x"], ("", ["get", "pods", "-n", "x"])),
        (["--", "get", "pods", "-A"], ("", ["get", "pods", "-A"])),
        (["-p", "other", "--", "get", "pods"], ("other", ["get", "pods"])),
        (["-p", "other", "get", "pods", "-p"], ("other", ["get", "pods", "-p"])),
        (["--namespace=x", "get", "pods"], ("", ["--namespace=x", "get", "pods"])),
        (["-p", "other", "--namespace=x", "get", "pods"], ("other", ["--namespace=x", "get", "pods"])),
        (["--profile=other", "-A", "get", "-p", "x"], ("other", ["-A", "get", "-p", "x"])),
        (["-p", "other", "-n", "x", "--", "get", "pods"], ("other", ["-n", "x", "get", "pods"])),
    ],
)
def test_what_is_not_ours_is_kubectls(args: list[str], expected: tuple[str, list[str]]) -> None:
    assert kubectl.split(args) == expected


def test_help_of_a_verb_names_its_flags_and_hides_the_accepted_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert minikube.main(["start", "--help"]) == 0
    out = capsys.readouterr().out
    assert "-n, --nodes=1:" in out
    assert "--preload" not in out


def test_a_usage_mistake_of_kind_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert kind.main(["create", "cluster", "--no-such-flag"]) == 1
    assert capsys.readouterr().err == "ERROR: unknown flag: --no-such-flag\n"
