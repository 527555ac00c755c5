"""TYPE NAME…, TYPE/NAME…, TYPE,TYPE: what the words on a command line ask for, in upstream's grammar and errors.

Pure. May import: kubectl.flags.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kajitori.kubectl.flags import UsageError

NO_RESOURCE = """\
error: You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'"""


@dataclass(frozen=True)
class Target:
    """One type with the names that are meant; no names: all of them (or those that a selector picks)."""

    type: str
    names: tuple[str, ...] = ()


def parse(words: Sequence[str], *, allow_multiple_types: bool = True) -> list[Target]:
    """What to look for, in the order of the words. Raises UsageError as upstream words it."""
    if not words:
        raise UsageError(NO_RESOURCE)
    if any("/" in word for word in words):
        return [_pair(word) for word in words]
    types = [one for one in words[0].split(",") if one]
    if not types:
        raise UsageError("error: you must specify at least one resource type")
    names = tuple(words[1:])
    if any("," in name for name in names):
        raise UsageError("error: arguments in resource/name form must have a single resource and name")
    if len(types) > 1 and names and not allow_multiple_types:
        raise UsageError("error: only one resource type may be specified")
    return [Target(one, names) for one in dict.fromkeys(types)]


def _pair(word: str) -> Target:
    type_, slash, name = word.partition("/")
    if not slash:
        raise UsageError(
            "error: there is no need to specify a resource type as a separate argument when passing arguments in "
            "resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource "
            "resource/<resource_name>'"
        )
    if "/" in name:
        raise UsageError("error: arguments in resource/name form may not have more than one slash")
    if not type_ or not name or "," in type_:
        raise UsageError("error: arguments in resource/name form must have a single resource and name")
    return Target(type_, (name,))
