"""Columns line up as Go's text/tabwriter lines them up."""

import io

import pytest

from kajitori.kubectl.printers.tabwriter import TabWriter


def tables(*texts: str) -> str:
    out = io.StringIO()
    writer = TabWriter.tables(out)
    for text in texts:
        writer.write(text)
        writer.flush()
    return out.getvalue()


def describes(text: str) -> str:
    out = io.StringIO()
    writer = TabWriter.describes(out)
    writer.write(text)
    writer.flush()
    return out.getvalue()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("NAME\tAGE\nx\t1s\n", "NAME   AGE\nx      1s\n", id="three spaces behind the widest cell"),
        pytest.param("A\tB\nx\ty\n", "A     B\nx     y\n", id="no column is narrower than six"),
        pytest.param(
            "NAME\tX\tAGE\nx\t\t1s\n", "NAME   X     AGE\nx            1s\n", id="an empty cell keeps its column"
        ),
        pytest.param("NAME\tLAST\nx\t\n", "NAME   LAST\nx      \n", id="the cell before an empty last one is padded"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_tables_are_padded_by_three(text: str, expected: str) -> None:
    assert tables(text) == expected


def test_a_later_flush_keeps_the_widths_of_an_earlier_one() -> None:
    assert tables("long-name-here\tAGE\n", "x\t1s\n") == "long-name-here   AGE\nx                1s\n"


def test_forgotten_widths_are_not_kept() -> None:
    out = io.StringIO()
    writer = TabWriter.tables(out)
    writer.write("long-name-here\tAGE\n")
    writer.flush()
    writer.forget_widths()
    writer.write("x\t1s\n")
    writer.flush()
    assert out.getvalue() == "long-name-here   AGE\nx     1s\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Name:\tx\nNamespace:\ty\n", "Name:       x\nNamespace:  y\n", id="two spaces"),
        pytest.param(
            "a\tb\nlonger line without cells\nccc\td\n",
            "a  b\nlonger line without cells\nccc  d\n",
            id="a line without cells ends the column",
        ),
        pytest.param("a\tb\tc\nd\te\n", "a  b  c\nd  e\n", id="columns of their own below shorter lines"),
    ],
)
def test_columns_are_runs_of_lines_that_have_the_cell(text: str, expected: str) -> None:
    assert describes(text) == expected
