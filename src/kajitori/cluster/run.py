"""Running the host's own tools (ip, nft, runc, ctr): a failure keeps its command line and what it printed.

`run` is for the short commands of cluster building; it raises CommandFailed unless told otherwise.
May import: nothing of Kajitori.
"""

import shlex
import subprocess
from collections.abc import Mapping, Sequence


class CommandFailed(Exception):
    """A tool ended with a non-zero code: `argv`, `code` and `output` (stdout and stderr together)."""

    def __init__(self, argv: Sequence[str], code: int, output: str) -> None:
        super().__init__(f"{shlex.join(argv)}: exit status {code}: {output.strip()}")
        self.argv = tuple(argv)
        self.code = code
        self.output = output


def run(
    argv: Sequence[str],
    *,
    stdin: str = "",
    check: bool = True,
    env: Mapping[str, str] | None = None,
    timeout_s: float = 120,
) -> str:
    """Run one command to its end and return what it printed on stdout."""
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, env=env, timeout=timeout_s, check=False)
    if check and done.returncode != 0:
        raise CommandFailed(argv, done.returncode, done.stdout + done.stderr)
    return done.stdout


def succeeds(argv: Sequence[str]) -> bool:
    """Whether the command ends with 0; its output is dropped."""
    return subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
