"""Cancellations that a library uses for its own ends, taken back. May import: the standard library."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interrupted_by(*errors: type[Exception]) -> Iterator[None]:
    """The block raises one of `errors` where a library woke this task by `cancel()`: the request to cancel is undone.

    grpclib does so when a connection breaks. The count that stays behind would make `asyncio.timeout` and `TaskGroup`
    take the next error for a cancellation. Had somebody else cancelled the task as well, it ends as cancelled.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    try:
        yield
    except errors:
        if task is not None and task.cancelling() > before and task.uncancel() > before:
            raise asyncio.CancelledError from None
        raise
