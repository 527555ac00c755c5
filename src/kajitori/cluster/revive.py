"""What a keeper becomes when its node has ended: starts the cluster as `minikube start` does, then keeps it again.

Under the profile's lock, like every command, and only while the keeper's record names this very process: a `stop` that
came first stays a stop. SIGTERM breaks it off as Ctrl-C does a start. What happens is printed; the keeper has put the
log in stdout's place. May import: cluster's own modules.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from kajitori.cluster import create, keeper, keeping, profile
from kajitori.cluster.locks import locked
from kajitori.cluster.paths import Home
from kajitori.cluster.profile import Profile

OPTIONS = create.StartOptions(wait=False, wait_timeout_s=120.0, keep_context=True, force=True)
"""The API server's answer is enough: from there on the node heals itself, and the keeper should watch it."""

log = logging.getLogger("revive")


def main(argv: Sequence[str]) -> int:
    """`HOME PROFILE TAG FAILURES`. Ends only where the cluster is no longer to be kept; else becomes the keeper."""
    home, name, tag, failures = Home(Path(argv[0])), argv[1], argv[2], int(argv[3])
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    signal.signal(signal.SIGTERM, lambda number, frame: signal.raise_signal(signal.SIGINT))
    try:
        with locked(keeping.lock_path(tag)):
            cluster = attempt(home, name, tag)
        if cluster is not None:
            command = keeping.command(home, cluster, failures=failures + 1)
            os.execv(command[0], command)
    except KeyboardInterrupt:
        return 130
    return 0


def attempt(home: Home, name: str, tag: str) -> Profile | None:
    """Try once to bring the cluster up; answers its profile, or None where it is not to be kept any more."""
    config = profile.path_of(home, name)
    if not keeper.is_wanted(str(keeping.record_path(tag)), str(config)):
        return None
    cluster = profile.load(home, name)
    try:
        asyncio.run(create.start_locked(home, cluster, OPTIONS))
    except Exception:  # whatever it was may be over by the next attempt
        log.exception("the cluster could not be started")
    return cluster


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
