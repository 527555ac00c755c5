"""Both kubectls, upstream's binary and ours, against one API server whose objects a test makes as it likes."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import io
import os
import pkgutil
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

import pytest
from tests import peers

import kajitori.kubectl
from kajitori.kubectl.__main__ import main
from kajitori.testing import ControlPlane


@dataclass(frozen=True)
class Said:
    """What a command line printed, and how it ended."""

    out: str
    err: str
    code: int

    def __str__(self) -> str:
        return f"exit code {self.code}\n--- stdout\n{self.out}--- stderr\n{self.err}"


@dataclass(frozen=True)
class Kubectls:
    """`theirs(line)` and `ours(line)`; `alike(*lines)` runs each line with both and compares."""

    binary: str
    kubeconfig: Path
    home: Path
    namespace: str = "default"

    def within(self, namespace: str) -> Kubectls:
        return replace(self, namespace=namespace)

    def theirs(self, line: str, stdin: str = "") -> Said:
        words = [self.binary, *self._words(line)]
        done = subprocess.run(
            words, input=stdin, capture_output=True, text=True, timeout=60, env=self._env(), check=False
        )
        return Said(done.stdout, done.stderr, done.returncode)

    def ours(self, line: str, stdin: str = "") -> Said:
        out, err = io.StringIO(), io.StringIO()
        source = io.TextIOWrapper(io.BytesIO(stdin.encode()))
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            mock.patch.object(sys, "stdin", source),
            mock.patch.dict(os.environ, self._env()),
        ):
            code = main(self._words(line))
        return Said(out.getvalue(), err.getvalue(), code)

    def make(self, line: str, stdin: str = "") -> str:
        """Sets the scene: upstream's kubectl, which must succeed."""
        said = self.theirs(line, stdin)
        assert said.code == 0, f"$ kubectl {line}\n{said}"
        return said.out

    def alike(self, *lines: str, at_once: int = 1) -> None:
        """Same words, same exit code. Lines that change nothing may run `at_once`."""
        with ThreadPoolExecutor(at_once) as pool:
            said = pool.map(self.theirs, lines)  # ours runs in this process, and so one by one
            both = [
                (line, timeless(theirs), timeless(self.ours(line))) for line, theirs in zip(lines, said, strict=True)
            ]
        wrong = [
            f"$ kubectl {line}\n" + difference(str(theirs), str(ours)) for line, theirs, ours in both if theirs != ours
        ]
        assert not wrong, f"{len(wrong)} of {len(lines)} differ\n\n" + "\n".join(wrong)

    def _words(self, line: str) -> list[str]:
        return shlex.split(line)

    def _env(self) -> dict[str, str]:
        file = self.home / f"{self.namespace}.kubeconfig"
        if not file.exists():
            text = self.kubeconfig.read_text()
            text = re.sub(r"(?m)^(\s*)(- )?context:\n(\s+)", rf"\g<0>namespace: {self.namespace}\n\3", text, count=1)
            file.write_text(text)
        return {**os.environ, "HOME": str(self.home), "KUBECONFIG": str(file), "TZ": "UTC"}


def difference(theirs: str, ours: str) -> str:
    lines = difflib.unified_diff(theirs.splitlines(), ours.splitlines(), "upstream", "ours", lineterm="", n=1)
    return "\n".join(lines)


def timeless(said: Said) -> Said:
    """Ages run on between two commands."""

    def plain(text: str) -> str:
        return re.sub(r"\b\d+[sm](\d+s)?\b", "AGE", text)

    return Said(re.sub(r"AGE {2,}", "AGE  ", plain(said.out)), plain(said.err), said.code)


@pytest.fixture(scope="session")
def kubectls(control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Kubectls:
    home = tmp_path_factory.mktemp("kubectls")
    for module in pkgutil.walk_packages(kajitori.kubectl.__path__, "kajitori.kubectl."):
        importlib.import_module(module.name)  # pytest's rewriting at import breaks in a running loop (CPython 3.11)
    return Kubectls(peers.find("kubectl"), control_plane.kubeconfig, home)


@pytest.fixture
def space(kubectls: Kubectls, request: pytest.FixtureRequest) -> Kubectls:
    """Both kubectls in a namespace of the test's own."""
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[:50].strip("-")
    kubectls.make(f"create namespace {name}")
    made = kubectls.within(name)
    made.make("create serviceaccount default")
    return made
