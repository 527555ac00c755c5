"""A component as a process: its flags are read, its logs set up, then it runs until it is stopped.

May import: aiokit.{flags,logs,main}.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from kajitori.aiokit import logs
from kajitori.aiokit.flags import Flags, Options, UsageError
from kajitori.aiokit.main import run_main

C = TypeVar("C")


def run_component(
    flags: Flags, argv: Sequence[str], read: Callable[[Options], C], run: Callable[[C], Awaitable[None]]
) -> int:
    """`read` makes the configuration, `run` serves with it. Gives the exit code, 1 for flags of no use."""
    options = flags.parse_or_exit(argv)
    logs.configure(options["v"], options["logging-format"], options["vmodule"])
    try:
        config = read(options)
    except (UsageError, ValueError) as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    return run_main(lambda: run(config))
