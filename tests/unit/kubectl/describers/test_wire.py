"""Wire dicts read as Go shows them, and pages that a terminal may show."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.wire import ZERO_TIME, between, dig, moment, since


def test_paths_may_be_missing_or_null() -> None:
    obj = {"spec": {"a": None, "b": {"c": 0}, "d": "text"}}
    assert dig(obj, "spec", "b", "c") == 0
    assert dig(obj, "spec", "a", "x", default="-") == "-"
    assert dig(obj, "spec", "d", "x", default="-") == "-"
    assert dig(None, "spec") is None


def test_moments_are_rfc_1123_in_the_local_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC-2")
    time.tzset()
    try:
        assert moment("2026-01-02T23:04:05Z") == "Sat, 03 Jan 2026 01:04:05 +0200"
    finally:
        monkeypatch.undo()
        time.tzset()
    assert moment("") == ZERO_TIME


def test_ages() -> None:
    assert since("2026-01-01T00:00:00Z", datetime(2026, 1, 1, 0, 2, 30, tzinfo=UTC)) == "2m30s"
    assert since(None) == "<unknown>"
    assert between("2026-01-01T00:00:00Z", "2026-01-02T01:00:00Z") == "25h"


def test_cells_form_columns_and_levels_stand_further_in() -> None:
    page = Page()
    page.row(0, "Name:", "x")
    page.nested(1).row(0, "Image name:", "y")
    assert page.text() == "Name:          x\n  Image name:  y\n"


def test_a_page_cannot_steer_the_terminal() -> None:
    page = Page()
    page.row(0, "a\x1b[31mb\rc")
    assert page.text() == "a^[[31mb\\rc\n"
