"""Parses kubectl's JSONPath templates into nodes. Pure. May import: kubectl.templates.golex (errors)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from kajitori.kubectl.templates.golex import TemplateError


@dataclass(frozen=True)
class Text:
    """What stands outside braces."""

    text: str


@dataclass(frozen=True)
class Literal:
    """A quoted text, number or truth value in braces."""

    value: Any


@dataclass(frozen=True)
class Field:
    """`.name` or `['name']`."""

    name: str


@dataclass(frozen=True)
class Wildcard:
    """`*`: every item of a list, every value of an object."""


@dataclass(frozen=True)
class Recursive:
    """`..`: the value itself and everything below."""


@dataclass(frozen=True)
class Slice:
    """``[single]`` or ``[start:stop:step]``."""

    single: int | None = None
    start: int | None = None
    stop: int | None = None
    step: int | None = None


@dataclass
class Path:
    """Steps from the current value (`@`), or from the object printed (`$`)."""

    steps: list[Any] = field(default_factory=list)
    from_root: bool = False


@dataclass(frozen=True)
class Union:
    """`[a,b]`: the results of each path, one after the other."""

    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Filter:
    """`[?(left operator right)]`: the items for which it holds; without a right side those that have the left."""

    left: Path
    operator: str = "exists"
    right: Path | None = None


@dataclass
class Keyword:
    """``range`` with its path, or ``end``."""

    word: str
    path: Path = field(default_factory=Path)


Node = Text | Path | Keyword
_NAME = re.compile(r"(?:\\.|[^\s.\[\],=!<>(){}\"'|@$?])+")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_SLICE = re.compile(r"(-?\d*)(?::(-?\d*))?(?::(-?\d*))?")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def parse(source: str) -> list[Node]:
    """The nodes of a template. Raises TemplateError in upstream's words."""
    try:
        return _parse(source)
    except TemplateError as error:
        raise TemplateError(f"error parsing jsonpath {source}, {error}") from error


def _parse(source: str) -> list[Node]:
    nodes: list[Node] = []
    position = 0
    while position < len(source):
        opening = source.find("{", position)
        if opening < 0:
            nodes.append(Text(source[position:]))
            break
        if opening > position:
            nodes.append(Text(source[position:opening]))
        closing = _closing(source, opening)
        nodes += _Action(source[opening + 1 : closing]).nodes()
        position = closing + 1
    return nodes


def _closing(source: str, opening: int) -> int:
    quote, array = "", 0  # the quote that is open, and where an array began that is
    position = opening
    while position < len(source):
        letter = source[position]
        if quote:
            if letter == "\\":
                position += 1
            elif letter == quote:
                quote = ""
        elif letter in "\"'":
            quote = letter
        elif letter in "[]":
            array = position if letter == "[" else 0
        elif letter == "}":
            return position
        position += 1
    if array:
        _bracket_end(source, array, quotes="")
        raise TemplateError(f"invalid array index {source[array + 1 :].partition(']')[0]}")
    raise TemplateError("unterminated quoted string" if quote else "unclosed action")


class _Action:
    """The inside of one ``{…}``."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def nodes(self) -> list[Node]:
        body = self.text.strip()
        if body == "end":
            return [Keyword("end")]
        if body.startswith("range ") or body == "range":
            self.at = self.text.index("range") + len("range")
            return [Keyword("range", self.path())]
        found: list[Node] = []
        while self._more():
            found.append(self.path())
        return found or [Path()]  # nothing is what there is now

    def _more(self) -> bool:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.at < len(self.text)

    def path(self) -> Path:
        """A path up to blank space, a comma, a closing bracket or an operator."""
        path = Path()
        self._more()
        while self.at < len(self.text):
            letter = self.text[self.at]
            if letter == "$" and not path.steps:
                path.from_root = True
                self.at += 1
            elif letter == "@" and not path.steps:
                self.at += 1
            elif letter in "\"'":
                path.steps.append(Literal(self._quoted()))
                return path
            elif letter == ".":
                self._dot(path)
            elif letter == "[":
                path.steps.append(self._bracket())
            elif letter == "*":
                self.at += 1
                path.steps.append(Wildcard())
            elif (letter.isdigit() or letter in "-") and not path.steps:
                path.steps.append(Literal(self._number()))
                return path
            elif letter.isspace() or letter in ",)]=!<>":
                return path
            else:
                if path.steps or not (letter.isalnum() or letter == "_"):
                    raise TemplateError(f"unrecognized character in action: U+{ord(letter):04X} '{letter}'")
                word = self._name()
                if word not in ("true", "false"):
                    raise TemplateError(f"unrecognized identifier {word}")
                path.steps.append(Literal(word == "true"))
                return path
        return path

    def _dot(self, path: Path) -> None:
        self.at += 1
        if self.text[self.at : self.at + 1] == ".":
            self.at += 1
            path.steps.append(Recursive())
        if self.at < len(self.text) and self.text[self.at] == "*":
            self.at += 1
            path.steps.append(Wildcard())
        elif self.at < len(self.text) and _NAME.match(self.text, self.at):
            path.steps.append(Field(self._name()))

    def _name(self) -> str:
        found = _NAME.match(self.text, self.at)
        if found is None:
            raise TemplateError(
                f"unrecognized character in action: U+{ord(self.text[self.at]):04X} '{self.text[self.at]}'"
            )
        self.at = found.end()
        return re.sub(r"\\(.)", r"\1", found[0])

    def _number(self) -> int | float:
        found = _NUMBER.match(self.text, self.at)
        if found is None:
            raise TemplateError(f"cannot parse number {self.text[self.at :]}")
        self.at = found.end()
        return float(found[0]) if found[1] else int(found[0])

    def _quoted(self) -> str:
        quote, letters = self.text[self.at], []
        self.at += 1
        while self.at < len(self.text) and self.text[self.at] != quote:
            letter = self.text[self.at]
            if letter == "\\" and self.at + 1 < len(self.text):
                self.at += 1
                letter = _ESCAPES.get(self.text[self.at], "\\" + self.text[self.at])
            letters.append(letter)
            self.at += 1
        if self.at >= len(self.text):
            raise TemplateError("unterminated quoted string")
        self.at += 1
        return "".join(letters)

    def _bracket(self) -> Any:
        if self.text.startswith("[?(", self.at):
            return self._filter()
        end = _bracket_end(self.text, self.at)
        body = self.text[self.at + 1 : end].strip()
        self.at = end + 1
        if body == "*":
            return Wildcard()
        parts = _split(body)
        if len(parts) > 1:
            return Union(tuple(_Action(_as_path(part)).path() for part in parts))
        return _subscript(body)

    def _filter(self) -> Filter:
        self.at += 3
        left = self.path()
        self._more()
        operator = next(
            (sign for sign in ("==", "!=", "<=", ">=", "<", ">") if self.text.startswith(sign, self.at)), ""
        )
        right = None
        if operator:
            self.at += len(operator)
            right = self.path()
            self._more()
        if not self.text.startswith(")]", self.at):
            raise TemplateError("unterminated filter")
        self.at += 2
        return Filter(left, operator or "exists", right)


def _subscript(body: str) -> Any:
    if body[:1] in ("'", '"'):
        if body[-1:] != body[0] or len(body) < 2:
            raise TemplateError("invalid array index " + body)
        return Field(re.sub(r"\\(.)", r"\1", body[1:-1]))
    found = _SLICE.fullmatch(body)
    if found is None:
        raise TemplateError(f"invalid array index {body}")
    if body and ":" not in body:
        return Slice(single=_index(body))
    start, stop, step = (_index(part) if part else None for part in found.groups())
    return Slice(start=start, stop=stop, step=step)


def _index(text: str) -> int:
    if text == "-":
        raise TemplateError("array index - is not a number")
    return int(text)


def _as_path(part: str) -> str:
    """A member of a union: ``1`` and ``'a'`` are subscripts, ``.a.b`` a path."""
    text = part.strip()
    return text if text.startswith((".", "@", "$")) else f"[{text}]"


def _bracket_end(text: str, start: int, quotes: str = "\"'") -> int:
    quote = ""
    for position in range(start + 1, len(text)):
        letter = text[position]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in quotes:
            quote = letter
        elif letter == "]":
            return position
    raise TemplateError("unterminated array")


def _split(body: str) -> list[str]:
    """At commas outside quotes."""
    parts, quote = [""], ""
    for letter in body:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter == ",":
            parts.append("")
            continue
        parts[-1] += letter
    return parts
