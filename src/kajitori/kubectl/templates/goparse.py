"""Parses the tokens of a Go template into a small tree that gotemplate.py walks. Pure.

Grammar: text/template's. May import: kubectl.templates.golex.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kajitori.kubectl.templates.golex import TemplateError, Token, tokens, unquote


@dataclass
class Text:
    """What stands between actions, trimmed where `{{-` asks for it."""

    text: str


@dataclass
class Operand:
    """What a command's word stands for: dot, field, variable, literal, function, parenthesised pipe, nil."""

    kind: str
    value: Any
    fields: list[str] = field(default_factory=list)


@dataclass
class Pipe:
    """Commands, each fed the last one's result; optionally assigned to variables."""

    commands: list[list[Operand]]
    variables: list[str] = field(default_factory=list)
    declares: bool = True
    source: str = ""


@dataclass
class Action:
    """A pipe whose value is printed."""

    pipe: Pipe


@dataclass
class Branch:
    """``if``, ``with`` or ``range``."""

    keyword: str
    pipe: Pipe
    body: list[Any]
    otherwise: list[Any]


@dataclass
class Call:
    """``template "name" pipe``."""

    name: str
    pipe: Pipe | None


@dataclass
class Jump:
    """``break`` or ``continue``."""

    keyword: str


class Parser:
    """Recursive descent over the token stream; `templates` collects what ``define`` and ``block`` name."""

    def __init__(self, source: str) -> None:
        self._tokens: Iterator[Token] = tokens(source)
        self._ahead: list[Token] = []
        self.templates: dict[str, list[Any]] = {}

    def parse(self) -> list[Any]:
        """The whole template's nodes; raises `TemplateError`."""
        body, end = self._body(top=True)
        if end:
            raise TemplateError(f"template: output:1: unexpected {{{{{end}}}}}")
        return body

    def _next(self) -> Token | None:
        return self._ahead.pop() if self._ahead else next(self._tokens, None)

    def _next_word(self) -> Token:
        """The next token that is not white space; the action must not end early."""
        token = self._next()
        while token and token.kind == "space":
            token = self._next()
        if token is None:
            raise TemplateError("template: output:1: unclosed action")
        return token

    def _peek_word(self) -> Token:
        token = self._next_word()
        self._ahead.append(token)
        return token

    def _body(self, *, top: bool = False) -> tuple[list[Any], str]:
        """Nodes up to ``end`` or ``else``; returns them with the word that ended them."""
        nodes: list[Any] = []
        while (token := self._next()) is not None:
            if token.kind == "text":
                nodes.append(Text(token.text))
                continue
            word = self._peek_word()
            if word.kind == "ident" and word.text in ("end", "else"):
                self._next_word()
                if word.text == "end":
                    self._close()
                return nodes, word.text
            node = self._statement(word)
            if node is not None:
                nodes.append(node)
        if not top:
            raise TemplateError("template: output:1: unexpected EOF")
        return nodes, ""

    def _close(self) -> None:
        token = self._next_word()
        if token.kind != "close":
            raise TemplateError(f"template: output:{token.line}: unexpected {token.text!r} in end")

    def _statement(self, word: Token) -> Any:
        if word.kind == "ident":
            match word.text:
                case "if" | "with" | "range":
                    self._next_word()
                    return self._branch(word.text)
                case "define" | "block":
                    self._next_word()
                    return self._define(word.text)
                case "template":
                    self._next_word()
                    name = unquote(self._next_word().text)
                    pipe = None if self._peek_word().kind == "close" else self._pipe()
                    if pipe is None:
                        self._close()
                    return Call(name, pipe)
                case "break" | "continue":
                    self._next_word()
                    self._close()
                    return Jump(word.text)
        return Action(self._pipe())

    def _branch(self, keyword: str) -> Branch:
        pipe = self._pipe()
        body, end = self._body()
        otherwise: list[Any] = []
        if end == "else":
            nested = self._peek_word()
            if nested.kind == "ident" and nested.text in ("if", "with"):
                self._next_word()
                otherwise = [self._branch(nested.text)]
            else:
                self._close()
                otherwise, end = self._body()
                if end != "end":
                    raise TemplateError("template: output:1: expected end; found {{else}}")
        return Branch(keyword, pipe, body, otherwise)

    def _define(self, keyword: str) -> Call | None:
        name = unquote(self._next_word().text)
        pipe = self._pipe() if keyword == "block" else None
        if keyword == "define":
            self._close()
        self.templates[name], _ = self._body()
        return Call(name, pipe) if keyword == "block" else None

    def _pipe(self, end: str = "close") -> Pipe:
        pipe = Pipe([])
        self._declaration(pipe)
        command: list[Operand] = []
        while True:
            token = self._next_word()
            if token.kind in (end, "|"):
                if not command:
                    raise TemplateError(f"template: output:{token.line}: missing value for command")
                pipe.commands.append(command)
                if token.kind == end:
                    return pipe
                command = []
            else:
                pipe.source += (" " if pipe.source else "") + token.text
                command.append(self._operand(token))

    def _declaration(self, pipe: Pipe) -> None:
        """``$x :=``, ``$x =`` or ``$i, $x :=`` before the commands."""
        seen: list[Token] = []
        while True:
            token = self._next_word()
            seen.append(token)
            if token.kind == "variable" and len(token.text) > 1:
                sign = self._next_word()
                seen.append(sign)
                if sign.kind == ",":
                    pipe.variables.append(token.text)
                    continue
                if sign.kind in (":=", "="):
                    pipe.variables.append(token.text)
                    pipe.declares = sign.kind == ":="
                    return
            pipe.variables.clear()
            self._ahead.extend(reversed(seen))
            return

    def _operand(self, token: Token) -> Operand:
        match token.kind:
            case "field":
                operand = Operand("dot", None, [token.text[1:]])
            case "." | "variable":
                operand = Operand("dot" if token.kind == "." else "variable", token.text)
            case "string":
                operand = Operand("literal", unquote(token.text))
            case "number":
                operand = Operand("literal", _number(token.text))
            case "char":
                operand = Operand("literal", ord(unquote('"' + token.text[1:-1] + '"')))
            case "ident" if token.text in ("true", "false"):
                operand = Operand("literal", token.text == "true")
            case "ident":
                operand = Operand("nil", None) if token.text == "nil" else Operand("function", token.text)
            case "(":
                operand = Operand("pipe", self._pipe(")"))
            case _:
                raise TemplateError(f"template: output:{token.line}: unexpected {token.text!r} in operand")
        while (following := self._next()) is not None:
            if following.kind != "field":
                self._ahead.append(following)
                break
            operand.fields.append(following.text[1:])
        return operand


def _number(text: str) -> int | float:
    try:
        return int(text, 0)
    except ValueError:
        return float(text)
