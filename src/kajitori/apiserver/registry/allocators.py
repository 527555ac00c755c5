"""Allocators of cluster IPs and node ports: which are taken, and which to give next.

Both divide their range as upstream does (KEP-3070): automatic choices come from the upper band first, so that the
lower one stays free for addresses that people ask for. `IPAllocator` and `PortAllocator` keep what is taken in memory;
plain methods, so each call is atomic within the event loop. The protocol `Allocator` is all that the Service hooks
know, so that several servers on one etcd can bring one of their own.
May import: the standard library.
"""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar

T = TypeVar("T", int, str)
_RANDOM_TRIES = 64
SMALLEST_BAND = 16


class AllocationError(Exception):
    """A wish that cannot be granted; the text is upstream's."""


class RangeFull(AllocationError):
    """Nothing is left to give."""

    def __init__(self) -> None:
        super().__init__("range is full")


class Allocator(Protocol[T]):
    """Hands out unique values of a range."""

    def allocate(self, value: T) -> None:
        """Take this value. Raises AllocationError when it is taken or not in the range."""

    def allocate_next(self) -> T:
        """Take any free value. Raises RangeFull."""

    def release(self, value: T) -> None:
        """Give a value back; one that is not taken is ignored."""


class _Range(Generic[T]):
    """The shared half: offsets into a range, of which the upper band is the dynamic one."""

    def __init__(self, size: int, dynamic_from: int, rng: random.Random | None) -> None:
        self._size, self._dynamic_from = size, dynamic_from if dynamic_from < size else 0
        self._taken: set[int] = set()
        self._rng = rng or random.Random()

    @property
    def used(self) -> int:
        return len(self._taken)

    @property
    def free(self) -> int:
        return self._size - len(self._taken)

    def _next_offset(self) -> int:
        for low, high in ((self._dynamic_from, self._size), (0, self._dynamic_from)):
            offset = self._free_between(low, high)
            if offset is not None:
                self._taken.add(offset)
                return offset
        raise RangeFull

    def _free_between(self, low: int, high: int) -> int | None:
        if low >= high:
            return None
        for _ in range(_RANDOM_TRIES):
            offset = self._rng.randrange(low, high)
            if offset not in self._taken:
                return offset
        start = self._rng.randrange(low, high)
        for candidates in (range(start, high), range(low, start)):
            for offset in candidates:
                if offset not in self._taken:
                    return offset
        return None


def band_offset(size: int, *, largest: int = 256, step: int = 16) -> int:
    """Where the dynamic band begins: size/step, at least 16 and at most `largest`; 0 for ranges smaller than that."""
    return 0 if size < SMALLEST_BAND else min(max(SMALLEST_BAND, size // step), largest)


class IPAllocator(_Range[str]):
    """Service addresses of a CIDR; never its first (network) address, nor, with IPv4, its last (broadcast)."""

    def __init__(self, cidr: str, rng: random.Random | None = None) -> None:
        network = ipaddress.ip_network(cidr, strict=False)
        self.network, self.family = network, f"IPv{network.version}"
        self._base = int(network.network_address) + 1
        size = network.num_addresses - (2 if network.version == 4 else 1)
        size = max(0, min(size, 1 << 64))
        super().__init__(size, band_offset(size), rng)

    def allocate(self, value: str) -> None:
        """Takes this address; raises AllocationError, worded for users."""
        offset = self._offset(value)
        if not 0 <= offset < self._size:
            raise AllocationError("the provided network does not match the current range")
        if offset in self._taken:
            raise AllocationError("provided IP is already allocated")
        self._taken.add(offset)

    def allocate_next(self) -> str:
        """Takes a free address; raises RangeFull."""
        return self.at(self._next_offset())

    def release(self, value: str) -> None:
        """Harmless for one that is free."""
        self._taken.discard(self._offset(value))

    def __contains__(self, value: str) -> bool:
        return 0 <= self._offset(value) < self._size

    def at(self, offset: int) -> str:
        """The n-th address that can be given, from 0."""
        address = type(self.network.network_address)(self._base + offset)
        return str(address)

    def _offset(self, value: str) -> int:
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            return -1
        return int(address) - self._base if address.version == self.network.version else -1


class IPRanges:
    """Ranges of one family as one allocator: the first is used up before the next. They may overlap."""

    def __init__(self, ranges: list[IPAllocator]) -> None:
        self._ranges = ranges

    def allocate(self, value: str) -> None:
        """Takes this address; raises AllocationError, worded for users."""
        around = [one for one in self._ranges if value in one]
        if not around:
            raise AllocationError("the provided network does not match the current range")
        for one in around:
            one.allocate(value)  # an address is taken in all of them or in none, so that only the first refuses

    def allocate_next(self) -> str:
        """Takes a free address; raises RangeFull."""
        for one in self._ranges:
            try:
                found = one.allocate_next()
            except RangeFull:
                continue
            for other in self._ranges:
                if other is not one and found in other:
                    other.allocate(found)
            return found
        raise RangeFull

    def release(self, value: str) -> None:
        """Harmless for one that is free."""
        for one in self._ranges:
            one.release(value)


class PortAllocator(_Range[int]):
    """Node ports from `first` to `last`, both included."""

    def __init__(self, first: int, last: int, rng: random.Random | None = None) -> None:
        self._first, self._last = first, last
        size = last - first + 1
        super().__init__(size, band_offset(size, largest=128, step=32), rng)

    def allocate(self, value: int) -> None:
        """Takes this port; raises AllocationError, worded for users."""
        if not self._first <= value <= self._last:
            valid = f"The range of valid ports is {self._first}-{self._last}"
            raise AllocationError(f"provided port is not in the valid range. {valid}")
        if value - self._first in self._taken:
            raise AllocationError("provided port is already allocated")
        self._taken.add(value - self._first)

    def allocate_next(self) -> int:
        """Takes a free port; raises RangeFull."""
        return self._first + self._next_offset()

    def release(self, value: int) -> None:
        """Harmless for one that is free."""
        self._taken.discard(value - self._first)


class Transaction:
    """Allocations that are undone together unless the block ends well.

    with Transaction() as transaction:
        transaction.take(ports, 30080)
    """

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []

    def take(self, allocator: Allocator[T], value: T) -> T:
        """As `allocate`, undone if the transaction is."""
        allocator.allocate(value)
        self._undo.append(lambda: allocator.release(value))
        return value

    def take_next(self, allocator: Allocator[T]) -> T:
        """As `allocate_next`, undone if the transaction is."""
        value = allocator.allocate_next()
        self._undo.append(lambda: allocator.release(value))
        return value

    def __enter__(self) -> Transaction:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if kind is not None:
            for undo in reversed(self._undo):
                undo()


def take_all(allocator: Allocator[T], values: Iterable[T]) -> None:
    """Mark what exists already; two that clash, or one out of range, stay as they are (upstream repairs by events)."""
    for value in values:
        try:
            allocator.allocate(value)
        except AllocationError:
            continue
