"""Which addresses keep a range that is deleted."""

import pytest

from kajitori.controllers.service_cidrs import only_in


@pytest.mark.parametrize(
    ("others", "found"),
    [
        ([], ["10.0.0.1", "10.0.0.200", "fd00::1"]),
        (["10.0.0.128/25"], ["10.0.0.1", "fd00::1"]),
        (["10.0.0.0/8", "fd00::/64"], []),
        (["192.0.2.0/24"], ["10.0.0.1", "10.0.0.200", "fd00::1"]),
    ],
)
def test_what_another_range_contains_as_well_is_no_hindrance(others, found):
    addresses = ["10.0.0.1", "10.0.0.200", "10.0.1.1", "fd00::1", "fe80::1"]
    assert only_in(["10.0.0.0/24", "fd00::/112"], others, addresses) == found
