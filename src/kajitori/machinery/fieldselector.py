"""Field selectors: `metadata.name=x,status.phase!=Running`. Which fields a kind offers, the kind says.

May import: machinery.gotext.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class FieldSelectorError(ValueError):
    """The text is no field selector."""


@dataclass(frozen=True)
class FieldRequirement:
    """One term: the field as written (`spec.nodeName`), and the value without escapes."""

    field: str
    operator: str  # "=" or "!="; "==" is read as "="
    value: str

    def __str__(self) -> str:
        return f"{self.field}{self.operator}{_escape(self.value)}"


class FieldSelector:
    """A conjunction of comparisons. Immutable."""

    __slots__ = ("requirements",)

    def __init__(self, requirements: tuple[FieldRequirement, ...] = ()) -> None:
        self.requirements = requirements

    @classmethod
    def parse(cls, text: str) -> FieldSelector:
        """Empty terms are passed over, as upstream does. Raises for a term without an operator."""
        terms = [term for term in _split(text) if term]
        return cls(tuple(_requirement(term, text) for term in terms))

    @classmethod
    def everything(cls) -> FieldSelector:
        return cls()

    def matches(self, fields: Mapping[str, str]) -> bool:
        """A field that an object lacks reads as the empty text."""
        return all((fields.get(r.field, "") == r.value) == (r.operator == "=") for r in self.requirements)

    def exact(self, field: str) -> str | None:
        """The value that a field must have, if the selector demands one."""
        return next((r.value for r in self.requirements if r.field == field and r.operator == "="), None)

    @property
    def is_everything(self) -> bool:
        return not self.requirements

    def __str__(self) -> str:
        return ",".join(str(requirement) for requirement in self.requirements)

    def __repr__(self) -> str:
        return f"FieldSelector({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FieldSelector) and other.requirements == self.requirements

    def __hash__(self) -> int:
        return hash(self.requirements)


def _requirement(term: str, text: str) -> FieldRequirement:
    for position, char in enumerate(term):
        if char == "=":
            width = 2 if term.startswith("==", position) else 1
            return FieldRequirement(term[:position], "=", _unescape(term[position + width :]))
        if term.startswith("!=", position):
            return FieldRequirement(term[:position], "!=", _unescape(term[position + 2 :]))
    raise FieldSelectorError(f"invalid selector: '{text}'; can't understand '{term}'")


def _split(text: str) -> list[str]:
    """At commas that no backslash protects."""
    terms, start, escaped = [], 0, False
    for position, char in enumerate(text):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == ",":
            terms.append(text[start:position])
            start = position + 1
    return [*terms, text[start:]]


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=")


def _unescape(value: str) -> str:
    if "\\" not in value:
        if "=" in value or "," in value:
            bad = next(char for char in value if char in "=,")
            raise FieldSelectorError(f"invalid field selector: unescaped character in value: {_rune(bad)}")
        return value
    result, escaped = [], False
    for char in value:
        if escaped:
            if char not in "\\,=":
                raise FieldSelectorError(f"invalid field selector: invalid escape sequence: \\{char}")
            result.append(char)
            escaped = False
        elif char == "\\":
            escaped = True
        elif char in ",=":
            raise FieldSelectorError(f"invalid field selector: unescaped character in value: {_rune(char)}")
        else:
            result.append(char)
    if escaped:
        raise FieldSelectorError("invalid field selector: invalid escape sequence: \\")
    return "".join(result)


def _rune(char: str) -> str:
    return str(ord(char))
