"""Two kubectls against one API server: upstream's binary and ours, each in a namespace of its own."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests import peers

from kajitori.testing import ControlPlane

from ..twokubectls import Outcome, in_namespace, run_ours, run_upstream


@dataclass(frozen=True)
class Pair:
    """Runs a command line with both; `theirs` and `ours` are namespaces with names of the same length."""

    kubeconfig: Path
    folder: Path
    theirs: str
    ours: str

    def upstream(self, line: str, stdin: str = "") -> Outcome:
        words = [peers.find("kubectl"), *shlex.split(line)]
        return self._normal(run_upstream(words, stdin, self._env("upstream", self.theirs)))

    def kajitori(self, line: str, stdin: str = "") -> Outcome:
        return self._normal(run_ours(shlex.split(line), stdin, self._env("ours", self.ours)))

    def _config(self, namespace: str) -> Path:
        file = self.folder / f"{namespace}.kubeconfig"
        if not file.exists():
            file.write_text(in_namespace(self.kubeconfig.read_text(), namespace))
        return file

    def _env(self, who: str, namespace: str) -> dict[str, str]:
        return {
            **os.environ,
            "HOME": str(self.folder),
            "KUBECACHEDIR": str(self.folder / who),
            "KUBECONFIG": str(self._config(namespace)),
            "KUBE_EDITOR": "true",
        }

    def _normal(self, outcome: Outcome) -> Outcome:
        return Outcome(self._plain(outcome.out), self._plain(outcome.err), outcome.code)

    def _plain(self, text: str) -> str:
        """What differs from run to run made equal: names of namespaces, UIDs, versions, times, ages, addresses."""
        text = text.replace(self.theirs, "NAMESPACE").replace(self.ours, "NAMESPACE")
        text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UID", text)
        text = re.sub(r'("?resourceVersion"?: ")\d+"', r'\1VERSION"', text)
        text = re.sub(r"/\S*/(LIVE|MERGED)-[^/]+/", r"\1/", text)
        text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+]0000", "TIME", text)
        text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", text)
        text = re.sub(r"(?m)(?<=[ ])(\d+[smhd]){1,2} *", "AGE ", text)
        text = re.sub(r"\b10\.\d+\.\d+\.\d+\b *", "ADDRESS ", text)
        text = re.sub(r"CLUSTER-IP +", "CLUSTER-IP ", text)
        text = re.sub(r"\b3\d{4}\b", "NODEPORT", text)
        return re.sub(r"(kube-api-access)-[a-z0-9]{5}", r"\1-RANDOM", text)


@pytest.fixture(scope="session")
def pair(control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Pair]:
    """Makes a fresh pair of namespaces."""
    folder = tmp_path_factory.mktemp("kubectl")
    count = iter(range(1000))

    def make() -> Pair:
        number = next(count)
        made = Pair(control_plane.kubeconfig, folder, f"case-{number:03}-theirs", f"case-{number:03}-mine-s")
        for namespace in (made.theirs, made.ours):
            for words in (["create", "namespace", namespace], ["create", "sa", "default", "-n", namespace]):
                command = [peers.find("kubectl"), "--kubeconfig", str(control_plane.kubeconfig), *words]
                subprocess.run(command, check=True, capture_output=True)
        return made

    return make


@pytest.fixture(scope="session")
def shared(pair: Callable[[], Pair]) -> Pair:
    """One pair of namespaces for tests that change nothing."""
    return pair()
