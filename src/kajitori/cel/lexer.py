"""Tokens of an expression. May import: cel.errors, cel.values."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from kajitori.cel.errors import CompileError, Issue

_TOKEN = re.compile(
    r"""(?P<space>[\s]+|//[^\n]*)
      | (?P<float>(?:[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?))
      | (?P<uint>(?:0x[0-9a-fA-F]+|[0-9]+)[uU])
      | (?P<int>0x[0-9a-fA-F]+|[0-9]+)
      | (?P<string>(?P<prefix>[bB][rR]?|[rR][bB]?)?
          (?:\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''|"(?:\\.|[^\\"\n\r])*"|'(?:\\.|[^\\'\n\r])*'))
      | (?P<raw>[rR](?:\"\"\".*?\"\"\"|'''.*?'''|"[^"\n\r]*"|'[^'\n\r]*'))
      | (?P<ident>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<quoted>`[A-Za-z0-9_.\-/ ]+`)
      | (?P<op>\[\?|\.\?|&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]{}])
    """,
    re.X | re.S,
)
RESERVED = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "false",
        "for",
        "function",
        "if",
        "import",
        "in",
        "let",
        "loop",
        "package",
        "namespace",
        "null",
        "return",
        "true",
        "var",
        "void",
        "while",
    ]
)
LITERALS = frozenset({"true", "false", "null", "in"})


class Token(NamedTuple):
    """`kind` is int, uint, float, string, bytes, ident, op or end; `value` is decoded."""

    kind: str
    value: Any
    offset: int
    text: str


def tokens(expression: str) -> list[Token]:
    """All tokens and an end. Raises CompileError."""
    found: list[Token] = []
    position = 0
    while position < len(expression):
        match = _raw_string(expression, position) or _TOKEN.match(expression, position)
        if match is None:
            char = expression[position]
            raise CompileError(expression, [Issue(position, f"Syntax error: token recognition error at: '{char}'")])
        token = _token(expression, match)
        if token is not None:
            found.append(token)
        position = match.end()
    found.append(Token("end", None, len(expression), "<EOF>"))
    return found


_RAW = re.compile(r"""(?P<raw>(?:[rR][bB]?|[bB][rR])(?:\"\"\".*?\"\"\"|'''.*?'''|"[^"\n\r]*"|'[^'\n\r]*'))""", re.S)


def _raw_string(expression: str, position: int) -> re.Match[str] | None:
    return _RAW.match(expression, position) if expression[position] in "rRbB" else None


def _token(expression: str, match: re.Match[str]) -> Token | None:
    kind, text, offset = match.lastgroup, match.group(), match.start()
    groups = match.groupdict()
    if groups.get("space") is not None:
        return None
    if groups.get("raw") is not None:
        body = text.lstrip("rRbB")
        value: Any = _unquoted(body)
        is_bytes = "b" in text[: len(text) - len(body)].lower()
        return Token("bytes" if is_bytes else "string", value.encode() if is_bytes else value, offset, text)
    if groups.get("string") is not None:
        return _string(expression, text, offset)
    if kind == "float":
        return Token("float", float(text), offset, text)
    if kind == "uint":
        return Token("uint", int(text[:-1], 0 if text.startswith("0x") else 10), offset, text)
    if kind == "int":
        return Token("int", int(text, 0 if text.startswith("0x") else 10), offset, text)
    if kind == "quoted":
        return Token("ident", text[1:-1], offset, text)
    return Token(str(kind), text, offset, text)


def _unquoted(body: str) -> str:
    quote = 3 if body[:3] in ('"""', "'''") and len(body) >= 6 else 1
    return body[quote:-quote]


_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\'\"`?])|x([0-9a-fA-F]{2})|X([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))",
    re.S,
)
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def _string(expression: str, text: str, offset: int) -> Token:
    body = text.lstrip("bB") if text[0] in "bB" else text
    is_bytes = len(body) != len(text)
    out = bytearray()

    def one(match: re.Match[str]) -> str:
        simple, *codes, octal, bad = match.groups()
        if bad is not None:
            raise CompileError(expression, [Issue(offset, f"Syntax error: token recognition error at: '{text}'")])
        if simple is not None:
            return _SIMPLE.get(simple, simple)
        digits = next((code for code in codes if code is not None), None)
        return chr(int(digits, 16) if digits is not None else int(octal, 8))

    if not is_bytes:
        return Token("string", _ESCAPE.sub(one, _unquoted(body)), offset, text)
    inner, position = _unquoted(body), 0
    while position < len(inner):
        match = _ESCAPE.match(inner, position)
        if match is None:
            out += inner[position].encode()
            position += 1
            continue
        char = one(match)
        narrow = match.group(2) or match.group(3) or match.group(6)
        out += bytes([ord(char)]) if narrow else char.encode()
        position = match.end()
    return Token("bytes", bytes(out), offset, text)
