"""Cuts a Go template into text and action tokens. Pure. May import: machinery.gotext.

Follows the grammar of Go's text/template: ``{{`` … ``}}`` with the trim markers ``{{-`` and ``-}}``, comments, strings
in double quotes and backquotes, characters, numbers, fields, variables, identifiers and pipes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from kajitori.machinery.gotext import quote


class TemplateError(ValueError):
    """The template is not well formed, or fails on the data. The text is what users see after ``error:``."""


@dataclass(frozen=True)
class Token:
    """One word of an action, or a stretch of text between actions."""

    kind: (
        str  # text, open, close, space, field, variable, ident, keyword, bool, string, number, char, sign, ( ) | . := =
    )
    text: str
    line: int

    def __str__(self) -> str:
        """As Go shows it in a message: keywords and the dot stand in angle brackets, long words are cut."""
        if self.kind in ("keyword", "."):
            return f"<{self.text}>"
        return quote(self.text) if len(self.text) <= 10 else f"{quote(self.text[:10])}..."


KEYWORDS = frozenset({"block", "break", "continue", "define", "else", "end", "if", "nil", "range", "template", "with"})
_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<string>"(?:\\.|[^"\\\n])*"|`[^`]*`)
    |(?P<char>'(?:\\.|[^'\\\n])*')
    |(?P<unfinished>["`'])
    |(?P<number>[+-]?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)(?P<rest>\w?))
    |(?P<field>\.[^\W\d]\w*)
    |(?P<variable>\$\w*)
    |(?P<ident>[^\W\d]\w*)
    |(?P<declare>:=)
    |(?P<mark>[()|=.])
    |(?P<sign>[!-~])""",
    re.VERBOSE,
)
_UNFINISHED = {
    '"': "unterminated quoted string",
    "`": "unterminated raw quoted string",
    "'": "unterminated character constant",
}
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
    start = position + len(source[position:]) - len(source[position:].lstrip())
    if source.startswith("/*", start):
        return _comment(source, start, line)
    yield Token("open", "{{", line)
    depth = 0
    while True:
        trims = source.startswith(" -}}", position) or source.startswith("\n-}}", position)
        if trims or source.startswith("}}", position):
            if depth:
                raise malformed(line, "unclosed left paren")
            yield Token("close", "}}", line)
            return position + (4 if trims else 2), trims
        token, position = _token(source, position)
        line = token.line
        depth += (token.kind == "(") - (token.kind == ")")
        if depth < 0:
            raise malformed(line, "unexpected right paren")
        yield token


def _comment(source: str, start: int, line: int) -> tuple[int, bool]:
    comment = _COMMENT.match(source, start)
    if comment is None:
        raise malformed(line, "unclosed comment")
    for mark, trims in (("}}", False), (" -}}", True)):
        if source.startswith(mark, comment.end()):
            return comment.end() + len(mark), trims
    raise malformed(line, "comment ends before closing delimiter")


def _token(source: str, position: int) -> tuple[Token, int]:
    """The token that begins here, and where it ends."""
    line = _line(source, position)
    match = _TOKEN.match(source, position)
    if match is None:
        if position >= len(source):
            raise malformed(line, "unclosed action")
        letter = source[position]
        raise malformed(line, f"unrecognized character in action: U+{ord(letter):04X} '{letter}'")
    kind, text = match.lastgroup or "", match.group()
    if kind == "unfinished":
        raise malformed(line, _UNFINISHED[text])
    if match["rest"]:
        raise malformed(line, f"bad number syntax: {quote(text)}")
    if kind == "rest":
        kind = "number"
    elif kind in ("mark", "declare"):
        kind = text
    elif kind == "ident" and text in ("true", "false"):
        kind = "bool"
    elif kind == "ident" and text in KEYWORDS:
        kind = "keyword"
    return Token(kind, text, line), match.end()


def malformed(line: int, why: str) -> TemplateError:
    """The error of a template that cannot be read."""
    return TemplateError(f"template: output:{line}: {why}")


def unquote(literal: str) -> str:
    """The value of a Go string literal."""
    if literal.startswith("`"):
        return literal[1:-1]
    body = re.sub(r"\\x([0-9a-fA-F]{2})", r"\\u00\1", literal).replace(r"\a", r"\u0007").replace(r"\v", r"\u000b")
    try:
        return str(json.loads(body, strict=False))
    except ValueError as error:
        raise TemplateError(f"template: output:1: invalid string literal {literal}") from error
