"""``kubectl __complete WORDS…``: what the last word could become, in cobra's protocol, which any shell's code can read.

stdout has one candidate a line, its description after a tab, and last ``:N``, the sum of the `Directive`s. The last
word may be empty. Nothing here fails loudly: a shell that completes must not be disturbed. May import: client, kubectl.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command, has_module, load, module_of, root_commands
from kajitori.kubectl.completing.line import Answer, Directive, Line
from kajitori.kubectl.flags import Flag, FlagError, Parser, flags_of
from kajitori.kubectl.globals import GlobalOptions

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


async def answer(words: Sequence[str]) -> Answer:
    """What could stand in place of the last word. Raises whatever the cluster's client raises."""
    from kajitori.kubectl.context import Context

    *typed, last = words or [""]
    front = Parser(GlobalOptions)
    waiting, rest = _read(front, typed, stop_at_first_arg=True)
    command = _command(front.args[0], rest) if front.args else None
    parser = front
    if command is not None:
        found, rest = command
        parser = Parser(found.options, GlobalOptions)
        parser.values |= front.values
        waiting, _ = _read(parser, rest)
    elif front.args and front.args[0] != "help":
        return Answer(directive=Directive.DEFAULT)
    line = Line(command and command[0], tuple(parser.args) if command else (), last, frozenset(parser.given))
    async with Context(parser.build(GlobalOptions)).closing() as ctx:
        return await _following(line, parser, waiting, ctx)


def _read(parser: Parser, words: list[str], *, stop_at_first_arg: bool = False) -> tuple[Flag | None, list[str]]:
    """Parses what is complete; the flag that the last word is the value of, and what was left unread."""
    waiting = parser.waiting(words)
    try:
        rest = parser.parse(words[:-1] if waiting else words, stop_at_first_arg=stop_at_first_arg)
    except FlagError:
        return waiting, []  # a flag that nobody knows: what can be said of the rest still is
    return waiting, [*rest, words[-1]] if waiting and parser.args and stop_at_first_arg else rest


def _command(verb: str, rest: list[str]) -> tuple[Command, list[str]] | None:
    if verb == "help" or not has_module(verb):
        return None
    command = load(module_of(verb))
    while command.subcommands and rest and (nested := command.subcommand(rest[0])) is not None:
        command, rest = nested, rest[1:]
    return command, rest


async def _following(line: Line, parser: Parser, waiting: Flag | None, ctx: Context) -> Answer:
    from kajitori.kubectl.completing import arguments, values

    if waiting is not None:
        return await values.of_flag(waiting, line, line.last, ctx)
    if parser.after_dash is not None:
        return Answer(directive=Directive.DEFAULT)
    if line.last.startswith("-"):
        name, equals, value = line.last.partition("=")
        known = parser.by_name(name.lstrip("-"))
        if equals:
            return await values.of_flag(known, line, value, ctx) if known else Answer()
        return _flags(line)
    if line.command is None or (line.command.subcommands and not line.args):
        return _subcommands(line)
    answer = await arguments.of(line, ctx)
    required = [one for one in flags_of(line.command.options) if one.name in line.command.required]
    missing = [(f"--{one.name}", one.text) for one in required if one.name not in line.given and not line.last]
    return Answer([*missing, *answer.candidates], answer.directive)


def _subcommands(line: Line) -> Answer:
    known = root_commands() if line.command is None else line.command.subcommands
    return Answer([(name, text) for name, text in sorted(known.items()) if name.startswith(line.last)])


def _flags(line: Line) -> Answer:
    own = flags_of(line.command.options) if line.command else []
    everywhere = [one for one in flags_of(GlobalOptions) if one.name not in {mine.name for mine in own}]
    found = []
    for one in (*everywhere, *own):
        if one.hidden or (one.name in line.given and not one.is_list):
            continue
        names = [f"--{one.name}", *([f"-{one.short}"] if one.short else [])]
        found += [(name, one.text) for name in names if name.startswith(line.last)]
    return Answer(found)


def main(words: Sequence[str]) -> int:
    """The hidden verb itself."""
    import asyncio
    import sys

    try:
        found = asyncio.run(answer(words))
    except Exception as error:  # noqa: BLE001 (a shell asks: it gets no candidates, whatever is wrong)
        sys.stderr.write(f"{error}\n")
        found = Answer(directive=Directive.ERROR)
    sys.stdout.write(str(found))
    sys.stderr.write(f"Completion ended with directive: {found.directive}\n")
    return 0
