"""Without root: one clear message, a way out, the right exit code."""

import os
from pathlib import Path

import pytest

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


def test_a_profile_that_is_not_there_is_told_with_its_way_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MINIKUBE_HOME", str(tmp_path))
    assert minikube.main(["status", "-p", "nope"]) == 85
    assert 'Profile "nope" not found' in capsys.readouterr().err
