"""Command line flags as Go's pflag reads them, declared as fields of frozen dataclasses.

    @dataclass(frozen=True, kw_only=True)
    class ScaleOptions(Options):
        replicas: int = flag(0, "The new desired number of replicas. Required.")
        output: str = flag("", "Output format. …", short="o")

Accepted: ``--name value``, ``--name=value``, ``-n value``, ``-nvalue``, ``-n=value``, grouped booleans (``-ti``), flags
after arguments, ``--`` to end them. A list flag repeats and splits at commas (``split=False`` keeps commas). `no_value`
is what a flag without ``=value`` means. Pure. May import: aiokit.govalues.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from kajitori.aiokit import govalues

T = TypeVar("T", bound="Options")


class UsageError(Exception):
    """The command line cannot be carried out; the message goes to stderr, the exit code is 1."""


class HelpfulError(UsageError):
    """A command line that does not fit the command, with the hint to its help that upstream adds."""

    def __init__(self, command: str, text: str) -> None:
        super().__init__(f"error: {text}\nSee 'kubectl {command} -h' for help and examples")


class FlagError(UsageError):
    """A flag that is unknown or malformed; the message is followed by a hint to ``--help``."""


class Duration(float):
    """Seconds; written as Go writes durations (``1m30s``)."""

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Raises ValueError in Go's words. A bare ``0`` is zero."""
        return cls(govalues.parse_duration(text))


@dataclass(frozen=True)
class Flag:
    """What the help text and the parser know of one flag."""

    name: str
    field: str
    default: Any
    text: str
    short: str = ""
    no_value: str | None = None
    split: bool = True
    hidden: bool = False
    shown_default: str | None = None

    @property
    def is_list(self) -> bool:
        return isinstance(self.default, tuple)

    def default_text(self) -> str:
        """The default as the help text prints it."""
        if self.shown_default is not None:
            return self.shown_default
        match self.default:
            case bool():
                return "true" if self.default else "false"
            case tuple():
                return "[" + ",".join(self.default) + "]"
            case Duration():
                return govalues.format_duration(self.default)
            case str():
                return f"'{self.default}'"
            case None:
                return "''"
        return str(self.default)


def flag(
    default: Any,
    text: str,
    *,
    name: str = "",
    short: str = "",
    no_value: str | None = None,
    split: bool = True,
    hidden: bool = False,
    shown_default: str | None = None,
) -> Any:
    """Declares a dataclass field as a flag; the name is the field's with dashes unless given."""
    about = {
        "name": name,
        "short": short,
        "text": text,
        "no_value": no_value,
        "split": split,
        "hidden": hidden,
        "shown_default": shown_default,
    }
    return dataclasses.field(default=default, metadata={"flag": about})


@dataclass(frozen=True, kw_only=True)
class Options:
    """The base of every verb's options: arguments, those after ``--``, and the names of the flags that were given."""

    args: tuple[str, ...] = ()
    args_after_dash: tuple[str, ...] | None = None
    given: frozenset[str] = frozenset()

    def validate(self) -> None:
        """Raises UsageError where the flags do not go together."""


def flags_of(options: type[Options]) -> list[Flag]:
    """The flags that an options class declares, sorted by name."""
    found = []
    for one in dataclasses.fields(options):
        about = one.metadata.get("flag")
        if about:
            name = about["name"] or one.name.strip("_").replace("_", "-")
            rest = {key: value for key, value in about.items() if key != "name"}
            found.append(Flag(name=name, field=one.name, default=one.default, **rest))
    return sorted(found, key=lambda f: f.name)


class Parser:
    """Reads an argument list against flags from several options classes (the verb's and the global ones)."""

    def __init__(self, *option_types: type[Options]) -> None:
        self._by_name: dict[str, Flag] = {}
        self._by_short: dict[str, Flag] = {}
        for options in option_types:
            for one in flags_of(options):
                self._by_name.setdefault(one.name, one)
                if one.short:
                    self._by_short.setdefault(one.short, one)
        self.values: dict[str, Any] = {}
        self.given: set[str] = set()
        self.args: list[str] = []
        self.after_dash: list[str] | None = None
        self.wants_help = False

    def parse(self, argv: Sequence[str], *, stop_at_first_arg: bool = False) -> list[str]:
        """Fills values and args; returns what was left unread. Raises FlagError."""
        words = list(argv)
        while words:
            word = words.pop(0)
            if word == "--":
                self.after_dash = words
                return []
            if word.startswith("--"):
                self._long(word[2:], words)
            elif word.startswith("-") and len(word) > 1:
                self._short(word[1:], words)
            else:
                self.args.append(word)
                if stop_at_first_arg:
                    return words
        return words

    def _long(self, text: str, words: list[str]) -> None:
        name, equals, value = text.partition("=")
        if name == "help":
            self.wants_help = True
            return
        one = self._by_name.get(name)
        if one is None:
            raise FlagError(f"unknown flag: --{name}")
        label = f"-{one.short}, --{name}" if one.short else f"--{name}"
        self._set(one, value if equals else self._following(one, words, f"--{name}"), label)

    def _short(self, text: str, words: list[str]) -> None:
        for position, letter in enumerate(text):
            if letter == "h" and "h" not in self._by_short:
                self.wants_help = True
                continue
            one = self._by_short.get(letter)
            if one is None:
                raise FlagError(f"unknown shorthand flag: '{letter}' in -{text}")
            rest = text[position + 1 :]
            label = f"-{letter}, --{one.name}"
            if rest.startswith("="):
                self._set(one, rest[1:], label)
                return
            if isinstance(one.default, bool) or one.no_value is not None:
                self._set(one, "true" if one.no_value is None else one.no_value, label)
                continue
            if rest:
                self._set(one, rest, label)
                return
            if not words:
                raise FlagError(f"flag needs an argument: '{letter}' in -{text}")
            self._set(one, words.pop(0), label)
            return

    def _following(self, one: Flag, words: list[str], label: str) -> str:
        if one.no_value is not None:
            return one.no_value
        if isinstance(one.default, bool):
            return "true"
        if not words:
            raise FlagError(f"flag needs an argument: {label}")
        return words.pop(0)

    def _set(self, one: Flag, text: str, label: str) -> None:
        try:
            value = _convert(one, text)
        except ValueError as error:
            raise FlagError(f'invalid argument "{text}" for "{label}" flag: {error}') from error
        if one.is_list:
            value = (*self.values.get(one.field, ()), *value)
        self.values[one.field] = value
        self.given.add(one.name)

    def build(self, options: type[T]) -> T:
        """The options of one class, defaults filled in."""
        # a verb's flag that has the name of a global one takes its place, and its value is the verb's alone
        names = {f.field for f in flags_of(options) if self._by_name.get(f.name, f) == f}
        chosen = {name: value for name, value in self.values.items() if name in names}
        after = None if self.after_dash is None else tuple(self.after_dash)
        args = (*self.args, *(after or ()))
        return options(args=args, args_after_dash=after, given=frozenset(self.given), **chosen)


def _convert(one: Flag, text: str) -> Any:
    match one.default:
        case bool():
            return govalues.parse_bool(text)
        case Duration():
            return Duration.parse(text)
        case int():
            return govalues.parse_int(text)
        case float():
            return govalues.parse_number(text)
        case tuple():
            return tuple(_split(text)) if one.split else (text,)
    return text


def _split(text: str) -> Iterator[str]:
    """Comma-separated values; quotes protect commas, as in a CSV line."""
    import csv

    for row in csv.reader([text]):
        yield from row
