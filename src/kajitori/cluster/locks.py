"""One writer per profile: a lock that the kernel drops when its holder dies. May import: paths, failures."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kajitori.cluster.failures import LOCKED, ClusterFailure


@contextmanager
def locked(path: Path, *, wait: bool = True, what: str = "") -> Iterator[None]:
    """Hold the lock file `path`; without `wait`, a lock that is taken is a failure at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise ClusterFailure(
                LOCKED, f'Another command is working on the "{what}" cluster', "Wait until it has ended, then try again"
            ) from None
        yield
    finally:
        os.close(handle)
