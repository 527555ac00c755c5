"""Several ranges of addresses as one, and which ServiceCIDRs add to them."""

import pytest

from kajitori.apiserver.registry.allocators import AllocationError, IPAllocator, IPRanges, RangeFull
from kajitori.apiserver.registry.services import more_ranges


def ranges(*cidrs: str) -> IPRanges:
    return IPRanges([IPAllocator(cidr) for cidr in cidrs])


def test_the_first_range_is_used_up_before_the_next() -> None:
    both = ranges("10.0.0.0/30", "10.1.0.0/30")
    given = [both.allocate_next() for _ in range(4)]
    assert set(given[:2]) == {"10.0.0.1", "10.0.0.2"}
    assert set(given[2:]) == {"10.1.0.1", "10.1.0.2"}
    with pytest.raises(RangeFull):
        both.allocate_next()
    both.release("10.0.0.2")
    assert both.allocate_next() == "10.0.0.2"


def test_an_address_of_two_ranges_is_given_once() -> None:
    both = ranges("10.0.0.0/29", "10.0.0.0/30")
    given = {both.allocate_next() for _ in range(6)}
    assert len(given) == 6
    with pytest.raises(RangeFull):
        both.allocate_next()
    both.release("10.0.0.1")
    both.allocate("10.0.0.1")
    with pytest.raises(AllocationError, match="already allocated"):
        both.allocate("10.0.0.1")


def test_an_address_of_no_range_is_refused() -> None:
    with pytest.raises(AllocationError, match="does not match the current range"):
        ranges("10.0.0.0/30", "10.1.0.0/30").allocate("10.2.0.1")


def test_only_ranges_that_are_ready_and_stay_count_the_oldest_first() -> None:
    def cidr(name: str, text: str, status: str = "True", **meta: str) -> dict[str, object]:
        conditions = [{"type": "Ready", "status": status}]
        return {"metadata": {"name": name, **meta}, "spec": {"cidrs": [text]}, "status": {"conditions": conditions}}

    found = more_ranges(
        [
            cidr("b", "10.1.0.0/24", creationTimestamp="2026-01-02T00:00:00Z"),
            cidr("a", "10.2.0.0/24", creationTimestamp="2026-01-01T00:00:00Z"),
            cidr("c", "10.3.0.0/24", status="False"),
            cidr("d", "10.4.0.0/24", deletionTimestamp="2026-01-03T00:00:00Z"),
            {"metadata": {"name": "e"}, "spec": {"cidrs": ["10.5.0.0/24"]}},
        ]
    )
    assert found == ["10.2.0.0/24", "10.1.0.0/24"]
