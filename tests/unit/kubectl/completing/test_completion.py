"""Shell completion: the answers that need no cluster, and bash's code with a kubectl that answers from a table."""

import asyncio
import shlex
import subprocess
from pathlib import Path

import pytest

from kajitori.kubectl.completing.answer import answer
from kajitori.kubectl.completing.line import Directive
from kajitori.kubectl.completing.scripts import BASH

KUBECONFIG = """\
contexts:
- {name: home, context: {}}
- {name: work, context: {}}
"""


def words(*typed: str) -> list[str]:
    return [word for word, _ in asyncio.run(answer(typed)).candidates]


def test_verbs_and_subcommands_are_offered_with_their_help() -> None:
    assert ("rollout", "Manage the rollout of a resource") in asyncio.run(answer(["roll"])).candidates
    assert words("rollout", "un") == ["undo"]
    assert words("-n", "default", "rollout", "un") == ["undo"]


def test_flags_are_offered_once_lists_again() -> None:
    assert "--all-namespaces" in words("get", "pods", "--all")
    assert "--namespace" not in words("get", "pods", "-n", "x", "--names")
    assert "--filename" in words("get", "-f", "x", "--file")
    assert "-A" in words("get", "-A")


@pytest.mark.parametrize("typed", [("--context", ""), ("--context=",), ("config", "use-context", "")])
def test_contexts_come_from_the_kubeconfig(
    typed: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kubeconfig").write_text(KUBECONFIG)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    assert words(*typed) == ["home", "work"]


def test_required_flags_come_first() -> None:
    assert words("create", "deployment", "") == ["--image"]


@pytest.mark.parametrize(
    ("typed", "directive"),
    [
        (("apply", "-f", ""), Directive.FILES_ENDING),
        (("create", "deployment", "x", ""), Directive.DEFAULT),
        (("rollout", ""), Directive.NO_FILES),
        (("exec", "pod", "--", ""), Directive.DEFAULT),
    ],
)
def test_the_directive_says_whether_files_are_meant(typed: tuple[str, ...], directive: Directive) -> None:
    assert asyncio.run(answer(typed)).directive == directive


def completed(line: str, said: str, folder: Path) -> list[str]:
    """What bash would offer for a line when kubectl says this."""
    script = f"""{BASH}
    compopt() {{ :; }}
    kubectl() {{ printf '%b' {shlex.quote(said)}; }}
    COMP_LINE={line!r} COMP_POINT={len(line)} COMP_TYPE=9
    __kubectl_complete
    printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", script], capture_output=True, text=True, check=True, cwd=folder, timeout=20
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "said", "offered"),
    [
        ("kubectl roll", r"rollout\tManage\n:4\n", ["rollout"]),
        ("kubectl get p", r"pods\npodtemplates\n:4\n", ["pods", "podtemplates"]),
        ("kubectl cp web:", r"web:\n:2\n", []),
        ("kubectl get nope ", r":4\n", []),
        ("kubectl apply -f ", r"json\nyaml\nyml\n:8\n", ["a.yaml", "d/"]),
        ("kubectl get ", r"pods\n:1\n", []),
    ],
    ids=["described", "several", "after a colon", "nothing", "files", "an error"],
)
def test_bash_offers_what_kubectl_answers(line: str, said: str, offered: list[str], tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    for name in ("a.yaml", "b.txt"):
        (tmp_path / name).touch()
    assert sorted(completed(line, said, tmp_path)) == offered
