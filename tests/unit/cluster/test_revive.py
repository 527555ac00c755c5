"""A restart by the keeper: under the lock, only while it is wanted, and broken off by SIGTERM."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.waiting import eventually

from kajitori.cluster import create, keeper, keeping, profile, revive
from kajitori.cluster.failures import INTERNAL, ClusterFailure
from kajitori.cluster.locks import locked
from kajitori.cluster.paths import Home
from kajitori.cluster.profile import Node, Profile


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with the profile `p`, whose keeper we are."""
    monkeypatch.setattr(keeping, "RUNTIME_DIR", tmp_path / "run")
    made = Home(tmp_path / "home")
    profile.save(made, Profile(name="p", nodes=(Node(name="p"),)))
    keeping.record_path("tag").parent.mkdir()
    keeping.record_path("tag").write_text(keeper.identity(os.getpid()))
    return made


def test_a_restart_starts_the_cluster_of_the_profile(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    async def start(home: Home, cluster: Profile, options: create.StartOptions) -> None:
        started.append((cluster.name, options.keep_context))

    monkeypatch.setattr(create, "start_locked", start)
    assert revive.attempt(home, "p", "tag") == profile.load(home, "p")
    assert started == [("p", True)]


def test_a_restart_that_fails_is_told_and_kept_for_another_try(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def start(*_: object) -> None:
        raise ClusterFailure(INTERNAL, "no such luck")

    monkeypatch.setattr(create, "start_locked", start)
    assert revive.attempt(home, "p", "tag") is not None
    assert "no such luck" in caplog.text


@pytest.mark.parametrize("gone", ["record", "profile"])
def test_what_was_stopped_or_deleted_meanwhile_is_not_started(
    home: Home, gone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if gone == "record":
        keeping.record_path("tag").unlink()
    else:
        profile.forget(home, "p")
    monkeypatch.delattr(create, "start_locked")
    assert revive.attempt(home, "p", "tag") is None


def test_a_keeper_becomes_the_same_keeper_again_with_one_more_failure(home: Home) -> None:
    argv = keeping.command(home, profile.load(home, "p"), failures=4)
    assert argv[3:8] == [
        keeper.__file__,
        str(keeping.record_path(home.tag("p"))),
        str(profile.path_of(home, "p")),
        str(home.machine("p").root / "keeper.log"),
        "4",
    ]
    assert argv[-5:] == ["-m", "kajitori.cluster.revive", str(home.root), "p", home.tag("p")]


PROGRAM = """
import asyncio, os, sys
from pathlib import Path
from kajitori.cluster import create, keeper, keeping, revive
async def start(*_):
    print("starts", flush=True)
    await asyncio.sleep(600)
create.start_locked = start
keeping.RUNTIME_DIR = Path(sys.argv[1])
keeping.record_path("tag").write_text(keeper.identity(os.getpid()))
sys.exit(revive.main([sys.argv[2], "p", "tag", "0"]))
"""


def test_sigterm_breaks_a_restart_off_and_frees_the_lock(home: Home) -> None:
    argv = [sys.executable, "-c", PROGRAM, str(keeping.RUNTIME_DIR), str(home.root)]
    ignoring = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *argv]  # as a background job of a script has it
    with subprocess.Popen(ignoring, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"starts\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 130
    with locked(keeping.lock_path("tag"), wait=False):
        eventually(lambda: keeping.pid(keeping.record_path("tag")) is None, "no keeper is left")
