"""Both kubectls, upstream's binary and ours, against one API server whose objects a test makes as it likes."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import shlex
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests import peers

import kajitori.kubectl
from kajitori.testing import ControlPlane

from ..twokubectls import Outcome, difference, in_namespace, run_ours, run_upstream


@dataclass(frozen=True)
class Kubectls:
    """`theirs(line)` and `ours(line)`; `alike(*lines)` runs each line with both and compares."""

    binary: str
    kubeconfig: Path
    home: Path
    namespace: str = "default"

    def within(self, namespace: str) -> Kubectls:
        return replace(self, namespace=namespace)

    def theirs(self, line: str, stdin: str = "") -> Outcome:
        return run_upstream([self.binary, *self._words(line)], stdin, self._env())

    def ours(self, line: str, stdin: str = "") -> Outcome:
        return run_ours(self._words(line), stdin, self._env())

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
        wrong = [f"$ kubectl {line}\n" + difference(theirs, ours) for line, theirs, ours in both if theirs != ours]
        assert not wrong, f"{len(wrong)} of {len(lines)} differ\n\n" + "\n".join(wrong)

    def _words(self, line: str) -> list[str]:
        return shlex.split(line)

    def _env(self) -> dict[str, str]:
        file = self.home / f"{self.namespace}.kubeconfig"
        if not file.exists():
            file.write_text(in_namespace(self.kubeconfig.read_text(), self.namespace))
        return {**os.environ, "HOME": str(self.home), "KUBECONFIG": str(file), "TZ": "UTC"}


def timeless(said: Outcome) -> Outcome:
    """Ages run on between two commands."""

    def plain(text: str) -> str:
        return re.sub(r"\b\d+[sm](\d+s)?\b", "AGE", text)

    return Outcome(re.sub(r"AGE {2,}", "AGE  ", plain(said.out)), plain(said.err), said.code)


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
