"""Programs as a user runs them, with a kubeconfig and a home of their own: kubectl, helm. `ok` must succeed, `fails` must not.

What goes to stdin may be text, or an object, which goes as JSON. May import: the standard library.
"""

from __future__ import annotations

import json
import re
import subprocess
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class CommandLine:
    """A program with the words that it always gets."""

    def __init__(self, *words: str, home: Path, environ: Mapping[str, str] | None = None) -> None:
        self.words, self.home = words, home
        self.environ = {"HOME": str(home), "PATH": "/usr/bin:/bin", **(environ or {})}

    def run(
        self, *arguments: str, stdin: Any = "", environ: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        self.home.mkdir(parents=True, exist_ok=True)
        return subprocess.run(
            [*self.words, *arguments],
            input=stdin if isinstance(stdin, str) else json.dumps(stdin),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=self.home,
            env={**self.environ, **(environ or {})},
        )

    def ok(self, *arguments: str, stdin: Any = "") -> str:
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode == 0, (arguments, done.stderr, done.stdout)
        return done.stdout

    def fails(self, *arguments: str, stdin: Any = "") -> str:
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode != 0, (arguments, done.stdout)
        return done.stderr

    def json(self, *arguments: str, stdin: Any = "") -> Any:
        return json.loads(self.ok(*arguments, "-o", "json", stdin=stdin))


class Kubectl(CommandLine):
    """kubectl with the rights of a kubeconfig, in a namespace when one is named."""

    def __init__(
        self,
        binary: str,
        kubeconfig: Path,
        home: Path,
        namespace: str = "",
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.binary, self.kubeconfig, self.namespace = binary, kubeconfig, namespace
        where = ("--namespace", namespace) if namespace else ()
        super().__init__(binary, "--kubeconfig", str(kubeconfig), *where, home=home, environ=environ)

    def create(self, *objects: Any) -> Any:
        """Creates them one after the other; the last one, as it is stored."""
        made = None
        for obj in objects:
            made = self.json("create", "-f", "-", stdin=obj)
        return made


def new_namespace(admin: CommandLine, test: str) -> str:
    """Makes a namespace named after a test, with the ServiceAccount that Pods need."""
    words = re.sub(r"[^a-z0-9]+", "-", test.lower()).strip("-")[:50].strip("-")
    name = f"{words}-{zlib.crc32(test.encode()):08x}"  # names that begin alike
    admin.ok("create", "namespace", name)
    admin.ok("create", "serviceaccount", "default", "-n", name)
    return name
