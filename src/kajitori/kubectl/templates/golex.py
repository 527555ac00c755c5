"""Cuts a Go template into text and action tokens. Pure; imports nothing of Kajitori.

Follows the grammar of Go's text/template: ``{{`` … ``}}`` with the trim markers ``{{-`` and ``-}}``, comments, strings
in double quotes and backquotes, characters, numbers, fields, variables, identifiers and pipes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass


class TemplateError(ValueError):
    """The template is not well formed, or fails on the data. The text is what users see after ``error:``."""


@dataclass(frozen=True)
class Token:
    """One word of an action, or a stretch of text between actions."""

    kind: str  # text, open, close, field, variable, ident, string, number, char, space or a sign such as ( ) | := = ,
    text: str
    line: int


_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<string>"(?:\\.|[^"\\\n])*"|`[^`]*`)
    |(?P<char>'(?:\\.[^']*|[^'\\])')
    |(?P<number>[+-]?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+))
    |(?P<field>\.[A-Za-z_]\w*)
    |(?P<variable>\$\w*)
    |(?P<ident>[A-Za-z_]\w*)
    |(?P<declare>:=)
    |(?P<sign>[()|,=.])""",
    re.VERBOSE,
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_TRIM_LEFT, _TRIM_RIGHT = re.compile(r"[ \t\r\n]+$"), re.compile(r"^[ \t\r\n]+")


def tokens(source: str) -> Iterator[Token]:
    """The tokens of a template, in order. Raises TemplateError for an unclosed action or a stray character."""
    position, trim = 0, False
    while True:
        start = source.find("{{", position)
        text = source[position:] if start < 0 else source[position:start]
        if trim:
            text = _TRIM_RIGHT.sub("", text)
        if start < 0:
            if text:
                yield Token("text", text, _line(source, position))
            return
        body = start + 2
        if source.startswith("- ", body) or source.startswith("-\n", body) or source.startswith("-\t", body):
            text = _TRIM_LEFT.sub("", text)
            body += 1
        if text:
            yield Token("text", text, _line(source, position))
        position, trim = yield from _action(source, body)


def _line(source: str, position: int) -> int:
    return source.count("\n", 0, position) + 1


def _action(source: str, position: int) -> Generator[Token, None, tuple[int, bool]]:
    """Yields the tokens of one action; returns where the text goes on and whether it is trimmed."""
    line = _line(source, position)
    comment = _COMMENT.match(source, position + (len(source[position:]) - len(source[position:].lstrip())))
    if comment:
        rest = source[comment.end() :]
        for mark, trim in (("}}", False), (" -}}", True)):
            if rest.startswith(mark):
                end = comment.end() + len(mark)
                return end, trim
        raise TemplateError(f"template: output:{line}: comment ends before closing delimiter")
    yield Token("open", "{{", line)
    while True:
        if source.startswith("}}", position):
            yield Token("close", "}}", line)
            return position + 2, False
        if source.startswith(" -}}", position) or source.startswith("\n-}}", position):
            yield Token("close", "}}", line)
            return position + 4, True
        match = _TOKEN.match(source, position)
        if match is None:
            if position >= len(source):
                raise TemplateError(f"template: output:{line}: unclosed action")
            raise TemplateError(f"template: output:{line}: unexpected {source[position]!r} in command")
        position = match.end()
        kind = match.lastgroup or "sign"
        text = match.group()
        yield Token(text if kind in ("sign", "declare") else kind, text, line)


def unquote(literal: str) -> str:
    """The value of a Go string literal."""
    if literal.startswith("`"):
        return literal[1:-1]
    body = re.sub(r"\\x([0-9a-fA-F]{2})", r"\\u00\1", literal).replace(r"\a", r"\u0007").replace(r"\v", r"\u000b")
    try:
        return str(json.loads(body, strict=False))
    except ValueError as error:
        raise TemplateError(f"template: output:1: invalid string literal {literal}") from error
