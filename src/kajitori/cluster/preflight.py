"""What must be true of the host before a cluster is built on it, checked in milliseconds and told with a way out.

May import: cluster's own modules.
"""

import asyncio
import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from kajitori.cluster import failures
from kajitori.cluster.failures import ClusterFailure, Reason
from kajitori.cluster.paths import Home
from kajitori.cluster.profile import Profile

TOOLS: tuple[tuple[str, str, Reason], ...] = (
    ("runc", "runc", failures.RUNC_NOT_FOUND),
    ("containerd", "containerd", failures.CONTAINERD_NOT_FOUND),
    ("ctr", "containerd", failures.CONTAINERD_NOT_FOUND),
    ("ip", "iproute2", failures.NETWORK),
    ("nft", "nftables", failures.NETWORK),
    ("iptables", "iptables", failures.NETWORK),
    ("conntrack", "conntrack", failures.NETWORK),
    ("catatonit", "catatonit", failures.RUNTIME_ENABLE),
)
"""Program, the Debian package that brings it, and what to call its absence."""

CNI_PLUGINS = Path("/usr/lib/cni/ptp")
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MIN_FREE_BYTES = 300 * 1024 * 1024
LAST_BYTES = 4 * 1024 * 1024
"""A disk with less than this is full: nothing that still starts will get further."""
MIN_MEMORY_MB = 500


def require_root() -> None:
    """Raises `ClusterFailure` for anybody else."""
    if os.geteuid() != 0:
        raise ClusterFailure(
            failures.NEEDS_ROOT,
            'The "runc" driver needs root privileges: it makes network devices, mounts and cgroups.',
            "Run the command again with sudo: sudo -E minikube start",
        )


def which(program: str) -> str | None:
    """Where a program lies, administrators' folders included: they are often missing from PATH."""
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}")


def require_tools(find: Callable[[str], str | None] = which) -> None:
    """Raises `ClusterFailure` that names every missing program at once, and the packages they come in."""
    missing = [(program, package, reason) for program, package, reason in TOOLS if find(program) is None]
    if not missing and not CNI_PLUGINS.exists():
        missing = [("ptp", "containernetworking-plugins", failures.RUNTIME_ENABLE)]
    if missing:
        packages = " ".join(sorted({package for _, package, _ in missing}))
        names = ", ".join(program for program, _, _ in missing)
        raise ClusterFailure(
            missing[0][2], f"Not found on this machine: {names}", f"Install it: sudo apt-get install {packages}"
        )


def require_space(home: Home, minimum: int = MIN_FREE_BYTES) -> None:
    """Room for images and state where the machines will lie."""
    home.root.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home.root).free
    if free < minimum:
        raise no_space(home, f"only {free // 1024**2} MB are free")


def no_space(home: Home, detail: str) -> ClusterFailure:
    """What a full disk is told as; `detail` is the system's own word for it."""
    return ClusterFailure(
        failures.STORAGE,
        f"The disk that holds {home.root} is full: {detail}",
        'Free some space, or name another disk with MINIKUBE_HOME; "minikube delete --all" removes old clusters',
    )


async def stay_above(home: Home, minimum: int = LAST_BYTES, every_s: float = 0.5) -> None:
    """While a cluster starts: fail as soon as the disk is full, instead of waiting for what cannot happen."""
    while True:
        free = shutil.disk_usage(home.root).free
        if free < minimum:
            raise no_space(home, f"only {free // 1024**2} MB are free")
        await asyncio.sleep(every_s)


def is_no_space(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def require_resources(profile: Profile) -> None:
    """The asked-for memory and processors exist."""
    if profile.cpus > (os.cpu_count() or 1):
        raise ClusterFailure(
            failures.CORES,
            f"Requested cpu count {profile.cpus} is greater than the available cpus of {os.cpu_count()}",
            "Ask for fewer with --cpus",
        )
    if not profile.memory_mb:
        return
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024**2
    if profile.memory_mb < MIN_MEMORY_MB:
        raise ClusterFailure(
            failures.MEMORY,
            f"Requested memory allocation {profile.memory_mb}MiB is less than the usable minimum of {MIN_MEMORY_MB}MB",
            "Ask for more with --memory",
        )
    if profile.memory_mb > total:
        raise ClusterFailure(
            failures.MEMORY,
            f"Requested memory allocation {profile.memory_mb}MB is more than your system limit {total}MB.",
            "Ask for less with --memory",
        )


def check(home: Home, profile: Profile, *, force: bool = False) -> None:
    """All of it, the cheapest first; `force` takes the risk of a machine that is too small."""
    require_root()
    require_tools()
    if not force:
        require_resources(profile)
        require_space(home)
