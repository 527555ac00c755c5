"""Running a tool (iptables, ip, conntrack …): text in, text out, errors with the tool's own words.

May import: the standard library only.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress


class CommandFailed(RuntimeError):
    """A tool ended with an error; the message is its last words."""

    def __init__(self, argv: Sequence[str], code: int, stderr: str) -> None:
        super().__init__(f"{argv[0]}: exit code {code}: {stderr.strip()[:2000]}")
        self.code, self.stderr = code, stderr


async def run(argv: Sequence[str], text: str = "") -> str:
    """Run a tool with `text` as its input; give its output or raise CommandFailed (FileNotFoundError if missing)."""
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.PIPE if text else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await process.communicate(text.encode() if text else None)
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):  # it has ended, and its output is still being read
            process.kill()
        await process.wait()
        process._transport.close()  # type: ignore[attr-defined]  # its pipes, which a child of its own may hold open
        raise
    if process.returncode:
        raise CommandFailed(argv, process.returncode, err.decode(errors="replace"))
    return out.decode(errors="replace")
