"""kubectl plugin list. May import: kubectl."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import Options, UsageError, flag

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class PluginListOptions(Options):
    name_only: bool = flag(False, "If true, display only the binary name of each plugin, rather than its full path")


def plugins(path: str) -> list[Path]:
    """Executables named ``kubectl-*`` in the folders of a PATH, in its order."""
    found = []
    for folder in dict.fromkeys(part for part in path.split(os.pathsep) if part):
        for file in sorted(Path(folder).glob("kubectl-*")) if Path(folder).is_dir() else ():
            if file.is_file() and os.access(file, os.X_OK):
                found.append(file)
    return found


async def run(opts: PluginListOptions, ctx: Context) -> None:
    found = plugins(os.environ.get("PATH", ""))
    if not found:
        raise UsageError("error: unable to find any kubectl plugins in your PATH")
    ctx.streams.print("The following compatible plugins are available:\n")
    for file in found:
        ctx.streams.print(file.name if opts.name_only else str(file))


COMMAND = Command(
    name="plugin list",
    short="List all visible plugin executables on a user's PATH",
    long="List all available plugin files on a user's PATH.",
    examples="# All of them\nkubectl plugin list",
    usage="plugin list [flags] [options]",
    options=PluginListOptions,
    run=run,
)
