"""--sort-by orders as upstream does."""

import pytest

from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.printers.sorting import sort_by


def by(values: list[object]) -> list[object]:
    items = [{"v": value} if value is not None else {} for value in values]
    return [item.get("v") for item in sort_by(items, ".v", lambda item: item)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3, 1, 2], [1, 2, 3]),
        (["pod-10", "pod-9"], ["pod-9", "pod-10"]),
        (["10Mi", "1Gi", "900Ki"], ["900Ki", "10Mi", "1Gi"]),
        (["b", None, "a"], [None, "a", "b"]),
        ([True, False], [False, True]),
    ],
    ids=str,
)
def test_values_are_compared_by_what_they_mean(values: list[object], expected: list[object]) -> None:
    assert by(values) == expected


def test_a_field_that_nothing_has_is_refused() -> None:
    with pytest.raises(
        UsageError, match=r'error: couldn\'t find any field with path "\{.nope\}" in the list of objects'
    ):
        sort_by([{"v": 1}], ".nope", lambda item: item)


def test_nothing_to_sort_is_fine() -> None:
    assert sort_by([], ".v", lambda item: item) == []
