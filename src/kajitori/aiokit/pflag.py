"""Command line flags as Go's pflag reads them, declared as fields of frozen dataclasses.

    @dataclass(frozen=True, kw_only=True)
    class ScaleOptions(Options):
        replicas: int = flag(0, "The new desired number of replicas. Required.")
        output: str = flag("", "Output format. …", short="o")

Accepted: ``--name value``, ``--name=value``, ``-n value``, ``-nvalue``, ``-n=value``, grouped booleans (``-ti``), flags
after arguments, ``--`` to end them. A list flag repeats and splits at commas (``split=False`` keeps commas). `no_value`
is what a flag without ``=value`` means. Components declare theirs one by one (flags.py), over the same reader.
Pure. May import: aiokit.govalues.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from kajitori.aiokit import govalues

T = TypeVar("T", bound="Options")


class UsageError(Exception):
    """The command line cannot be carried out; the message is for the user."""


class FlagError(UsageError):
    """A flag that is unknown or malformed; the message is followed by a hint to ``--help``."""


class HelpRequested(Exception):
    """`--help` was given; the message is the help text."""


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
    is_list: bool = False
    """May be repeated: the values of all are joined."""
    convert: Callable[[str], Any] | None = None
    """From text to value, raising ValueError, where the default's type does not say."""

    @property
    def takes_value(self) -> bool:
        """Whether the next word is its value, when none is given with ``=``."""
        return not isinstance(self.default, bool) and self.no_value is None

    def default_text(self) -> str:
        """The default as the help text prints it."""
        if self.shown_default is not None:
            return self.shown_default
        match self.default:
            case bool():
                return "true" if self.default else "false"
            case tuple():
                return "[" + ",".join(map(str, self.default)) + "]"
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
            is_list = isinstance(one.default, tuple)
            found.append(Flag(name=name, field=one.name, default=one.default, is_list=is_list, **rest))
    return sorted(found, key=lambda f: f.name)


class Parser:
    """Reads an argument list against flags of several sources (the verb's options and the global ones); the first wins.

    `one_dash`: there are no shorthands, and a name may stand after one dash, as Go's own flag package has it.
    """

    def __init__(self, *sources: type[Options] | Iterable[Flag], one_dash: bool = False) -> None:
        self._one_dash = one_dash
        self._by_name: dict[str, Flag] = {}
        self._by_short: dict[str, Flag] = {}
        for source in sources:
            for one in flags_of(source) if isinstance(source, type) else source:
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
            elif self._one_dash and word.startswith("-") and len(word) > 1:
                self._long(word[1:], words)
            elif word.startswith("-") and len(word) > 1:
                self._short(word[1:], words)
            else:
                self.args.append(word)
                if stop_at_first_arg:
                    return words
        return words

    def by_name(self, name: str) -> Flag | None:
        """The flag of that name or shorthand."""
        return self._by_name.get(name) or self._by_short.get(name)

    def waiting(self, argv: Sequence[str]) -> Flag | None:
        """The flag that the last word is, when it still wants a value (``-n``; not ``-A``, ``-oyaml``)."""
        word = argv[-1] if argv else ""
        if not word.startswith("-") or "=" in word or word == "--":
            return None
        if word.startswith("--"):
            one = self._by_name.get(word[2:])
        else:  # of grouped letters the last one
            one = self._by_short.get(word[-1])
            if any(not isinstance(self._by_short[c].default, bool) for c in word[1:-1] if c in self._by_short):
                return None
        return one if one is not None and one.takes_value else None

    def _long(self, text: str, words: list[str]) -> None:
        name, equals, value = text.partition("=")
        one = self._by_name.get(name)
        if one is None and (name == "help" or (self._one_dash and name == "h")):
            self.wants_help = True
            return
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
            if not one.takes_value:
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
        if not one.takes_value:
            return "true" if one.no_value is None else one.no_value
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


def parse(
    options: type[T], argv: Sequence[str], *, program: str, about: str, usage: str = "[flags]", max_args: int | None = 0
) -> T:
    """A whole command line (None: any number of arguments). Raises UsageError; HelpRequested with the help text."""
    parser = Parser(options)
    parser.parse(argv)
    if parser.wants_help:
        shown = usage_text(flags_of(options))
        raise HelpRequested(f"{about}\n\nOptions:\n{shown}\n\nUsage:\n  {program} {usage}\n")
    found = parser.build(options)
    if max_args is not None and len(found.args) > max_args:
        raise UsageError(f'unknown command "{found.args[max_args]}" for "{program}"')
    return found


def usage_text(flags: Iterable[Flag]) -> str:
    """One block per flag that is not hidden: names and default, then its text after a tab."""
    return "\n\n".join(f"    {_names(one)}={one.default_text()}:\n\t{one.text}" for one in flags if not one.hidden)


def _names(one: Flag) -> str:
    return f"-{one.short}, --{one.name}" if one.short else f"--{one.name}"


def _convert(one: Flag, text: str) -> Any:
    if one.convert is not None:
        return one.convert(text)
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
