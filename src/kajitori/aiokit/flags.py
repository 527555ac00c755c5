"""The flags of a component, declared one by one as the users of Kubernetes' components write them.

    flags = Flags("kajitori proxy", "The service proxy.")
    flags.string("config", "", "The path to the configuration file.")
    flags.boolean("cleanup", False, "Remove all rules and exit.")
    options = flags.parse(argv)        # options["config"]; options.given("config")

Read as pflag reads them (pflag.py). Durations are Go's ("30s", "1m0s") and come out as seconds.
May import: aiokit.{govalues,logs,pflag}.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from kajitori import KUBERNETES_VERSION
from kajitori.aiokit import govalues
from kajitori.aiokit.logs import parse_modules
from kajitori.aiokit.pflag import Duration, Flag, HelpRequested, Parser, UsageError, usage_text

__all__ = ["Flags", "HelpRequested", "Options", "UsageError"]


class Options(dict[str, Any]):
    """Flag values by name (defaults included), and which were given."""

    def __init__(self, values: dict[str, Any], given: set[str], args: list[str]) -> None:
        super().__init__(values)
        self._given = given
        self.args = args

    def given(self, name: str) -> bool:
        """Whether the flag stood on the command line, whatever its value."""
        return name in self._given


class Flags:
    """`one_dash`: the program is one that reads `-conf file`, with Go's own flag package (coredns)."""

    def __init__(self, program: str, text: str, *, takes_arguments: bool = False, one_dash: bool = False) -> None:
        self.program, self.text, self.takes_arguments = program, text, takes_arguments
        self._one_dash = one_dash
        self._flags: dict[str, Flag] = {}
        self._declare("v", 0, "number for the log level verbosity", govalues.parse_int, short="v")
        text_of_version = "--version, --version=raw prints version information and quits"
        self._declare("version", "false", text_of_version, _version_asked, no_value="true")
        text_of_modules = (
            "comma-separated list of pattern=N settings for file-filtered logging (only for text log format)"
        )
        self._declare("vmodule", (), text_of_modules, parse_modules)
        self.string("logging-format", "text", 'Sets the log format. Permitted formats: "json", "text".')

    def string(self, name: str, default: str, text: str) -> None:
        self._declare(name, default, text)

    def integer(self, name: str, default: int, text: str) -> None:
        """A whole number, as Go reads them: `0x1f` and `1_000` too."""
        self._declare(name, default, text, govalues.parse_int)

    def number(self, name: str, default: float, text: str) -> None:
        self._declare(name, default, text, govalues.parse_number)

    def boolean(self, name: str, default: bool, text: str) -> None:
        self._declare(name, default, text)

    def duration(self, name: str, default_s: float, text: str) -> None:
        """A duration in Go's notation; its value in the options is seconds."""
        self._declare(name, Duration(default_s), text)

    def strings(self, name: str, default: Sequence[str], text: str) -> None:
        """A list: comma-separated, repeatable."""
        self._declare(name, tuple(default), text, govalues.parse_words, is_list=True)

    def value(
        self, name: str, default: Any, text: str, convert: Callable[[str], Any], *, is_list: bool = False
    ) -> None:
        """Anything else: `convert` raises ValueError for what it does not understand. A list's values add up."""
        self._declare(name, default, text, convert, is_list=is_list)

    def _declare(
        self,
        name: str,
        default: Any,
        text: str,
        convert: Callable[[str], Any] | None = None,
        *,
        short: str = "",
        no_value: str | None = None,
        is_list: bool = False,
    ) -> None:
        one = Flag(
            name=name,
            field=name,
            default=default,
            text=text,
            short=short,
            no_value=no_value,
            is_list=is_list,
            convert=convert,
        )
        self._flags[name] = one

    def parse(self, argv: Sequence[str]) -> Options:
        """Raises UsageError, HelpRequested."""
        parser = Parser(self._flags.values(), one_dash=self._one_dash)
        parser.parse(argv)
        if parser.wants_help:
            raise HelpRequested(self.usage())
        values = {name: parser.values.get(name, one.default) for name, one in self._flags.items()}
        lists = {name: list(values[name]) for name, one in self._flags.items() if one.is_list}
        return Options(values | lists, parser.given, [*parser.args, *(parser.after_dash or ())])

    def usage(self) -> str:
        """What `--help` prints: the text, the usage line and the flags by name."""
        flags = usage_text(sorted(self._flags.values(), key=lambda one: one.name))
        return f"{self.text}\n\nUsage:\n  {self.program} [flags]\n\nFlags:\n{flags}\n"

    def _tell_version(self, asked: str) -> None:
        """`--version` ends the program; `raw` is upstream's word for the parts of the version one by one."""
        if asked == "raw":
            major, minor, patch = KUBERNETES_VERSION.removeprefix("v").split(".")
            sys.stdout.write(
                f'version.Info{{Major:"{major}", Minor:"{minor}", GitVersion:"v{major}.{minor}.{patch}"}}\n'
            )
        elif asked == "true":
            sys.stdout.write(f"Kubernetes {KUBERNETES_VERSION}\n")
        else:
            return
        raise SystemExit(0)

    def parse_or_exit(self, argv: Sequence[str]) -> Options:
        """As `parse`, for a command's `main`: help and mistakes end the program with upstream's exit codes."""
        try:
            options = self.parse(argv)
            self._tell_version(options["version"])
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


def _version_asked(text: str) -> str:
    """`raw`, `true` or `false`. Raises ValueError."""
    return text if text == "raw" else str(govalues.parse_bool(text)).lower()
