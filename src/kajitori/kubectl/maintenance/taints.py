"""Taints on the command line (``key=value:Effect``, ``key-``), and what they make of a node's taints. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kajitori.kubectl.describers.marks import taint_text
from kajitori.kubectl.flags import HelpfulError, UsageError
from kajitori.machinery.gotext import quote
from kajitori.machinery.names import is_label_value, is_qualified_name

Taint = dict[str, Any]
EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


@dataclass
class Changes:
    """What the words of one command line ask for."""

    add: list[Taint] = field(default_factory=list)
    remove: list[Taint] = field(default_factory=list)

    def check(self) -> None:
        """Raises UsageError for a taint that is to be set and removed at once."""
        both = [
            f"{gone['key']}={gone.get('effect', '')}"
            for new in self.add
            for gone in self.remove
            if new["key"] == gone["key"] and gone.get("effect", "") in ("", new["effect"])
        ]
        if both:
            what = "can not both modify and remove the following taint(s) in the same command:"
            raise UsageError(f"error: {what} {', '.join(both)}")


def is_taint(word: str) -> bool:
    """Whether a word is about a taint rather than a node's name."""
    return "=" in word or ":" in word or word.endswith("-")


def split(words: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Resources, then taints. Raises UsageError for a resource after a taint."""
    resources: list[str] = []
    taints: list[str] = []
    for word in words:
        if is_taint(word):
            taints.append(word)
        elif taints:
            raise UsageError(f"error: all resources must be specified before taint changes: {word}")
        else:
            resources.append(word)
    return resources, taints


def parse(words: list[str]) -> Changes:
    """Raises HelpfulError for words that are no taints."""
    changes = Changes()
    for word in words:
        if word.endswith("-"):
            gone = _parse(word.removesuffix("-"))
            gone.pop("value", None)
            changes.remove.append(gone)
            continue
        new = _parse(word)
        if not new.get("effect"):
            raise HelpfulError("taint", f"invalid taint spec: {word}")
        if any(one["key"] == new["key"] and one["effect"] == new["effect"] for one in changes.add):
            shown = f"{{{new['key']} {new.get('value', '')} {new['effect']} <nil>}}"
            raise HelpfulError("taint", f"duplicated taints with the same key and effect: {shown}")
        changes.add.append(new)
    return changes


def _parse(text: str) -> Taint:
    parts = text.split(":")
    key, value, effect = parts[0], "", ""
    if len(parts) > 2:
        raise HelpfulError("taint", f"invalid taint spec: {text}")
    if len(parts) == 2:
        effect = parts[1]
        if effect not in EFFECTS:
            raise HelpfulError("taint", f"invalid taint effect: {effect}, unsupported taint effect")
        key, equals, value = parts[0].partition("=")
        if "=" in value:
            raise HelpfulError("taint", f"invalid taint spec: {text}")
        if equals and (wrong := is_label_value(value)):
            raise HelpfulError("taint", f"invalid taint spec: {text}, {'; '.join(wrong)}")
    if wrong := is_qualified_name(key):
        raise HelpfulError("taint", f"invalid taint spec: {text}, {'; '.join(wrong)}")
    return {"key": key} | ({"value": value} if value else {}) | ({"effect": effect} if effect else {})


def changed(node: str, old: list[Taint], changes: Changes, *, overwrite: bool) -> tuple[str, list[Taint]]:
    """(``tainted``, the new taints). Raises UsageError."""
    if not overwrite:
        taken = [new["key"] for new in changes.add for one in old if _same(new, one)]
        if taken:
            text = f"node {node} already has {','.join(taken)} taint(s) with same effect(s) and --overwrite is false"
            raise UsageError(f"error: {text}")
    taints = [*changes.add, *(one for one in old if not any(_same(new, one) for new in changes.add))]
    added = len(taints) != len(old)
    deleted, missing = False, []
    for gone in changes.remove:
        left = [one for one in taints if not _goes(gone, one)]
        deleted = len(left) != len(taints)
        if not deleted:
            missing.append(f"taint {quote(taint_text(gone))} not found")
        taints = left
    if missing:
        raise UsageError(f"error: {missing[0]}" if len(missing) == 1 else f"error: [{', '.join(missing)}]")
    if overwrite or (added and deleted):
        return "modified", taints
    return ("tainted" if added else "untainted"), taints


def _same(a: Taint, b: Taint) -> bool:
    return a["key"] == b["key"] and a.get("effect") == b.get("effect")


def _goes(gone: Taint, one: Taint) -> bool:
    return gone["key"] == one["key"] and gone.get("effect", "") in ("", one.get("effect"))
