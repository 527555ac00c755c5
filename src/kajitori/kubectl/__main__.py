"""``kubectl``: finds the verb, parses its flags, runs it, and turns errors into upstream's words and exit codes.

May import: kubectl; heavy things only inside functions, for the start takes most of the time of ``kubectl get pods``.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from kajitori.kubectl import help as help_texts
from kajitori.kubectl.command import Command, has_module, load, module_of, verbs
from kajitori.kubectl.context import Context
from kajitori.kubectl.flags import FlagError, Options, Parser, UsageError
from kajitori.kubectl.globals import GlobalOptions


def main(argv: Sequence[str] | None = None) -> int:
    """Runs kubectl with these arguments (default: the process's); returns the exit code."""
    if argv is None:
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # even while stdin is read; _execute arms it for some
        gc.set_threshold(50_000, 20, 20)  # a command makes little garbage, but many objects while it imports
        _leave(_guarded(sys.argv[1:]))
    return _guarded(list(argv))


def _leave(code: int) -> NoReturn:
    """Ends the process without taking the interpreter down piece by piece, which takes longer than many a command."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _guarded(args: list[str]) -> int:
    try:
        code = _dispatch(args)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    return code


def _dispatch(args: list[str]) -> int:
    front = Parser(GlobalOptions)
    try:
        rest = front.parse(args, stop_at_first_arg=True)
    except FlagError as error:
        return _fail(f"error: {error}\nSee 'kubectl --help' for usage.")
    words = front.args
    if not words or words[0] == "help":
        if words and rest and has_module(rest[0]):
            return _print(help_texts.of_command(_descend(load(module_of(rest[0])), rest[1:])[0]))
        return _print(help_texts.root())
    verb = words[0]
    if verb == "__complete":
        from kajitori.kubectl.completing.answer import main as complete

        return complete(rest)
    if verb == "options":
        return _print(help_texts.global_options())
    if verb not in verbs() or not has_module(verb):
        return _unknown(verb, rest)
    command, rest = _descend(load(module_of(verb)), rest)
    return _run(command, rest, front)


def _descend(command: Command, rest: list[str]) -> tuple[Command, list[str]]:
    """Follows subcommands: ``rollout status`` → that command and what comes after."""
    while command.subcommands and rest and not rest[0].startswith("-"):
        nested = command.subcommand(rest[0])
        if nested is None:
            return command, rest
        command, rest = nested, rest[1:]
    return command, rest


def _run(command: Command, rest: list[str], front: Parser) -> int:
    parser = Parser(command.options, GlobalOptions)
    parser.values |= front.values
    parser.given |= front.given
    parser.wants_help = front.wants_help
    try:
        parser.parse(rest)
    except FlagError as error:
        return _fail(f"error: {error}\nSee 'kubectl {command.name} --help' for usage.")
    if parser.wants_help:
        return _print(help_texts.of_command(command))
    if command.run is None:
        return _without_subcommand(command, parser.args)
    missing = [f'"{name}"' for name in command.required if name not in parser.given]
    if missing:
        return _fail(f"error: required flag(s) {', '.join(missing)} not set")
    options = parser.build(command.options)
    context = Context(parser.build(GlobalOptions))
    return _execute(command, options, context)


def _without_subcommand(command: Command, args: Sequence[str]) -> int:
    """A group of commands, and none of them named."""
    where, code = command.bare
    if args and code:
        return _fail(f"error: unknown command \"{args[0]}\"\nSee 'kubectl {command.name} -h' for help and examples")
    (sys.stdout if where == "out" else sys.stderr).write(help_texts.of_command(command))
    return code


def _execute(command: Command, options: Options, context: Context) -> int:
    import asyncio

    from kajitori.kubectl.errors import explain_to

    async def body() -> int:
        assert command.run is not None
        async with context.closing():
            options.validate()
            code = await command.run(options, context) or 0
        return code or _judged(context)

    ends_well = command.interrupted is not None and getattr(options, "stdin", True)
    if ends_well and signal.getsignal(signal.SIGINT) in (signal.SIG_DFL, signal.SIG_IGN):
        signal.signal(signal.SIGINT, signal.default_int_handler)  # also for a job that a shell put into the background
    try:
        return asyncio.run(body())
    except UsageError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return 130 if command.interrupted is None else command.interrupted
    except BrokenPipeError:
        raise
    except Exception as error:
        text = explain_to(context, error)
        if text is None:
            raise
        return _fail(text)


def _judged(context: Context) -> int:
    """``--warnings-as-errors``: a success with warnings is none."""
    count = context.warnings if context.options.warnings_as_errors else 0
    return _fail(f"error: {count} warning{'s' if count > 1 else ''} received") if count else 0


def _unknown(verb: str, rest: list[str]) -> int:
    from kajitori.kubectl.plugins import find_plugin

    plugin = find_plugin([verb, *rest])
    if plugin:
        os.execv(plugin[0], plugin)
    from kajitori.kubectl.suggesting import suggestions

    close = suggestions(verb, verbs())
    hint = "\n\nDid you mean this?\n" + "".join(f"\t{name}\n" for name in close) if close else "\n"
    return _fail((f'error: unknown command "{verb}" for "kubectl"' + hint).rstrip("\n"))


def _print(text: str) -> int:
    sys.stdout.write(text)
    return 0


def _fail(text: str) -> int:
    sys.stdout.flush()
    sys.stderr.write(text.rstrip("\n") + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
