"""Label selectors: the text form of queries and the structured form inside objects.

A selector is immutable. Parsing fails with `SelectorError`, worded as upstream words it.
May import: machinery.gotext, machinery.names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kajitori.machinery import names
from kajitori.machinery.gotext import quote

IN, NOT_IN, EQUALS, DOUBLE_EQUALS, NOT_EQUALS = "in", "notin", "=", "==", "!="
EXISTS, DOES_NOT_EXIST, GREATER, LESS = "exists", "!", "gt", "lt"

_TOKEN = re.compile(r"\s*(==|!=|[=!(),<>]|[^=!(),<>\s]+)")
_POSITIVE = frozenset({IN, EQUALS, DOUBLE_EQUALS})
_NEGATIVE = frozenset({NOT_IN, NOT_EQUALS})
_STRUCTURED = {"In": IN, "NotIn": NOT_IN, "Exists": EXISTS, "DoesNotExist": DOES_NOT_EXIST}
_OPERATOR_NAMES = "in, notin, =, ==, !=, gt, lt"


class SelectorError(ValueError):
    """The text or structure is no selector."""


@dataclass(frozen=True)
class Requirement:
    """One term. `operator` is one of this module's constants, whichever form it was written in."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """A missing label matches `!=` and `notin`, as upstream has it, but neither `gt` nor `lt`."""
        operator = self.operator
        if operator in _POSITIVE:
            return labels.get(self.key) in self.values
        if operator in _NEGATIVE:
            return labels.get(self.key) not in self.values
        if operator == EXISTS:
            return self.key in labels
        if operator == DOES_NOT_EXIST:
            return self.key not in labels
        return self._compares(labels.get(self.key))

    def _compares(self, value: str | None) -> bool:
        try:
            number, bound = int(value or ""), int(self.values[0])
        except ValueError:
            return False
        return number > bound if self.operator == GREATER else number < bound

    def __str__(self) -> str:
        if self.operator == EXISTS:
            return self.key
        if self.operator == DOES_NOT_EXIST:
            return "!" + self.key
        if self.operator in (IN, NOT_IN):
            return f"{self.key} {self.operator} ({','.join(self.values)})"
        sign = {GREATER: ">", LESS: "<"}.get(self.operator, self.operator)
        return f"{self.key}{sign}{self.values[0]}"


class Selector:
    """A conjunction of requirements; `requirements` is None for the selector that matches nothing."""

    __slots__ = ("requirements",)

    def __init__(self, requirements: Iterable[Requirement] | None) -> None:
        self.requirements = None if requirements is None else tuple(sorted(requirements, key=lambda r: r.key))

    @classmethod
    def everything(cls) -> Selector:
        """Matches all, labelled or not: what an empty selector means."""
        return _EVERYTHING

    @classmethod
    def nothing(cls) -> Selector:
        """Matches none: what an absent selector means in an object."""
        return _NOTHING

    @classmethod
    def parse(cls, text: str) -> Selector:
        """`a=b,c in (d,e),!f`; the empty text matches everything."""
        return cls(_Parser(text).requirements()) if text.strip() else _EVERYTHING

    @classmethod
    def from_labels(cls, labels: Mapping[str, str] | None) -> Selector:
        """A plain map, as Services and ReplicationControllers have it. Empty matches everything."""
        return cls(Requirement(key, EQUALS, (value,)) for key, value in (labels or {}).items())

    @classmethod
    def from_label_selector(cls, selector: Any) -> Selector:
        """A LabelSelector, wire dict or struct: absent matches nothing, empty matches everything."""
        if selector is None:
            return _NOTHING
        if isinstance(selector, Mapping):
            labels = selector.get("matchLabels") or {}
            expressions = [
                (e.get("key", ""), e.get("operator", ""), e.get("values") or ())
                for e in selector.get("matchExpressions") or ()
            ]
        else:
            labels = selector.match_labels
            expressions = [(e.key or "", e.operator or "", e.values) for e in selector.match_expressions]
        found = [Requirement(key, IN, (value,)) for key, value in labels.items()]
        for key, word, values in expressions:
            if word not in _STRUCTURED:
                raise SelectorError(f"{quote(word)} is not a valid label selector operator")
            found.append(_checked(key, _STRUCTURED[word], tuple(values)))
        return cls(found) if found else _EVERYTHING

    def matches(self, labels: Mapping[str, str] | None) -> bool:
        """Whether all requirements hold."""
        if self.requirements is None:
            return False
        if not self.requirements:
            return True
        known = labels or {}
        return all(requirement.matches(known) for requirement in self.requirements)

    @property
    def is_everything(self) -> bool:
        return self.requirements == ()

    def __str__(self) -> str:
        return ",".join(str(requirement) for requirement in self.requirements or ())

    def __repr__(self) -> str:
        return "Selector.nothing()" if self.requirements is None else f"Selector({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Selector) and other.requirements == self.requirements

    def __hash__(self) -> int:
        return hash(self.requirements)


_EVERYTHING = Selector(())
_NOTHING = Selector(None)


def format_labels(labels: Mapping[str, str] | None) -> str:
    """`a=b,c=d`, sorted, or `<none>`."""
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or "<none>"


def _checked(key: str, operator: str, values: tuple[str, ...]) -> Requirement:
    """A requirement with valid key and values, the values sorted; upstream's words if they are not."""
    wrong = names.is_qualified_name(key)
    if wrong:
        raise SelectorError(f"key: Invalid value: {quote(key)}: {'; '.join(wrong)}")
    if operator in (IN, NOT_IN) and not values:
        raise SelectorError("values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty")
    if operator in (EXISTS, DOES_NOT_EXIST) and values:
        raise SelectorError(
            "values: Invalid value: " + _listed(values) + ": values set must be empty for exists and does not exist"
        )
    if operator in (GREATER, LESS):
        try:
            int(values[0])
        except ValueError:
            raise SelectorError(
                f"values[0]: Invalid value: {quote(values[0])}: for 'Gt', 'Lt' operators, the value must be an integer"
            ) from None
    for index, value in enumerate(values):
        wrong = names.is_label_value(value)
        if wrong:
            raise SelectorError(f"values[{index}][{key}]: Invalid value: {quote(value)}: {'; '.join(wrong)}")
    return Requirement(key, operator, tuple(sorted(set(values))))


def _listed(values: tuple[str, ...]) -> str:
    return "[" + ",".join(quote(value) for value in values) + "]"


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        self._at = 0

    def requirements(self) -> list[Requirement]:
        found = []
        while True:
            found.append(self._requirement())
            word = self._take()
            if word == "":
                return found
            if word != ",":
                raise SelectorError(f"found '{word}', expected: ',' or 'end of string'")
            if self._peek() == "":
                raise SelectorError("found '', expected: identifier after ','")

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        word = self._peek()
        self._at += 1
        return word

    def _requirement(self) -> Requirement:
        negated = self._peek() == "!"
        if negated:
            self._take()
        key = self._take()
        if _is_sign(key):
            raise SelectorError(f"found '{key}', expected: !, identifier, or 'end of string'")
        wrong = names.is_qualified_name(key)
        if wrong:
            raise _unable(f"<nil>: Invalid value: {quote(key)}: {'; '.join(wrong)}")
        if self._peek() in ("", ","):
            return Requirement(key, DOES_NOT_EXIST if negated else EXISTS)
        if negated:
            raise _unable(f"found '{self._peek()}', expected: ',' or 'end of string'")
        return self._comparison(key)

    def _comparison(self, key: str) -> Requirement:
        word = self._take()
        try:
            if word in (EQUALS, DOUBLE_EQUALS, NOT_EQUALS):
                return _checked(key, word, (self._value(),))
            if word in (">", "<"):
                return _checked(key, GREATER if word == ">" else LESS, (self._value(),))
            if word in (IN, NOT_IN):
                return _checked(key, word, self._values())
        except SelectorError as error:
            raise error if str(error).startswith("unable") else _unable(str(error)) from None
        raise _unable(f"found '{word}', expected: {_OPERATOR_NAMES}")

    def _value(self) -> str:
        if self._peek() in ("", ","):
            return ""
        word = self._take()
        if _is_sign(word):
            raise _unable(f"found '{word}', expected: identifier")
        return word

    def _values(self) -> tuple[str, ...]:
        word = self._take()
        if word != "(":
            raise _unable(f"found '{word}', expected: '('")
        values: list[str] = []
        expecting = True
        while True:
            word = self._take()
            if word == ")":
                return (*values, "") if expecting else tuple(values)
            if word == ",":
                if expecting:
                    values.append("")
                expecting = True
            elif word == "" or _is_sign(word) or not expecting:
                raise _unable(f"found '{word}', expected: ',', ')' or identifier")
            else:
                values.append(word)
                expecting = False


def _is_sign(word: str) -> bool:
    return word == "" or word[0] in "=!(),<>"


def _unable(why: str) -> SelectorError:
    return SelectorError(f"unable to parse requirement: {why}")
