"""The OCI bundle of a node: what runc is told to make. A pure function from a description to a `config.json`.

The host's /usr and the program's folders come in read-only at their own paths; /etc and /var are the machine's; /run
and /tmp are in memory; the node may do to its own kernel name spaces what it likes. May import: nothing of Kajitori.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

HOST_ETC = ("/etc/alternatives", "/etc/ssl", "/etc/ld.so.cache", "/etc/localtime")
"""What programs under /usr expect in /etc and is the same on every node."""

MERGED_USR = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")

ROOTFS_DIRECTORIES = ("dev", "etc", "home", "mnt", "opt", "proc", "root", "run", "srv", "sys", "tmp", "usr", "var")

CAPABILITY_NAMES = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
]
"""In the kernel's order: the index is the bit."""


def capabilities(mask: int) -> list[str]:
    """The names in a `CapEff` mask: a node gets what we have, and asking for more would be refused."""
    return [f"CAP_{name}" for bit, name in enumerate(CAPABILITY_NAMES) if mask >> bit & 1]


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """One node, as runc needs to know it."""

    hostname: str
    etc: str
    var: str
    netns: str
    cgroup: str
    program_folders: Sequence[str]
    capability_mask: int
    host_etc: Sequence[str] = ()
    memory_bytes: int = 0
    cpus: int = 0
    open_files: int = 65536
    environment: Sequence[str] = ()


def bind(source: str, target: str, *options: str) -> dict[str, Any]:
    """An OCI bind mount with what is mounted below; what the node mounts there stays its own."""
    return {"destination": target, "type": "bind", "source": source, "options": ["rbind", "rprivate", *options]}


def memory(target: str, *options: str) -> dict[str, Any]:
    """An OCI mount of a tmpfs."""
    return {"destination": target, "type": "tmpfs", "source": "tmpfs", "options": list(options)}


def mounts(sandbox: Sandbox) -> list[dict[str, Any]]:
    """In the order in which they are made: what lies inside comes after what it lies in."""
    return [
        {"destination": "/proc", "type": "proc", "source": "proc"},
        memory("/dev", "nosuid", "strictatime", "mode=755", "size=65536k"),
        {
            "destination": "/dev/pts",
            "type": "devpts",
            "source": "devpts",
            "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
        },
        memory("/dev/shm", "nosuid", "nodev", "mode=1777"),
        {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": ["nosuid", "noexec", "nodev"]},
        {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "rw"]},
        {
            "destination": "/sys/fs/cgroup",
            "type": "cgroup",
            "source": "cgroup",
            "options": ["nosuid", "noexec", "nodev", "relatime", "rw"],
        },
        memory("/run", "nosuid", "nodev", "mode=755"),
        memory("/tmp", "nosuid", "nodev", "mode=1777"),
        bind("/usr", "/usr", "ro"),
        bind(sandbox.etc, "/etc", "rw"),
        bind(sandbox.var, "/var", "rw"),
        *(bind(path, path, "ro") for path in sandbox.host_etc),
        *(bind(path, path, "ro") for path in sandbox.program_folders),
    ]


def resources(sandbox: Sandbox) -> dict[str, Any]:
    """Every device is allowed; memory and processors are limited where asked."""
    made: dict[str, Any] = {"devices": [{"allow": True, "access": "rwm"}]}
    if sandbox.memory_bytes:
        made["memory"] = {"limit": sandbox.memory_bytes}
    if sandbox.cpus:
        made["cpu"] = {"period": 100_000, "quota": sandbox.cpus * 100_000}
    return made


def config(sandbox: Sandbox) -> dict[str, Any]:
    """The runtime specification of the node."""
    spaces: Iterable[dict[str, str]] = (
        {"type": "pid"},
        {"type": "ipc"},
        {"type": "uts"},
        {"type": "mount"},
        {"type": "cgroup"},
        {"type": "network", "path": sandbox.netns},
    )
    every = capabilities(sandbox.capability_mask)
    return {
        "ociVersion": "1.0.2",
        "hostname": sandbox.hostname,
        "process": {
            "terminal": False,
            "user": {"uid": 0, "gid": 0},
            "cwd": "/",
            "args": ["/bin/bash", "/etc/kajitori/init"],
            "env": [
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "HOME=/root",
                "LANG=C.UTF-8",
                *sandbox.environment,
            ],
            "capabilities": {"bounding": every, "effective": every, "permitted": every},
            "rlimits": [{"type": "RLIMIT_NOFILE", "hard": sandbox.open_files, "soft": sandbox.open_files}],
            "noNewPrivileges": False,
            "oomScoreAdj": 0,
        },
        "root": {"path": "rootfs", "readonly": False},
        "mounts": mounts(sandbox),
        "linux": {
            "namespaces": list(spaces),
            "cgroupsPath": sandbox.cgroup,
            "resources": resources(sandbox),
            "rootfsPropagation": "slave",
            "maskedPaths": [],
            "readonlyPaths": [],
        },
    }
