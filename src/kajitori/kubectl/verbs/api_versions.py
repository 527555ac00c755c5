"""kubectl api-versions: the group/versions that the server has. May import: kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import HelpfulError, Options

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


async def run(opts: Options, ctx: Context) -> None:
    if opts.args:
        raise HelpfulError("api-versions", f"unexpected arguments: [{' '.join(opts.args)}]")
    ctx.set_out("couldn't get available api versions from server:", "/api?timeout=32s")
    found = await ctx.discovery().refresh()
    for one in sorted(found.group_versions()):
        ctx.streams.print(one)


COMMAND = Command(
    name="api-versions",
    short='Print the supported API versions on the server, in the form of "group/version"',
    long='Print the supported API versions on the server, in the form of "group/version".',
    examples="# All of them\nkubectl api-versions",
    usage="api-versions [options]",
    run=run,
)
