"""Where in an object something is wrong, and what: field paths and the errors that validation collects.

`FieldError` prints as upstream does, for instance
`spec.replicas: Invalid value: -1: must be greater than or equal to 0`.

May import: machinery.gotext.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from kajitori.machinery.gotext import quote, render


class Path:
    """An immutable path to a field: `Path("spec", "containers").index(0).child("name")`.

    Validation makes many and prints few, so the text is put together when somebody asks for it.
    """

    __slots__ = ("_names",)

    def __init__(self, *names: str) -> None:
        self._names = names

    def child(self, *names: str) -> Path:
        """The path of a field below, `a.b`; several names go down several levels."""
        return _Child(self, names)

    def index(self, position: int) -> Path:
        """The path of a list item, `a[0]`."""
        return _Item(self, position)

    def key(self, key: str) -> Path:
        """The path of a map entry, `a[key]`."""
        return _Item(self, key)

    def __str__(self) -> str:
        return ".".join(self._names)

    def __repr__(self) -> str:
        return f"Path({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Path) and str(other) == str(self)

    def __hash__(self) -> int:
        return hash(str(self))


class _Child(Path):
    __slots__ = ("_parent",)

    def __init__(self, parent: Path, names: tuple[str, ...]) -> None:
        self._parent = parent
        self._names = names

    def __str__(self) -> str:
        before, tail = str(self._parent), ".".join(self._names)
        return f"{before}.{tail}" if before else tail


class _Item(Path):
    __slots__ = ("_key", "_parent")

    def __init__(self, parent: Path, key: int | str) -> None:
        self._parent = parent
        self._key = key

    def __str__(self) -> str:
        return f"{self._parent}[{self._key}]"


class FieldErrorType(Enum):
    """Each member's value is the cause's reason in a Status; `words` is how it reads in a message."""

    NOT_FOUND = "FieldValueNotFound"
    REQUIRED = "FieldValueRequired"
    DUPLICATE = "FieldValueDuplicate"
    INVALID = "FieldValueInvalid"
    NOT_SUPPORTED = "FieldValueNotSupported"
    FORBIDDEN = "FieldValueForbidden"
    TOO_LONG = "FieldValueTooLong"
    TOO_MANY = "FieldValueTooMany"
    INTERNAL = "InternalError"
    TYPE_INVALID = "FieldValueTypeInvalid"

    @property
    def words(self) -> str:
        """How messages name it: `Invalid value`."""
        return _WORDS[self]


_WORDS = {
    FieldErrorType.NOT_FOUND: "Not found",
    FieldErrorType.REQUIRED: "Required value",
    FieldErrorType.DUPLICATE: "Duplicate value",
    FieldErrorType.INVALID: "Invalid value",
    FieldErrorType.NOT_SUPPORTED: "Unsupported value",
    FieldErrorType.FORBIDDEN: "Forbidden",
    FieldErrorType.TOO_LONG: "Too long",
    FieldErrorType.TOO_MANY: "Too many",
    FieldErrorType.INTERNAL: "Internal error",
    FieldErrorType.TYPE_INVALID: "Invalid value",
}
_WITHOUT_VALUE = frozenset(
    {FieldErrorType.REQUIRED, FieldErrorType.FORBIDDEN, FieldErrorType.TOO_LONG, FieldErrorType.INTERNAL}
)


class _Omitted:
    """Marks an error that shows no value."""

    def __repr__(self) -> str:
        return "OMITTED"


OMITTED: Final = _Omitted()


@dataclass(frozen=True)
class FieldError:
    """One fault in one field. `bad_value` is what is there now (`OMITTED`: show none).

    `ratchet` names a rule that is newer than stored objects may be: an update may keep what breaks it.
    """

    type: FieldErrorType
    path: str
    bad_value: Any = None
    detail: str = ""
    ratchet: str = field(default="", compare=False)

    def body(self) -> str:
        """The message without the path: what a Status cause carries."""
        text = self.type.words
        if self.type not in _WITHOUT_VALUE and self.bad_value is not OMITTED:
            text += ": " + render(self.bad_value)
        return f"{text}: {self.detail}" if self.detail else text

    def __str__(self) -> str:
        return f"{self.path}: {self.body()}"


IMMUTABLE_DETAIL = "field is immutable"


def required(path: Path, detail: str = "") -> FieldError:
    return FieldError(FieldErrorType.REQUIRED, str(path), "", detail)


def invalid(path: Path, value: Any, detail: str) -> FieldError:
    return FieldError(FieldErrorType.INVALID, str(path), value, detail)


def type_invalid(path: Path, value: Any, detail: str) -> FieldError:
    """The value is of another JSON type than the field."""
    return FieldError(FieldErrorType.TYPE_INVALID, str(path), value, detail)


def not_supported(path: Path, value: Any, allowed: Iterable[str]) -> FieldError:
    """The value is none of those `allowed`, which are listed in the order given."""
    values = ", ".join(quote(str(choice)) for choice in allowed)
    return FieldError(FieldErrorType.NOT_SUPPORTED, str(path), value, f"supported values: {values}" if values else "")


def duplicate(path: Path, value: Any) -> FieldError:
    """The list may hold the value once; `path` is that of the later one."""
    return FieldError(FieldErrorType.DUPLICATE, str(path), value)


def not_found(path: Path, value: Any) -> FieldError:
    """The value refers to something in the same object that is not there."""
    return FieldError(FieldErrorType.NOT_FOUND, str(path), value)


def forbidden(path: Path, detail: str) -> FieldError:
    """The field may not be set, or not be changed, here and now."""
    return FieldError(FieldErrorType.FORBIDDEN, str(path), "", detail)


def too_long(path: Path, value: Any, max_bytes: int) -> FieldError:
    """The limit is in bytes, and not told below zero; the value itself is not shown."""
    unit = "byte" if max_bytes == 1 else "bytes"
    detail = f"may not be more than {max_bytes} {unit}" if max_bytes >= 0 else "value is too long"
    return FieldError(FieldErrorType.TOO_LONG, str(path), value, detail)


def too_many(path: Path, actual: int, maximum: int) -> FieldError:
    """Counts items, not bytes."""
    unit = "item" if maximum == 1 else "items"
    detail = f"must have at most {maximum} {unit}" if maximum >= 0 else "has too many items"
    return FieldError(FieldErrorType.TOO_MANY, str(path), actual, detail)


def internal(path: Path, detail: str) -> FieldError:
    """The check itself failed."""
    return FieldError(FieldErrorType.INTERNAL, str(path), "", detail)


def immutable(path: Path, value: Any) -> FieldError:
    return invalid(path, value, IMMUTABLE_DETAIL)


def aggregate(errors: Iterable[FieldError]) -> str:
    """Several errors as one text: alone as itself, otherwise in brackets, each wording once."""
    texts = list(dict.fromkeys(str(error) for error in errors))
    return texts[0] if len(texts) == 1 else "[" + ", ".join(texts) + "]"
