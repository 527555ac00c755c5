"""Everything that a cluster could leave behind on its host, as sets that can be compared."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import orjson
from tests.waiting import eventually

State = dict[str, set[str]]


def output(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def links() -> set[str]:
    return {link["ifname"] for link in orjson.loads(output("ip", "-json", "link"))}


def routes() -> set[str]:
    return set(output("ip", "route", "show", "table", "all").splitlines())


def namespaces() -> set[str]:
    return set(output("ip", "netns", "list").split())


def mounts() -> set[str]:
    return {line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()}


def cgroups() -> set[str]:
    return {str(path) for path in Path("/sys/fs/cgroup").glob("*/kajitori*")} | {
        str(path) for path in Path("/sys/fs/cgroup").glob("kajitori*")
    }


def rules() -> set[str]:
    return set(output("nft", "list", "tables").splitlines())


def processes_of(word: str) -> Iterator[str]:
    """Processes that a cluster of this home could have started."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            cgroup = (folder / "cgroup").read_text()
            if (folder / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
                continue  # ended; the host's own first process has not looked yet
        except OSError:
            continue
        if word in command or f"kajitori-{word}" in cgroup:
            yield f"{folder.name} {command}"


def tentative() -> str:
    """IPv6 addresses that the kernel still asks the link about: their routes come a second or two after the device."""
    return output("ip", "-6", "-oneline", "address", "show", "tentative", "-dadfailed")


def state() -> State:
    eventually(lambda: not tentative(), "no device's address is on its way", 10)
    return {
        "links": links(),
        "routes": routes(),
        "network name spaces": namespaces(),
        "mounts": mounts(),
        "cgroups": cgroups(),
        "nftables": rules(),
    }


def added(before: State, after: State) -> State:
    """What was not there before."""
    return {kind: after[kind] - before[kind] for kind in after if after[kind] - before[kind]}


def is_as(before: State) -> bool:
    """Nothing is here that was not; what is, is told."""
    left = added(before, state())
    assert not left, left
    return True
