"""What completion is asked and what it answers: the line so far, the candidates, what the shell is to do with them.

Pure. May import: kubectl.command.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntFlag

from kajitori.kubectl.command import Command


class Directive(IntFlag):
    """What the shell is to do with the candidates."""

    DEFAULT = 0  # file names where there is no candidate
    ERROR = 1
    NO_SPACE = 2  # the word is not finished yet
    NO_FILES = 4
    FILES_ENDING = 8  # the candidates are file name extensions

    def __str__(self) -> str:
        """As cobra's debug output names it."""
        return ", ".join(f"ShellCompDirective{WORDS[one]}" for one in Directive if one in self and one) or (
            "ShellCompDirectiveDefault"
        )


WORDS = {
    Directive.ERROR: "Error",
    Directive.NO_SPACE: "NoSpace",
    Directive.NO_FILES: "NoFileComp",
    Directive.FILES_ENDING: "FilterFileExt",
}


@dataclass
class Answer:
    """Candidates as (word, description)."""

    candidates: list[tuple[str, str]] = field(default_factory=list)
    directive: Directive = Directive.NO_FILES

    @classmethod
    def of(cls, words: Sequence[str], prefix: str = "", directive: Directive = Directive.NO_FILES) -> Answer:
        """Those words that begin with `prefix`, without descriptions."""
        return cls([(word, "") for word in words if word.startswith(prefix)], directive)

    def __str__(self) -> str:
        lines = [f"{word}\t{text}" if text else word for word, text in self.candidates]
        return "\n".join([*lines, f":{int(self.directive)}"]) + "\n"


@dataclass(frozen=True)
class Line:
    """A command line as far as it is typed: the command, its arguments so far, and the unfinished word."""

    command: Command | None
    args: tuple[str, ...]
    last: str
    given: frozenset[str] = frozenset()
