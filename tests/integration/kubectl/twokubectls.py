"""A command line with upstream's kubectl and with ours, and how what they did differs.

Ours runs in this process: a start of its own for each of thousands of lines would take minutes. May import: the standard
library, kajitori.kubectl.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from unittest import mock

from kajitori.kubectl.__main__ import main


@dataclass(frozen=True)
class Outcome:
    """What a command line printed, and how it ended."""

    out: str
    err: str
    code: int

    def __str__(self) -> str:
        return f"exit code {self.code}\n--- stdout\n{self.out}--- stderr\n{self.err}"


def run_upstream(words: Sequence[str], stdin: str, environ: Mapping[str, str]) -> Outcome:
    """`words` begin with the program."""
    done = subprocess.run(words, input=stdin, capture_output=True, text=True, timeout=60, env=environ, check=False)
    return Outcome(done.stdout, done.stderr, done.returncode)


def run_ours(words: Sequence[str], stdin: str, environ: Mapping[str, str]) -> Outcome:
    """`words` begin with the verb."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()))),
        mock.patch.dict(os.environ, environ),
    ):
        code = main(list(words))
    return Outcome(out.getvalue(), err.getvalue(), code)


def difference(theirs: object, ours: object) -> str:
    """How the text of ours differs, as a unified diff; empty where it does not."""
    lines = (str(theirs).split("\n"), str(ours).split("\n"))
    return "\n".join(difflib.unified_diff(*lines, "upstream", "ours", "", "", 1, ""))


def in_namespace(kubeconfig: str, namespace: str) -> str:
    """A kubeconfig's text, with `namespace` in its context."""
    if "namespace:" in kubeconfig:
        return re.sub(r"namespace: .*", f"namespace: {namespace}", kubeconfig)
    return re.sub(r"(?m)^(\s*)(- )?context:\n(\s+)", rf"\g<0>namespace: {namespace}\n\3", kubeconfig, count=1)
