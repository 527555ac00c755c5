"""kill -9 at random moments under write load loses no acknowledged write and leaves a consistent store.

CI runs for about KAJITORI_CRASH_SECONDS (default 40); set it higher for a longer soak. Each round starts a writer on the
same store, lets it write for a random moment, kills it, reopens the store here and compares.
"""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kajitori.storage.interface import KeyValue
from kajitori.storage.opening import open_storage

pytestmark = [pytest.mark.integration, pytest.mark.timeout(0)]

SECONDS = float(os.environ.get("KAJITORI_CRASH_SECONDS", "40"))
WRITER = Path(__file__).with_name("crashwriter.py")


def crash_once(directory: Path, seed: int, rng: random.Random) -> list[str]:
    """Everything the writer said before it was killed."""
    process = subprocess.Popen([sys.executable, str(WRITER), str(directory), str(seed)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    first = process.stdout.readline()
    assert first == b"ready\n", first
    time.sleep(rng.random() * 0.06)
    process.send_signal(signal.SIGKILL)
    said = process.stdout.read().decode()
    process.stdout.close()
    process.wait()
    return said.splitlines(keepends=True)


def was_deleted_after(directory: Path, revision: int) -> bool:
    """Whether the log has the (unacknowledged) deletion that took this revision's value away."""
    database = sqlite3.connect(directory / "store.db")
    try:
        rows = database.execute("SELECT 1 FROM log WHERE prev = ? AND value IS NULL", (revision,)).fetchall()
    finally:
        database.close()
    return bool(rows)


def read_back(directory: Path) -> tuple[dict[str, KeyValue], int]:
    async def read() -> tuple[dict[str, KeyValue], int]:
        store = await open_storage("sqlite", directory)
        try:
            found = await store.range("/")
            return {item.key: item for item in found.items}, found.revision
        finally:
            await store.close()

    return asyncio.run(read())


def test_no_acknowledged_write_is_lost(tmp_path: Path) -> None:
    rng = random.Random(20260101)
    deadline = time.monotonic() + SECONDS
    acknowledged: dict[str, tuple[int, int, int]] = {}
    rounds = writes = 0
    while time.monotonic() < deadline:
        rounds += 1
        for line in crash_once(tmp_path, rounds, rng):
            if not line.endswith("\n"):
                continue  # the kill fell into this line
            assert not line.startswith("!"), f"the store was inconsistent after a restart: {line}"
            key, revision, seed, number = line.split()
            acknowledged[key] = (int(revision), int(seed), int(number))
            writes += 1
        state, newest = read_back(tmp_path)
        for key, (revision, seed, number) in acknowledged.items():
            assert newest >= revision, f"{key}: revision {revision} was acknowledged, the store is at {newest}"
            item = state.get(key)
            if item is not None and item.revision > revision:
                continue  # a later write was on disk, unacknowledged when the kill came
            if number == -1:
                assert item is None, f"{key}: the deletion at {revision} is lost"
            elif item is None:
                assert was_deleted_after(tmp_path, revision), f"{key}: the write at {revision} is lost"
            else:
                assert item.revision == revision
                assert item.value.startswith(b"%d:%d:" % (seed, number)), f"{key}: another value at {revision}"
        for key in list(acknowledged):  # what is there now is the base of the next round
            if (key in state and state[key].revision > acknowledged[key][0]) or (
                key not in state and acknowledged[key][2] != -1
            ):
                del acknowledged[key]
    assert rounds >= SECONDS / 2, f"only {rounds} kills in {SECONDS} s"
    assert writes > rounds
    database = sqlite3.connect(tmp_path / "store.db")
    assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    database.close()
    print(f"{rounds} kills, {writes} acknowledged writes")


def test_a_revision_is_never_given_twice(tmp_path: Path) -> None:
    rng = random.Random(7)
    seen: dict[int, str] = {}
    for seed in range(1, 13):
        for line in crash_once(tmp_path, seed, rng):
            if line.endswith("\n"):
                key, revision = line.split()[:2]
                assert int(revision) not in seen, f"{revision} was given to {seen[int(revision)]} and to {key}"
                seen[int(revision)] = key
    assert seen
