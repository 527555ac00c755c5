"""`kubectl explain`: enumerations have all values for the field itself, the first four for its fields."""

from typing import Any

from kajitori.kubectl.explaining.document import Document
from kajitori.kubectl.explaining.page import page

SIGNALS = ["", "B", "C", "D", "E"]
TOP: dict[str, Any] = {
    "type": "object",
    "properties": {
        "kind": {"type": "string", "enum": ["One", "Two"], "description": "which"},
        "signal": {"type": "string", "enum": SIGNALS},
    },
}


def shown(*path: str, recursive: bool = False) -> list[str]:
    document = Document({})
    return page(document, TOP, list(path), ("", "Thing", "v1"), recursive=recursive).split("\n")


def test_the_field_itself_has_a_line_for_each_value() -> None:
    assert shown("kind")[3:10] == [
        "FIELD: kind <string>",
        "ENUM:",
        "    One",
        "    Two",
        "",
        "DESCRIPTION:",
        "    which",
    ]


def test_fields_have_the_first_four_in_one_line() -> None:
    assert '  enum: "", B, C, D, ....' in shown()
    assert "  enum: One, Two" in shown(recursive=True)


def test_what_has_no_description_says_so_in_its_only_line() -> None:
    lines = shown("signal")
    assert lines[lines.index("DESCRIPTION:") + 1 :] == ["    <empty>", "", ""]
