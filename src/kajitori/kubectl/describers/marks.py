"""Labels, annotations, taints, tolerations and names, one a line, aligned after their title.

Pure. May import: kubectl.describers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.wire import Wire, dig
from kajitori.machinery.labels import Selector

HIDDEN = frozenset({"kubectl.kubernetes.io/last-applied-configuration"})
LONGEST = 140


def listed(page: Page, title: str, lines: Iterable[str], *, indent: str = "") -> None:
    """``Title:  first`` and the others under it; ``<none>`` without any."""
    page.write(0, f"{indent}{title}:\t")
    found = list(lines)
    if not found:
        page.end("<none>")
        return
    for position, line in enumerate(found):
        if position:
            page.write(0, indent)
            page.write(0, "\t")
        page.write(0, line + "\n")


def labels(page: Page, title: str, values: Mapping[str, str] | None, *, indent: str = "") -> None:
    listed(page, title, [f"{key}={value}" for key, value in sorted((values or {}).items())], indent=indent)


def write_annotations(page: Page, title: str, values: Mapping[str, str] | None) -> None:
    """Long and multi-line values go under their key; what kubectl itself keeps there is not shown."""
    page.write(0, f"{title}:\t")
    keys = sorted(key for key in values or () if key not in HIDDEN)
    if not keys or not values:
        page.end("<none>")
        return
    for position, key in enumerate(keys):
        if position:
            page.write(0, "\t")
        value = values[key].removesuffix("\n")
        if len(value.encode()) + len(key) + 2 <= LONGEST and "\n" not in value:
            page.write(0, f"{key}: {value}\n")
            continue
        page.write(0, f"{key}:\n")
        for line in value.split("\n"):
            page.write(0, f"\t  {shortened(line, LONGEST - 2)}\n")


def shortened(text: str, limit: int) -> str:
    """`limit` is in bytes; a character that would be cut goes as a whole."""
    data = text.encode()
    return data[:limit].decode("utf-8", "ignore") + "..." if len(data) > limit else text


def identity(page: Page, obj: Wire, *, namespaced: bool = True) -> None:
    """Name, Namespace."""
    page.row(0, "Name:", obj["metadata"].get("name", ""))
    if namespaced:
        page.row(0, "Namespace:", obj["metadata"].get("namespace", ""))


def typed_reference(page: Page, title: str, reference: Wire | None) -> None:
    """A TypedLocalObjectReference under its title; nothing where there is none."""
    if reference is None:
        return
    page.row(0, title)
    if reference.get("apiGroup") is not None:
        page.row(1, "APIGroup:", reference["apiGroup"])
    page.row(1, "Kind:", reference.get("kind", ""))
    page.row(1, "Name:", reference.get("name", ""))


def marks(page: Page, obj: Wire) -> None:
    """Labels, Annotations."""
    labels(page, "Labels", obj["metadata"].get("labels"))
    write_annotations(page, "Annotations", obj["metadata"].get("annotations"))


def taint_text(taint: Wire) -> str:
    """`key=value:Effect`, leaving out what is empty."""
    key, value, effect = taint.get("key", ""), taint.get("value", ""), taint.get("effect", "")
    text = f"{key}={value}" if value else key
    return f"{text}:{effect}" if effect or value else text


def taints(page: Page, title: str, values: list[Wire] | None) -> None:
    """Sorted by effect, then key."""
    ordered = sorted(values or (), key=lambda taint: f"{taint.get('effect', '')},{taint.get('key', '')}")
    listed(page, title, [taint_text(taint) for taint in ordered])


def toleration_text(toleration: Wire) -> str:
    """`key=value:Effect op=Exists for 300s`, leaving out what is empty."""
    key, value, effect = (toleration.get(name) or "" for name in ("key", "value", "effect"))
    text = key + (f"={value}" if value else "") + (f":{effect}" if effect else "")
    if toleration.get("operator") == "Exists" and not value:
        text += " op=Exists" if key or effect else "op=Exists"
    seconds = toleration.get("tolerationSeconds")
    return text if seconds is None else f"{text} for {seconds}s"


def tolerations(page: Page, title: str, values: list[Wire] | None) -> None:
    """Sorted by key."""
    ordered = sorted(values or (), key=lambda one: one.get("key") or "")
    listed(page, title, [toleration_text(one) for one in ordered])


def selector_text(selector: Any) -> str:
    """A LabelSelector as `get -o wide` prints it: ``<none>`` when it selects everything."""
    if selector is None:
        return "<none>"
    return selector_string(selector) or "<none>"


def selector_string(selector: Any) -> str:
    """A LabelSelector's requirements, sorted by key, joined by commas; plain labels as ``key=value``."""
    found = [(key, f"{key}={value}") for key, value in dig(selector, "matchLabels", default={}).items()]
    expressions = dig(selector, "matchExpressions", default=[])
    parsed = Selector.from_label_selector({"matchExpressions": expressions}).requirements
    found += [(requirement.key, str(requirement)) for requirement in parsed or ()]
    return ",".join(text for _, text in sorted(found, key=lambda pair: pair[0]))
