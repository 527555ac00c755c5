"""Runs Go templates over JSON data, as ``kubectl get -o go-template`` does.

Promises what text/template does with decoded JSON: missing keys print ``<no value>``, maps print ``map[k:v]`` in key
order, whole numbers have no decimals. May import: kubectl.templates.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kajitori.kubectl.templates.gofuncs import FUNCTIONS, MISSING, show, truth
from kajitori.kubectl.templates.golex import TemplateError
from kajitori.kubectl.templates.goparse import Parser
from kajitori.kubectl.templates.gotree import Action, Branch, Call, Jump, Operand, Pipe, Text

MAX_DEPTH = 100


class _Break(Exception):
    pass


class _Continue(Exception):
    pass


class Template:
    """A parsed template. Raises TemplateError where it is malformed."""

    def __init__(self, source: str, *, missing_is_error: bool = False) -> None:
        parser = Parser(source, FUNCTIONS.keys() | {"and", "or"})
        self._strict = missing_is_error
        self._root = parser.parse()
        self._templates = parser.templates

    def render(self, data: Any) -> str:
        """The output for one value. Raises TemplateError where the data does not fit."""
        out: list[str] = []
        _Run(self._templates, out, strict=self._strict).walk(self._root, data, [{"$": data}], 0)
        return "".join(out)


class _Run:
    """One execution: the output so far and the named templates. Scopes are dictionaries, innermost last."""

    def __init__(self, templates: dict[str, list[Any]], out: list[str], *, strict: bool = False) -> None:
        self._strict = strict
        self._templates = templates
        self._out = out

    def walk(self, nodes: list[Any], dot: Any, scopes: list[dict[str, Any]], depth: int) -> None:
        for node in nodes:
            match node:
                case Text():
                    self._out.append(node.text)
                case Action():
                    value = self._pipe(node.pipe, dot, scopes)
                    if not node.pipe.variables:
                        self._out.append(show(value))
                case Branch(keyword="range"):
                    self._range(node, dot, scopes, depth)
                case Branch():
                    self._branch(node, dot, scopes, depth)
                case Call():
                    self._call(node, dot, scopes, depth)
                case Jump():
                    raise _Break if node.keyword == "break" else _Continue

    def _branch(self, node: Branch, dot: Any, scopes: list[dict[str, Any]], depth: int) -> None:
        inner = [*scopes, {}]
        value = self._pipe(node.pipe, dot, inner)
        if truth(value):
            self.walk(node.body, value if node.keyword == "with" else dot, inner, depth)
        else:
            self.walk(node.otherwise, dot, inner, depth)

    def _range(self, node: Branch, dot: Any, scopes: list[dict[str, Any]], depth: int) -> None:
        outer = [*scopes, {}]
        variables, declares = node.pipe.variables, node.pipe.declares
        value = self._pipe(node.pipe, dot, outer)
        empty = True
        for key, item in _elements(value, node.pipe.source):
            empty = False
            inner = [*outer, {}]
            if variables:
                pairs = [(variables[-1], item)] + ([(variables[0], key)] if len(variables) > 1 else [])
                for name, bound in pairs:
                    _bind(name, bound, inner, declares=declares)
            try:
                self.walk(node.body, item, inner, depth)
            except _Break:
                break
            except _Continue:
                continue
        if empty:
            self.walk(node.otherwise, dot, outer, depth)

    def _call(self, node: Call, dot: Any, scopes: list[dict[str, Any]], depth: int) -> None:
        if node.name not in self._templates:
            raise TemplateError(f'template: output:1: template "{node.name}" not defined')
        if depth >= MAX_DEPTH:
            raise TemplateError("template: output:1: exceeded maximum template depth (100)")
        value = self._pipe(node.pipe, dot, scopes) if node.pipe else None
        self.walk(self._templates[node.name], value, [{"$": value}], depth + 1)

    def _pipe(self, pipe: Pipe, dot: Any, scopes: list[dict[str, Any]]) -> Any:
        value: Any = MISSING
        for position, command in enumerate(pipe.commands):
            final = [] if position == 0 else [value]
            value = self._command(command, dot, scopes, final)
        for name in pipe.variables:
            _bind(name, value, scopes, declares=pipe.declares)
        return value

    def _command(self, words: list[Operand], dot: Any, scopes: list[dict[str, Any]], final: list[Any]) -> Any:
        first = words[0]
        if first.kind == "nil":
            raise TemplateError("template: output:1: nil is not a command")
        if first.kind != "function":
            if len(words) > 1 or final:
                raise TemplateError(f"template: output:1: can't give argument to non-function {_word(first)}")
            return self._value(first, dot, scopes)
        arguments: Iterator[Any] = (self._value(word, dot, scopes) for word in words[1:])
        if first.value in ("and", "or"):
            return _short_circuit(first.value, arguments, final)
        try:
            result = FUNCTIONS[first.value](*arguments, *final)
        except TypeError as error:
            raise TemplateError(f"template: output:1: error calling {first.value}: {error}") from error
        return _fields(result, first.fields, strict=self._strict)

    def _value(self, word: Operand, dot: Any, scopes: list[dict[str, Any]]) -> Any:
        match word.kind:
            case "dot":
                return _fields(dot, word.fields, strict=self._strict)
            case "variable":
                return _fields(_lookup(word.value, scopes), word.fields, strict=self._strict)
            case "pipe":
                return _fields(self._pipe(word.value, dot, scopes), word.fields, strict=self._strict)
            case "function":
                return self._command([word], dot, scopes, [])
        return word.value


def _word(operand: Operand) -> str:
    return "".join(f".{name}" for name in operand.fields) or str(operand.value)


def _fields(value: Any, names: list[str], *, strict: bool = False) -> Any:
    for name in names:
        if value is MISSING:
            return MISSING
        if value is None:
            raise TemplateError(f"template: output:1: nil pointer evaluating interface {{}}.{name}")
        if not isinstance(value, dict):
            raise TemplateError(f"template: output:1: can't evaluate field {name} in type interface {{}}")
        if strict and name not in value:
            raise TemplateError(f'template: output:1: map has no entry for key "{name}"')
        value = value.get(name, MISSING)
    return value


def _lookup(name: str, scopes: list[dict[str, Any]]) -> Any:
    for scope in reversed(scopes):
        if name in scope:
            return scope[name]
    raise AssertionError(f"the parser let {name} pass")


def _bind(name: str, value: Any, scopes: list[dict[str, Any]], *, declares: bool) -> None:
    if declares:
        scopes[-1][name] = value
        return
    for scope in reversed(scopes):
        if name in scope:
            scope[name] = value
            return
    raise TemplateError(f"template: output:1: undefined variable: {name}")


def _elements(value: Any, source: str) -> Iterator[tuple[Any, Any]]:
    """What ``range`` goes through: list items by index, map values in key order, whole numbers from zero."""
    if value is MISSING or value is None:
        return iter(())
    if isinstance(value, list):
        return enumerate(value)
    if isinstance(value, dict):
        return iter(sorted(value.items()))
    if isinstance(value, int) and not isinstance(value, bool):
        return ((number, number) for number in range(value))
    raise TemplateError(
        f'template: output:1: executing "output" at <{source}>: range can\'t iterate over {show(value)}'
    )


def _short_circuit(name: str, arguments: Iterator[Any], final: list[Any]) -> Any:
    value: Any = MISSING
    for value in (*arguments, *final):
        if truth(value) == (name == "or"):
            return value
    return value
