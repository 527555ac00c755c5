"""What a Go template is made of: the parser builds it, gotemplate.py walks it. Pure. May import: nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


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
