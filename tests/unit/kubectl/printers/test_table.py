"""The server's tables as kubectl prints them."""

import io
from typing import Any

import pytest

from kajitori.kubectl.printers.table import TableOptions, TablePrinter, cell_text
from kajitori.kubectl.printers.tabwriter import TabWriter

COLUMNS = [
    {"name": "Name", "type": "string", "format": "name", "priority": 0},
    {"name": "Ready", "type": "string", "format": "", "priority": 0},
    {"name": "Node", "type": "string", "format": "", "priority": 1},
]


def table(*names: str) -> dict[str, Any]:
    rows = [
        {
            "cells": [name, "1/1", "n1"],
            "object": {"metadata": {"name": name, "namespace": "ns", "labels": {"a/app": "x", "b": "y"}}},
        }
        for name in names
    ]
    return {"kind": "Table", "columnDefinitions": COLUMNS, "rows": rows}


def printed(*tables: dict[str, Any], **options: Any) -> list[str]:
    out = io.StringIO()
    printer, writer = TablePrinter(TableOptions(**options)), TabWriter.tables(out)
    for one in tables:
        printer.print(one, writer)
    writer.flush()
    return out.getvalue().splitlines()


@pytest.mark.parametrize(
    ("options", "header", "row"),
    [
        ({}, "NAME   READY", "p      1/1"),
        ({"wide": True}, "NAME   READY   NODE", "p      1/1     n1"),
        ({"with_kind": "pod"}, "NAME    READY", "pod/p   1/1"),
        ({"with_namespace": True}, "NAMESPACE   NAME   READY", "ns          p      1/1"),
        ({"label_columns": ("a/app", "nope")}, "NAME   READY   APP   NOPE", "p      1/1     x     "),
        ({"show_labels": True}, "NAME   READY   LABELS", "p      1/1     a/app=x,b=y"),
    ],
    ids=str,
)
def test_options_choose_the_columns(options: dict[str, Any], header: str, row: str) -> None:
    assert printed(table("p"), **options) == [header, row]


def test_no_headers_prints_rows_alone() -> None:
    assert printed(table("p"), no_headers=True) == ["p     1/1"]


def test_an_empty_table_prints_nothing_not_even_a_header() -> None:
    assert printed(table()) == []


def test_a_second_page_of_the_same_columns_has_no_header() -> None:
    assert printed(table("a"), table("b")) == ["NAME   READY", "a      1/1", "b      1/1"]


def test_a_watch_event_without_columns_uses_the_last_ones() -> None:
    later = {**table("b"), "columnDefinitions": None}
    assert printed(table("a"), later) == ["NAME   READY", "a      1/1", "b      1/1"]


@pytest.mark.parametrize(
    ("value", "text"),
    [("a\nb", "a..."), (None, ""), (3, "3"), (True, "true"), ("\x1b[1m", "^[[1m"), ("plain", "plain")],
)
def test_a_cell_is_one_line_without_control_characters(value: object, text: str) -> None:
    assert cell_text(value) == text
