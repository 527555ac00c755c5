"""Quantities: notation, canonical form, arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kajitori.machinery.quantity import BINARY, DECIMAL, Quantity, QuantityError, canonical


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("0.5", "500m"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("1000m", "1"),
        ("1000", "1k"),
        ("1e3", "1e3"),
        ("0Mi", "0"),
        ("100Ki", "100Ki"),
        ("512", "512"),
        ("-1500m", "-1500m"),
        ("0.1n", "1n"),
        (2, "2"),
        (0.25, "250m"),
        ("128974848", "128974848"),
        ("0.5Ki", "512"),
    ],
)
def test_canonical_form(text, printed):
    assert canonical(text) == printed


@pytest.mark.parametrize("text", ["", "x", "1x", "1 Gi", "Gi", "1.2.3", "--1", "1Gi1", "1mm"])
def test_what_is_no_quantity_is_refused(text):
    with pytest.raises(QuantityError):
        Quantity.parse(text)


def test_values_round_up():
    assert Quantity.parse("1500m").value() == 2
    assert Quantity.parse("0.1m").milli_value() == 1


quantities = st.builds(Quantity, st.integers(-(10**27), 10**27), st.sampled_from([DECIMAL, BINARY]))


@given(quantities)
def test_printing_and_parsing_keep_the_amount(quantity):
    assert Quantity.parse(str(quantity)) == quantity


@given(st.builds(Quantity, st.integers(-(10**27), 10**27), st.just(DECIMAL)))
def test_decimal_quantities_are_printed_in_one_form(quantity):
    """A binary one that no suffix fits, such as 25000, is read as a decimal one again: upstream's is as well."""
    assert str(Quantity.parse(str(quantity))) == str(quantity)


@given(quantities, quantities)
def test_subtraction_undoes_addition(a, b):
    assert (a + b) - b == a
    assert (a < b) == (a.nanos < b.nanos)
