"""Without root: one clear message, a way out, the right exit code."""

import os
from pathlib import Path

import pytest

from kajitori.cluster import profile
from kajitori.cluster.paths import Home
from kajitori.cluster.profile import Profile
from kajitori.minikube import __main__ as minikube


@pytest.mark.parametrize("verb", ["start", "stop", "delete", "ssh"])
def test_a_verb_that_needs_root_says_so(
    verb: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("MINIKUBE_HOME", str(tmp_path))
    monkeypatch.setenv("MINIKUBE_IN_STYLE", "false")
    assert minikube.main([verb]) == 57
    err = capsys.readouterr().err
    assert "X Exiting due to DRV_NEEDS_ROOT" in err
    assert "* Suggestion: Run the command again with sudo" in err
    assert not (tmp_path / ".minikube").exists()


@pytest.mark.parametrize("verb", ["status", "ip", "service web", "logs", "stop"])
def test_a_profile_that_is_not_there_is_told_with_its_way_out(
    verb: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MINIKUBE_HOME", str(tmp_path))
    monkeypatch.setenv("MINIKUBE_IN_STYLE", "false")
    assert minikube.main([*verb.split(), "-p", "nope"]) == 85
    assert capsys.readouterr().err == (
        '* Profile "nope" not found. Run "minikube profile list" to view all profiles.\n'
        '* To start a cluster, run: "minikube start -p nope"\n'
    )


def test_a_purge_of_several_profiles_names_them_and_asks_for_all(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MINIKUBE_HOME", str(tmp_path))
    monkeypatch.setenv("MINIKUBE_IN_STYLE", "false")
    for name in ("a", "b"):
        profile.save(Home.minikube(), Profile(name=name))
    assert minikube.main(["delete", "--purge"]) == 14
    err = capsys.readouterr().err
    assert "* Multiple minikube profiles were found - \n*    - a\n*    - b\n" in err
    assert "X Exiting due to MK_USAGE: Usage: minikube delete --all --purge" in err
    assert profile.names(Home.minikube()) == ["a", "b"]
