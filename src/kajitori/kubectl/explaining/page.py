"""The text of ``kubectl explain``, as upstream lays it out. Pure. May import: kubectl.explaining.document."""

from __future__ import annotations

import re

from kajitori.kubectl.explaining.document import Document, Schema

WIDTH = 76
FEW = 4


def page(document: Document, top: Schema, path: list[str], header: tuple[str, str, str], *, recursive: bool) -> str:
    """`header` is group, kind, version."""
    group, kind, version = header
    lines = [f"GROUP:      {group}"] if group else []
    lines += [f"KIND:       {kind}", f"VERSION:    {version}", ""]
    schema, name = document.field(top, path)
    if path:
        lines += [f"FIELD: {name} <{document.type_name(schema)}>", *(_values(schema) or [""]), ""]
    lines.append("DESCRIPTION:")
    texts = document.descriptions(schema)
    for text in texts:
        lines += wrapped(text, "    ")
    lines.append("    " if texts else "    <empty>")
    fields = document.fields(schema)
    if fields:
        lines.append("FIELDS:")
        lines += _tree(document, schema, 1, ()) if recursive else _fields(document, schema, fields)
    lines.append("")
    return "\n".join(lines) + "\n"


def _values(schema: Schema) -> list[str]:
    """Of an enumeration, all of them."""
    values = [value or '""' for value in schema.get("enum") or ()]
    return ["ENUM:", *(f"    {value}" for value in values)] if values else []


def _enum(schema: Schema, indent: str) -> list[str]:
    """Of an enumeration, the first four values in a line."""
    values = [str(value) or '""' for value in schema.get("enum") or ()]
    if not values:
        return []
    shown = values if len(values) <= FEW else [*values[:FEW], "...."]
    return [f"{indent}enum: {', '.join(shown)}"]


def _required(document: Document, schema: Schema, name: str) -> str:
    return " -required-" if name in (document.object_of(schema).get("required") or ()) else ""


def _fields(document: Document, schema: Schema, fields: dict[str, Schema]) -> list[str]:
    lines: list[str] = []
    for name, one in fields.items():
        lines.append(f"  {name}\t<{document.type_name(one)}>{_required(document, schema, name)}")
        lines += _enum(one, "  ")
        text = one.get("description") or "<no description>"
        lines += [*wrapped(text, "    "), ""]
    return lines


def _tree(document: Document, schema: Schema, depth: int, seen: tuple[int, ...]) -> list[str]:
    lines: list[str] = []
    for name, one in document.fields(schema).items():
        lines.append(f"{'  ' * depth}{name}\t<{document.type_name(one)}>{_required(document, schema, name)}")
        lines += _enum(one, "  " * depth)
        inner = document.object_of(one)
        if id(inner) not in seen:
            lines += _tree(document, one, depth + 1, (*seen, id(inner)))
    return lines


def wrapped(text: str, indent: str) -> list[str]:
    """Paragraphs wrapped one by one; a line break in the text stays one, words longer than a line stay whole."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in re.findall(
            r"[ \t]*\S+", paragraph
        ):  # with the spaces before it, which stay unless the line ends there
            if line and len(line) + len(word) > WIDTH:
                lines.append(indent + line)
                line = word.lstrip(" ")
            else:
                line += word
        lines.append(indent + line if line else indent)
    return lines
