"""Parses the tokens of a Go template into the tree of gotree.py. Pure.

Grammar: text/template's. May import: kubectl.templates.{golex,gotree}, machinery.gotext.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

from kajitori.kubectl.templates.golex import TemplateError, Token, malformed, tokens, unquote
from kajitori.kubectl.templates.gotree import Action, Branch, Call, Jump, Operand, Pipe, Text
from kajitori.machinery.gotext import quote

_OPERANDS = frozenset({"bool", "char", ".", "field", "ident", "number", "string", "variable", "("})


class Parser:
    """Recursive descent over the token stream; `templates` collects what ``define`` and ``block`` name.

    What is wrong is told in the words and the order of text/template, which checks functions and variables, too.
    """

    def __init__(self, source: str, functions: Container[str]) -> None:
        self._tokens: Iterator[Token] = tokens(source)
        self._ahead: list[Token] = []
        self._line = 1
        self._functions = functions
        self._variables = ["$"]
        self._ranges = 0
        self.templates: dict[str, list[Any]] = {}

    def parse(self) -> list[Any]:
        """The whole template's nodes; raises `TemplateError`."""
        nodes, end = self._body(top=True)
        if end:
            raise self._wrong(f"unexpected {{{{{end}}}}}")
        return nodes

    # tokens

    def _next(self) -> Token:
        token = self._ahead.pop() if self._ahead else next(self._tokens, None)
        if token is None:
            return Token("EOF", "EOF", self._line)
        self._line = token.line
        return token

    def _next_word(self) -> Token:
        """The next token that is not white space."""
        while (token := self._next()).kind == "space":
            continue
        return token

    def _back(self, *read: Token) -> None:
        self._ahead.extend(reversed(read))

    def _peek_word(self) -> Token:
        token = self._next_word()
        self._back(token)
        return token

    def _wrong(self, why: str) -> TemplateError:
        return malformed(self._line, why)

    def _unexpected(self, token: Token, context: str) -> TemplateError:
        return self._wrong(f"unexpected {'EOF' if token.kind == 'EOF' else token} in {context}")

    def _close(self, context: str) -> None:
        token = self._next_word()
        if token.kind != "close":
            raise self._unexpected(token, context)

    # statements

    def _body(self, *, top: bool = False) -> tuple[list[Any], str]:
        """Nodes up to ``end`` or ``else``; returns them with the word that ended them."""
        nodes: list[Any] = []
        while (token := self._next()).kind != "EOF":
            if token.kind == "text":
                nodes.append(Text(token.text))
                continue
            word = self._next_word()
            if word.kind == "keyword" and word.text in ("end", "else"):
                if word.text == "end" or self._peek_word().text not in ("if", "with"):
                    self._close(word.text)
                return nodes, word.text
            node = self._statement(word, top=top)
            if node is not None:
                nodes.append(node)
        if not top:
            raise self._wrong("unexpected EOF")
        return nodes, ""

    def _statement(self, word: Token, *, top: bool) -> Any:
        if word.kind == "keyword":
            match word.text:
                case "if" | "with" | "range":
                    return self._branch(word.text)
                case "define" if top:
                    return self._define()
                case "block":
                    return self._block()
                case "template":
                    return self._template()
                case "break" | "continue":
                    return self._jump(word.text)
        self._back(word)
        return Action(self._pipe("command"))

    def _branch(self, keyword: str) -> Branch:
        known = len(self._variables)
        pipe = self._pipe(keyword)
        self._ranges += keyword == "range"
        body, end = self._body()
        self._ranges -= keyword == "range"
        otherwise: list[Any] = []
        if end == "else":
            nested = self._peek_word()
            if nested.kind == "keyword" and nested.text == keyword != "range":
                self._next_word()
                otherwise = [self._branch(keyword)]
            else:
                otherwise, end = self._body()
                if end != "end":
                    raise self._wrong("expected end; found {{else}}")
        del self._variables[known:]
        return Branch(keyword, pipe, body, otherwise)

    def _define(self) -> None:
        name = self._name("define clause")
        self._close("define clause")
        self._named(name, "define clause")

    def _block(self) -> Call:
        name = self._name("block clause")
        pipe = self._pipe("block clause")
        self._named(name, "block clause")
        return Call(name, pipe)

    def _named(self, name: str, context: str) -> None:
        """A body that knows none of the variables around it."""
        around, self._variables = self._variables, ["$"]
        ranges, self._ranges = self._ranges, 0
        self.templates[name], end = self._body()
        self._variables, self._ranges = around, ranges
        if end != "end":
            raise self._wrong(f"unexpected {{{{{end}}}}} in {context}")

    def _template(self) -> Call:
        name = self._name("template clause")
        if self._peek_word().kind == "close":
            self._next_word()
            return Call(name, None)
        return Call(name, self._pipe("template clause"))

    def _name(self, context: str) -> str:
        token = self._next_word()
        if token.kind != "string":
            raise self._unexpected(token, context)
        return unquote(token.text)

    def _jump(self, keyword: str) -> Jump:
        self._close(f"{{{{{keyword}}}}}")
        if not self._ranges:
            raise self._wrong(f"{{{{{keyword}}}}} outside {{{{range}}}}")
        return Jump(keyword)

    # pipes

    def _pipe(self, context: str, end: str = "close") -> Pipe:
        pipe = Pipe([])
        self._declarations(pipe, context)
        while (token := self._next_word()).kind != end:
            if token.kind not in _OPERANDS and token.text != "nil":
                raise self._unexpected(token, context)
            self._back(token)
            pipe.commands.append(self._command(pipe))
        if not pipe.commands:
            raise self._wrong(f"missing value for {context}")
        for stage, (first, *_) in enumerate(pipe.commands[1:], 2):
            if first.kind in ("literal", "nil") or (first.kind == "dot" and not first.fields):
                raise self._wrong(f"non executable command in pipeline stage {stage}")
        return pipe

    def _declarations(self, pipe: Pipe, context: str) -> None:
        """``$x :=``, ``$x =`` or, for range, ``$i, $x :=`` before the commands."""
        while (name := self._peek_word()).kind == "variable":
            self._next_word()
            after = self._next()
            sign = after if after.kind != "space" else self._next_word()
            if sign.kind not in (":=", "=") and sign.text != ",":
                self._back(*([name, after, sign] if sign is not after else [name, after]))
                return
            pipe.variables.append(name.text)
            self._variables.append(name.text)
            if sign.text != ",":
                pipe.declares = sign.kind == ":="
                return
            if context != "range" or len(pipe.variables) > 1:
                raise self._wrong(f"too many declarations in {context}")
            if self._peek_word().kind not in ("variable", "close", ")"):
                raise self._wrong("range can only initialize variables")

    def _command(self, pipe: Pipe) -> list[Operand]:
        """Operands up to the command's end, which is left to be read unless it is a ``|``."""
        words: list[Operand] = []
        while True:
            token = self._next_word()
            if token.kind in _OPERANDS or token.text == "nil":
                pipe.source += (" " if pipe.source else "") + token.text
                words.append(self._operand(token))
                token = self._next()
            if token.kind == "space":
                continue
            if token.kind in ("close", ")"):
                self._back(token)
            elif token.kind != "|":
                raise self._unexpected(token, "operand")
            if not words:
                raise self._wrong("empty command")
            return words

    def _operand(self, token: Token) -> Operand:
        operand = self._term(token)
        while (following := self._next()).kind == "field":
            if operand.kind in ("literal", "nil") or (operand.kind == "dot" and not operand.fields):
                raise self._wrong(f"unexpected . after term {quote(token.text)}")
            operand.fields.append(following.text[1:])
        self._back(following)
        return operand

    def _term(self, token: Token) -> Operand:
        match token.kind:
            case "field":
                return Operand("dot", None, [token.text[1:]])
            case ".":
                return Operand("dot", token.text)
            case "variable":
                if token.text not in self._variables:
                    raise self._wrong(f"undefined variable {quote(token.text)}")
                return Operand("variable", token.text)
            case "string":
                return Operand("literal", unquote(token.text))
            case "number":
                return Operand("literal", _number(token.text))
            case "char":
                return Operand("literal", self._character(token.text))
            case "bool":
                return Operand("literal", token.text == "true")
            case "keyword":
                return Operand("nil", None)
            case "(":
                return Operand("pipe", self._pipe("parenthesized pipeline", ")"))
        if token.text not in self._functions:
            raise self._wrong(f"function {quote(token.text)} not defined")
        return Operand("function", token.text)

    def _character(self, literal: str) -> int:
        inner = literal[1:-1]
        text = unquote('"' + (inner.replace("\\'", "'") if inner != '"' else '\\"') + '"')
        if len(text) != 1:
            raise self._wrong(f"malformed character constant: {literal}")
        return ord(text)


def _number(text: str) -> int | float:
    try:
        return int(text, 0)
    except ValueError:
        return float(text)
