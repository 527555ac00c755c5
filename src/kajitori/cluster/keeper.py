"""The keeper of a cluster: a small process of the host that starts the node again when its first process has ended.

    waiting ──(a node's first process ended)──► exec: the program of `revive`, which starts the cluster and then
       ▲                                        becomes the keeper again
       └────────────────────────────────────────┘

One process number for both, so whoever ends it ends a restart too. It goes on only while its record names it and the
profile is there: `stop`, `delete` and a new `start` take the record away and end the keeper before they touch the node.
A restart that fails, or a node that lives shorter than `STEADY_S`, makes the next one wait: 1 s, 2 s, 4 s … up to 60 s.

Run as `python -I -S keeper.py …` by `keeping`: no site, no package, two modules. May import: nothing of Kajitori.
"""

import os
import sys
import time

STEADY_S = 60.0
LONGEST_DELAY_S = 60.0
LOG_BYTES = 256 * 1024


def delay_s(failures: int) -> float:
    """How long to wait before a restart that follows so many in a row."""
    return min(2.0 ** (failures - 1), LONGEST_DELAY_S) if failures > 0 else 0.0


def start_time(pid: int) -> str:
    """When a process began, in clock ticks after boot; empty for one that has ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - pathlib costs 1 MB
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def identity(pid: int) -> str:
    """A process as records name it: no later one has the same."""
    return f"{pid}:{start_time(pid)}"


def text_of(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            return file.read()
    except OSError:
        return ""


def is_wanted(record: str, config: str) -> bool:
    """Whether this process is still the cluster's keeper, and the cluster still somebody's."""
    return text_of(record) == identity(os.getpid()) and os.path.exists(config)  # noqa: PTH110


def wait_for_end(nodes: list[str]) -> None:
    """Returns when the first of these processes has ended; at once where there is none."""
    import select

    poll = select.poll()
    handles = []
    for node in nodes:
        pid = int(node.partition(":")[0])
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            break
        handles.append(handle)
        if identity(pid) != node:
            break
        poll.register(handle, select.POLLIN)
    else:
        if nodes:
            poll.poll()
    for handle in handles:
        os.close(handle)


def detach(record: str) -> None:
    """Become a process of nobody's: own session, no terminal, no folder, no open file; returns in it, once recorded."""
    told, tell = os.pipe()
    if os.fork():
        os.close(tell)
        os._exit(0 if os.read(told, 1) else 1)
    os.setsid()
    with open(record + ".new", "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(identity(os.getpid()))
    os.rename(record + ".new", record)  # noqa: PTH104
    os.dup2(tell, 3)
    release_files(above=3)
    os.write(3, b"1")


def release_files(above: int = 2) -> None:
    """Nothing that the caller had open stays open, its locks, its folder and its terminal least of all."""
    os.chdir("/")
    null = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.closerange(above + 1, 1 << 20)


def open_log(path: str, line: str) -> None:
    """What is printed from here on goes to the log, which starts anew when it is long. No room for it stops nothing."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        if os.fstat(handle).st_size > LOG_BYTES:
            os.truncate(handle, 0)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        os.close(handle)
        os.write(1, line.encode())
    except OSError:
        return  # a full disk may be why the node ended


def keep(record: str, config: str, log: str, failures: int, nodes: list[str], revive: list[str]) -> None:
    """Wait, then become `revive`; returns when there is nothing left to keep."""
    began = time.monotonic()
    wait_for_end(nodes)
    if nodes and time.monotonic() - began >= STEADY_S:
        failures = 0
    time.sleep(delay_s(failures))
    if not is_wanted(record, config):
        return
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    open_log(log, f"{now} the node's first process ended, starting it again (attempt {failures + 1})\n")
    os.execv(revive[0], [*revive, str(failures)])


def main(argv: list[str]) -> int:
    """`[--detach] RECORD CONFIG LOG FAILURES NODE… -- COMMAND…`; a NODE is `pid:start`."""
    if argv[0] == "--detach":
        argv = argv[1:]
        detach(argv[0])
    release_files()
    end = argv.index("--")
    record, config, log, failures, *nodes = argv[:end]
    try:
        keep(record, config, log, int(failures), nodes, argv[end + 1 :])
    finally:
        if text_of(record) == identity(os.getpid()):
            os.unlink(record)  # noqa: PTH108
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
