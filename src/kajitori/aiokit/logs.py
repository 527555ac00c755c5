"""Logs in the shape that users of Kubernetes know: a constant message and key-values, klog text or JSON, on stderr.

    log = get_logger(__name__)
    log.info("created pods", replicaset=key, count=3)
    → I0102 15:04:05.123456    4711 replicaset.py:42] "created pods" replicaset="default/web" count=3

`log.v(n)` speaks only when the verbosity is at least n. A secret never goes into a log: callers name the facts.
May import: the standard library only.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any, ClassVar, Literal

Severity = Literal["I", "W", "E"]
_NAMES = {"I": "info", "W": "warning", "E": "error"}


class _Settings:
    verbosity = 0
    json = False
    modules: tuple[tuple[str, int], ...] = ()
    known: ClassVar[dict[str, int]] = {}  # what `modules` comes to, by file


def configure(
    verbosity: int = 0,
    format: Literal["text", "json"] = "text",  # noqa: A002 - the flag's name
    modules: Sequence[tuple[str, int]] = (),
) -> None:
    """Sets verbosity (`-v`), format (`--logging-format`) and single files' verbosity (`--vmodule`) of the process."""
    _Settings.verbosity = verbosity
    _Settings.json = format == "json"
    _Settings.modules = tuple(modules)
    _Settings.known.clear()


def parse_modules(text: str) -> tuple[tuple[str, int], ...]:
    """`--vmodule`: `cacher=2,etcd*=4`, patterns for names of files without `.py`. Raises ValueError."""
    found = []
    for part in filter(None, text.split(",")):
        pattern, given, level = part.partition("=")
        if not pattern or not given or not level.isdecimal():
            raise ValueError("syntax error: expect comma-separated list of filename=N")
        found.append((pattern, int(level)))
    return tuple(found)


def _speaks(level: int) -> bool:
    """Whether the caller of who asks this may print at a level of verbosity."""
    if level <= _Settings.verbosity:
        return True
    if not _Settings.modules:
        return False
    file = sys._getframe(2).f_code.co_filename
    known = _Settings.known.get(file)
    if known is None:
        name = file.rpartition("/")[2].removesuffix(".py")
        levels = (level for pattern, level in _Settings.modules if fnmatchcase(name, pattern))
        known = _Settings.known[file] = next(levels, _Settings.verbosity)
    return level <= known


def verbosity() -> int:
    """The process' `-v`."""
    return _Settings.verbosity


class Logger:
    """Writes lines under its name. `v(n)` and `bind(...)` give loggers that are quieter or know more."""

    __slots__ = ("_bound", "_level", "name")

    def __init__(self, name: str, bound: dict[str, Any] | None = None, level: int = 0) -> None:
        self.name, self._bound, self._level = name, bound or {}, level

    def bind(self, **facts: Any) -> Logger:
        """A logger that adds these facts to every line."""
        return Logger(self.name, {**self._bound, **facts}, self._level)

    def v(self, level: int) -> Logger:
        """A logger that speaks only at verbosity `level` and above."""
        return Logger(self.name, self._bound, level)

    @property
    def enabled(self) -> bool:
        """Whether `info` would print: ask before facts that are dear to gather."""
        return _speaks(self._level)

    def debug(self, message: str, /, **facts: Any) -> None:
        """What is printed from verbosity 4 on."""
        if _speaks(max(4, self._level)):
            _emit("I", message, self._bound | facts)

    def info(self, message: str, /, **facts: Any) -> None:
        """What is printed at the logger's own level of verbosity (0: always)."""
        if _speaks(self._level):
            _emit("I", message, self._bound | facts)

    def warning(self, message: str, /, **facts: Any) -> None:
        """What is printed at any verbosity."""
        _emit("W", message, self._bound | facts)

    def error(self, message: str, error: BaseException | None = None, /, **facts: Any) -> None:
        """Logs a failure. Give the exception itself for unexpected ones: its traceback is printed below the line."""
        if error is not None:
            facts = {"err": describe(error), **facts}
        _emit("E", message, self._bound | facts)
        if error is not None and not _Settings.json:
            sys.stderr.write("".join(traceback.format_exception(error)))


def get_logger(name: str) -> Logger:
    return Logger(name)


def describe(error: BaseException) -> str:
    """One line about an exception; groups show their members, an empty message shows the type."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(describe(inner) for inner in error.exceptions)
    return str(error) or type(error).__name__


def _emit(severity: Severity, message: str, facts: dict[str, Any]) -> None:
    frame = sys._getframe(2)
    source = f"{frame.f_code.co_filename.rsplit('/', 1)[-1]}:{frame.f_lineno}"
    now = time.time()
    if _Settings.json:
        line = json.dumps(
            {"ts": now * 1000, "level": _NAMES[severity], "caller": source, "msg": message, **facts}, default=str
        )
    else:
        stamp = time.strftime("%m%d %H:%M:%S", time.localtime(now))
        tail = "".join(f" {key}={_text(value)}" for key, value in facts.items())
        line = f'{severity}{stamp}.{int(now % 1 * 1_000_000):06d} {os.getpid():7d} {source}] "{message}"{tail}'
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):  # nobody listens to stderr any more; a log line is no reason to fail
        return


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return json.dumps(str(value), ensure_ascii=False)
