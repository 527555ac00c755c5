"""Go-style command line flags, as the users of Kubernetes' components write them, without argparse's weight.

    flags = Flags("kajitori proxy", "The service proxy.")
    flags.string("config", "", "The path to the configuration file.")
    flags.boolean("cleanup", False, "Remove all rules and exit.")
    options = flags.parse(argv)        # options["config"]; options.given("config")

`--name value`, `--name=value`, `-name=value`; a boolean stands alone or takes `=true|false`. Durations are Go's
("30s", "1m0s") and come out as seconds. May import: aiokit.govalues.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kajitori.aiokit import govalues


class UsageError(Exception):
    """The command line cannot be understood; the message is for the user."""


class HelpRequested(Exception):
    """`--help` was given; the message is the help text."""


@dataclass(frozen=True)
class _Flag:
    name: str
    default: Any
    text: str
    convert: Callable[[str], Any]
    is_bool: bool = False
    is_list: bool = False


class Options(dict[str, Any]):
    """Flag values by name (defaults included), and which were given."""

    def __init__(self, values: dict[str, Any], given: set[str], args: list[str]) -> None:
        super().__init__(values)
        self._given = given
        self.args = args

    def given(self, name: str) -> bool:
        return name in self._given


class Flags:
    def __init__(self, program: str, text: str, *, takes_arguments: bool = False) -> None:
        self.program, self.text, self.takes_arguments = program, text, takes_arguments
        self._flags: dict[str, _Flag] = {}
        self.integer("v", 0, "number for the log level verbosity")
        self.string("logging-format", "text", 'Sets the log format. Permitted formats: "json", "text".')

    def string(self, name: str, default: str, text: str) -> None:
        self._flags[name] = _Flag(name, default, text, str)

    def integer(self, name: str, default: int, text: str) -> None:
        self._flags[name] = _Flag(name, default, text, govalues.parse_int)

    def number(self, name: str, default: float, text: str) -> None:
        self._flags[name] = _Flag(name, default, text, govalues.parse_number)

    def boolean(self, name: str, default: bool, text: str) -> None:
        self._flags[name] = _Flag(name, default, text, govalues.parse_bool, is_bool=True)

    def duration(self, name: str, default_s: float, text: str) -> None:
        self._flags[name] = _Flag(name, default_s, text, govalues.parse_duration)

    def strings(self, name: str, default: Sequence[str], text: str) -> None:
        """A list: comma-separated, repeatable."""
        self._flags[name] = _Flag(name, list(default), text, govalues.parse_words, is_list=True)

    def value(
        self, name: str, default: Any, text: str, convert: Callable[[str], Any], *, is_list: bool = False
    ) -> None:
        """Anything else: `convert` raises ValueError for what it does not understand. A list's values add up."""
        self._flags[name] = _Flag(name, default, text, convert, is_list=is_list)

    def parse(self, argv: Sequence[str]) -> Options:
        values = {flag.name: flag.default for flag in self._flags.values()}
        given: set[str] = set()
        args: list[str] = []
        rest = list(argv)
        while rest:
            word = rest.pop(0)
            if word == "--":
                args += rest
                break
            if not word.startswith("-") or word == "-":
                args.append(word)
                continue
            name, equals, value = word.lstrip("-").partition("=")
            if name in ("h", "help"):
                raise HelpRequested(self.usage())
            flag = self._flags.get(name)
            if flag is None:
                raise UsageError(f"unknown flag: --{name}")
            if not equals:
                if flag.is_bool:
                    value = "true"
                elif rest:
                    value = rest.pop(0)
                else:
                    raise UsageError(f"flag needs an argument: --{name}")
            try:
                converted = flag.convert(value)
            except ValueError as error:
                raise UsageError(f'invalid argument "{value}" for "--{name}" flag: {error}') from error
            values[name] = [*values[name], *converted] if flag.is_list and name in given else converted
            given.add(name)
        return Options(values, given, args)

    def usage(self) -> str:
        rows = [f"      --{flag.name:<34} {flag.text}" for flag in sorted(self._flags.values(), key=lambda f: f.name)]
        return "\n".join([self.text, "", f"Usage:\n  {self.program} [flags]", "", "Flags:", *rows, ""])

    def parse_or_exit(self, argv: Sequence[str]) -> Options:
        """As `parse`, for a command's `main`: help and mistakes end the program with upstream's exit codes."""
        try:
            options = self.parse(argv)
            if options.args and not self.takes_arguments:
                words = " ".join(f'"{arg}"' for arg in options.args)
                raise UsageError(f'"{self.program}" does not take any arguments, got [{words}]')
            return options
        except HelpRequested as help_:
            sys.stdout.write(str(help_))
            raise SystemExit(0) from None
        except UsageError as error:
            sys.stderr.write(f'Error: {error}\nRun "{self.program} --help" for usage.\n')
            raise SystemExit(1) from None
