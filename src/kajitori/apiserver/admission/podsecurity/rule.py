"""What every rule of the Pod Security Standards is made of: a check, its versions, and how it looks at a Pod.

A check gets a Pod's metadata and spec and returns what it found (None: nothing), in upstream's words. Pure; wire dicts.
May import: the standard library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

Object = dict[str, Any]
_SECCOMP = "seccomp.security.alpha.kubernetes.io/"


class Violation(NamedTuple):
    """What a check found: a short reason and, often, which containers or fields."""

    reason: str
    detail: str

    def __str__(self) -> str:
        return f"{self.reason} ({self.detail})" if self.detail else self.reason


def containers(spec: Object) -> Iterator[Object]:
    """Of every sort."""
    for field in ("initContainers", "containers", "ephemeralContainers"):
        yield from spec.get(field) or ()


def security(holder: Object) -> Object:
    """The security context of a Pod's spec or of a container."""
    return holder.get("securityContext") or {}


def quoted(values: Iterable[Any]) -> str:
    """Each in double quotes, with commas between."""
    return ", ".join(f'"{value}"' for value in values)


def named(bad: Sequence[str]) -> str:
    """`container "a"`, `containers "a", "b"`."""
    return f"{'container' if len(bad) == 1 else 'containers'} {quoted(bad)}"


def names_of(spec: Object, is_bad: Callable[[Object], bool]) -> list[str]:
    """Of the containers for which it holds."""
    return [str(c.get("name", "")) for c in containers(spec) if is_bad(c)]


def is_windows(spec: Object) -> bool:
    """Whether a pod spec says that it is for Windows, where some rules do not apply."""
    return bool((spec.get("os") or {}).get("name") == "windows")


def setters_of(spec: Object, is_bad: Callable[[Object], bool]) -> str:
    """Who says something forbidden: `pod and container "a"`; empty when nobody does."""
    out = ["pod"] if is_bad(spec) else []
    bad = names_of(spec, is_bad)
    return " and ".join([*out, named(bad)] if bad else out)


def seccomp_annotations(spec: Object) -> list[str]:
    """The annotations in which a Pod's seccomp profiles stood before they were fields."""
    names = (str(container.get("name", "")) for container in containers(spec))
    return [_SECCOMP + "pod", *(f"container.{_SECCOMP}{name}" for name in names)]


Check = Callable[[Object, Object], Violation | None]


class Rule(NamedTuple):
    """A check as it was from some minor versions on, newest first; `replaces`: the rule of baseline it makes idle."""

    name: str
    versions: tuple[tuple[int, Check], ...]
    replaces: str = ""

    def in_version(self, minor: int) -> Check | None:
        """The check that holds in Kubernetes 1.`minor`; None from before the rule was made."""
        return next((check for since, check in self.versions if since <= minor), None)
