"""Values of flags as Go's strconv reads them."""

import pytest

from kajitori.aiokit.govalues import parse_int


@pytest.mark.parametrize(
    ("text", "value"),
    [("10", 10), ("-3", -3), ("0", 0), ("0x1f", 31), ("0b11", 3), ("010", 8), ("-0_7", -7), ("1_000", 1000)],
)
def test_a_prefix_gives_the_base(text: str, value: int) -> None:
    assert parse_int(text) == value


@pytest.mark.parametrize("text", ["", " 5", "5 ", "08", "x", "1.0", "٣"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_int(text)
    assert str(caught.value) == f'strconv.ParseInt: parsing "{text}": invalid syntax'
