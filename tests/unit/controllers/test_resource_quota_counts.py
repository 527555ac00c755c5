"""When the resource quota controller may say that less is used than was charged."""

from __future__ import annotations

import pytest

from kajitori.api.core.quota import parse
from kajitori.controllers.resourcequota import less


@pytest.mark.parametrize(
    ("counted", "used", "below"),
    [
        ({"pods": "4"}, {"pods": "5"}, True),
        ({"pods": "5"}, {"pods": "5"}, False),
        ({"pods": "6", "cpu": "900m"}, {"pods": "5", "cpu": "1"}, True),
        ({"pods": "6"}, {"pods": "5", "gone": "1"}, False),
        ({"cpu": "1000m"}, {"cpu": "1"}, False),
    ],
)
def test_a_count_below_what_was_charged_is_noticed(
    counted: dict[str, str], used: dict[str, str], *, below: bool
) -> None:
    assert less(parse(counted), used) is below
