"""kubectl completion: shell code that asks kubectl what could follow. May import: kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.completing.scripts import OF_SHELL
from kajitori.kubectl.flags import HelpfulError, Options

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


async def run(opts: Options, ctx: Context) -> None:
    if not opts.args:
        raise HelpfulError("completion", "Shell not specified.")
    if len(opts.args) > 1:
        raise HelpfulError("completion", "Too many arguments. Expected only the shell type.")
    if opts.args[0] not in OF_SHELL:
        raise HelpfulError("completion", f'Unsupported shell type "{opts.args[0]}".')
    ctx.streams.out.write(OF_SHELL[opts.args[0]])


COMMAND = Command(
    name="completion",
    short="Output shell completion code for the specified shell (bash, zsh, fish, or powershell)",
    long="""Output shell completion code for the specified shell (bash, zsh, fish, or powershell). The shell must
evaluate it, which is done by sourcing it from the shell's start-up file.""",
    examples="# In ~/.bashrc\nsource <(kubectl completion bash)",
    usage="completion SHELL [options]",
    run=run,
)
