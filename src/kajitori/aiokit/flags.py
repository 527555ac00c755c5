"""Go-style command line flags, as the users of Kubernetes' components write them, without argparse's weight.

    flags = Flags("kajitori proxy", "The service proxy.")
    flags.string("config", "", "The path to the configuration file.")
    flags.boolean("cleanup", False, "Remove all rules and exit.")
    options = flags.parse(argv)        # options["config"]; options.given("config")

`--name value`, `--name=value`, `-name=value`; a boolean stands alone or takes `=true|false`. Durations are Go's
("30s", "1m0s") and come out as seconds. May import: the standard library only.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"([0-9]*\.?[0-9]+)(ns|us|µs|ms|s|m|h)")


class UsageError(Exception):
    """The command line cannot be understood; the message is for the user."""


class HelpRequested(Exception):
    """`--help` was given; the message is the help text."""


def parse_duration(text: str) -> float:
    """Go's duration text as seconds."""
    if text in ("0", ""):
        return 0.0
    sign, body = (-1, text[1:]) if text.startswith("-") else (1, text)
    parts = _DURATION.findall(body)
    if not parts or "".join(a + b for a, b in parts) != body:
        raise ValueError(f'time: invalid duration "{text}"')
    return sign * sum(float(amount) * _UNITS[unit] for amount, unit in parts)


def _parse_bool(text: str) -> bool:
    if text.lower() in ("1", "t", "true"):
        return True
    if text.lower() in ("0", "f", "false"):
        return False
    raise ValueError(f'strconv.ParseBool: parsing "{text}": invalid syntax')


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
    def __init__(self, program: str, text: str) -> None:
        self.program, self.text = program, text
        self._flags: dict[str, _Flag] = {}
        self.integer("v", 0, "number for the log level verbosity")
        self.string("logging-format", "text", 'Sets the log format. Permitted formats: "json", "text".')

    def string(self, name: str, default: str, text: str) -> None:
        self._flags[name] = _Flag(name, default, text, str)

    def integer(self, name: str, default: int, text: str) -> None:
        self._flags[name] = _Flag(name, default, text, int)

    def number(self, name: str, default: float, text: str) -> None:
        self._flags[name] = _Flag(name, default, text, float)

    def boolean(self, name: str, default: bool, text: str) -> None:
        self._flags[name] = _Flag(name, default, text, _parse_bool, is_bool=True)

    def duration(self, name: str, default_s: float, text: str) -> None:
        self._flags[name] = _Flag(name, default_s, text, parse_duration)

    def strings(self, name: str, default: Sequence[str], text: str) -> None:
        """A list: comma-separated, repeatable."""
        self._flags[name] = _Flag(name, list(default), text, lambda v: [p for p in v.split(",") if p], is_list=True)

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
            values[name] = values[name] + converted if flag.is_list and name in given else converted
            given.add(name)
        return Options(values, given, args)

    def usage(self) -> str:
        rows = [f"      --{flag.name:<34} {flag.text}" for flag in sorted(self._flags.values(), key=lambda f: f.name)]
        return "\n".join([self.text, "", f"Usage:\n  {self.program} [flags]", "", "Flags:", *rows, ""])

    def parse_or_exit(self, argv: Sequence[str]) -> Options:
        """As `parse`, for a command's `main`: help and mistakes end the program with upstream's exit codes."""
        try:
            return self.parse(argv)
        except HelpRequested as help_:
            sys.stdout.write(str(help_))
            raise SystemExit(0) from None
        except UsageError as error:
            sys.stderr.write(f'Error: {error}\nRun "{self.program} --help" for usage.\n')
            raise SystemExit(1) from None
