"""Starting and ending a cluster's keeper (see `keeper`), for the commands that start, stop and delete clusters.

The keeper's record, `/run/kajitori/TAG.keeper`, holds its process number and start time; it exists only while the node
is meant to run. Whoever holds the profile's lock through `profile_lock` has ended the keeper, and a restart that it had
under way, so nothing but its holder starts or stops the node. May import: cluster's own modules.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kajitori.cluster import keeper, machine, profile, program
from kajitori.cluster.failures import INTERNAL, ClusterFailure
from kajitori.cluster.locks import locked
from kajitori.cluster.paths import RUNTIME_DIR, Home
from kajitori.cluster.profile import Profile
from kajitori.cluster.sandbox import runc

GRACE_S = 30.0
"""For a restart that is broken off: the step it is in runs to its end."""


def lock_path(tag: str) -> Path:
    return RUNTIME_DIR / f"{tag}.lock"


def record_path(tag: str) -> Path:
    return RUNTIME_DIR / f"{tag}.keeper"


def pid(record: Path) -> int | None:
    """The keeper's process number while it lives."""
    kept = keeper.text_of(str(record))
    number = kept.partition(":")[0]
    return int(number) if number.isdigit() and keeper.identity(int(number)) == kept else None


def command(home: Home, cluster: Profile, *, failures: int) -> list[str]:
    """The argv of the keeper of this cluster's nodes that run."""
    tag = home.tag(cluster.name)
    running = (runc.first_pid(machine.container_name(tag, node)) for node in cluster.nodes)
    return [
        *(program.interpreter(), "-I", "-S", str(Path(keeper.__file__).resolve())),
        *(str(record_path(tag)), str(profile.path_of(home, cluster.name))),
        *(str(home.machine(cluster.primary.name).root / "keeper.log"), str(failures)),
        *(keeper.identity(number) for number in running if number is not None),
        *("--", program.interpreter(), "-P", "-m", "kajitori.cluster.revive", str(home.root), cluster.name, tag),
    ]


def start(home: Home, cluster: Profile) -> None:
    """Leave a keeper behind; returns once it is on record. Its caller holds the profile's lock."""
    argv = command(home, cluster, failures=0)
    argv.insert(4, "--detach")
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    plain = [signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGCHLD]  # whatever the caller ignores or blocks
    child = os.posix_spawn(argv[0], argv, env, setsigdef=plain, setsigmask=[])
    _, status = os.waitpid(child, 0)
    if status != 0:
        raise ClusterFailure(INTERNAL, f"The cluster's keeper could not be started: {argv[0]}", 'Run "minikube start"')


def end(record: Path, grace_s: float = GRACE_S) -> bool:
    """End the keeper and forget it; whether there was one. Its caller holds the profile's lock."""
    found = interrupt(record, grace_s)
    record.unlink(missing_ok=True)
    return found


def interrupt(record: Path, grace_s: float = GRACE_S) -> bool:
    """End the keeper's process, and so a restart that it is busy with; whether there was one."""
    number = pid(record)
    if number is None:
        return False
    with runc.pidfd(number) as process:
        if process.handle >= 0 and pid(record) == number:
            for what, patience_s in ((signal.SIGTERM, grace_s), (signal.SIGKILL, 5.0)):
                signal_to(process, what)
                if process.wait(patience_s):
                    break
    return True


def signal_to(process: runc.pidfd, what: signal.Signals) -> None:
    try:
        signal.pidfd_send_signal(process.handle, what)
    except ProcessLookupError:
        pass


@contextmanager
def profile_lock(tag: str, *, wait: bool = True, what: str = "") -> Iterator[None]:
    """Hold the profile's lock, its keeper ended. Without `wait`, a lock that another command has is a failure."""
    path, record = lock_path(tag), record_path(tag)
    with ExitStack() as held:
        try:
            held.enter_context(locked(path, wait=False, what=what))
        except ClusterFailure:
            if not interrupt(record) and not wait:
                raise
            held.enter_context(locked(path, wait=wait, what=what))
        end(record)
        yield
