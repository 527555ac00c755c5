"""A reader of a tutorial at a terminal: commands typed into bash, one after the other, with our programs first on PATH."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[3]
TIMEOUT_S = 120


@dataclass(repr=False)
class Answer:
    """What a command printed, and how it ended."""

    command: str
    out: str
    err: str
    code: int

    def __repr__(self) -> str:
        return f"$ {self.command}\n{self.out}{self.err}(exit {self.code})"

    def rows(self) -> list[list[str]]:
        """The lines of a table, cut where columns stand at least three spaces apart; the header first."""
        return [re.split(r" {3,}", line.rstrip()) for line in self.out.splitlines() if line.strip()]

    def table(self) -> list[dict[str, str]]:
        header, *rows = self.rows()
        return [dict(zip(header, row, strict=False)) for row in rows]


@dataclass
class Shell:
    """Runs commands with bash. `kubectl` is whichever binary the test is about; variables last from step to step."""

    kubectl: Path
    home: Path
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        programs = self.home / "bin"
        programs.mkdir(parents=True, exist_ok=True)
        for name, target in (("kubectl", self.kubectl), ("minikube", ROOT / ".venv/bin/minikube")):
            (programs / name).unlink(missing_ok=True)
            (programs / name).symlink_to(target)

    def env(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "KUBECONFIG", "COLUMNS")}
        return kept | {
            "PATH": f"{self.home / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "MINIKUBE_HOME": str(self.home),
            "TERM": "dumb",
            **self.variables,
        }

    def run(self, command: str, *, timeout_s: float = TIMEOUT_S, stdin: str = "") -> Answer:
        """One command, however it ends."""
        done = subprocess.run(
            ["bash", "-c", command], capture_output=True, text=True, env=self.env(), timeout=timeout_s, input=stdin
        )
        return Answer(command, done.stdout, done.stderr, done.returncode)

    def __call__(self, command: str, *, timeout_s: float = TIMEOUT_S) -> str:
        """One command that must succeed; its standard output."""
        answer = self.run(command, timeout_s=timeout_s)
        assert answer.code == 0, str(answer)
        return answer.out

    def table(self, command: str) -> list[dict[str, str]]:
        answer = self.run(command)
        assert answer.code == 0, str(answer)
        return answer.table()

    def export(self, name: str, command: str) -> str:
        """``export NAME=$(command)``."""
        self.variables[name] = self(command).strip()
        return self.variables[name]

    def until(self, command: str, holds: Callable[[Answer], object], *, timeout_s: float = 60) -> Answer:
        """Repeats a command until its answer is as wanted; the test fails with the last answer."""
        what = f"`{command}` answers as wanted"
        return eventually(lambda: self.run(command), what, timeout_s, holds=holds, every_s=0.1)

    @contextmanager
    def background(
        self, command: str, until: str, env: Mapping[str, str] | None = None
    ) -> Iterator[subprocess.Popen[str]]:
        """A second terminal: the command runs until the block ends (Ctrl-C), after its output has matched `until`."""
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.env() | dict(env or {}),
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert re.search(until, line), f"$ {command}\n{line}"
            yield process
        finally:
            process.send_signal(2)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()
