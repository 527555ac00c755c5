"""Facts of the machine, read from /proc, /sys and /etc. May import: nothing of the project."""

from __future__ import annotations

import os
import platform
import socket
from dataclasses import dataclass
from pathlib import Path

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "ppc64le": "ppc64le", "s390x": "s390x"}


@dataclass(frozen=True)
class Machine:
    """What does not change while the kubelet runs."""

    cpus: int
    memory_bytes: int
    disk_bytes: int
    architecture: str
    kernel_version: str
    os_image: str
    machine_id: str
    system_uuid: str
    boot_id: str


def _first_line(*paths: str) -> str:
    for path in paths:
        try:
            text = Path(path).read_text().strip()
        except OSError:
            continue
        if text:
            return text.splitlines()[0]
    return ""


def memory_info() -> dict[str, int]:
    """/proc/meminfo in bytes."""
    rows = (line.split() for line in Path("/proc/meminfo").read_text().splitlines())
    return {row[0].rstrip(":"): int(row[1]) * 1024 for row in rows if len(row) >= 2}


def os_image() -> str:
    """PRETTY_NAME of os-release."""
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        try:
            lines = Path(path).read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            if line.startswith("PRETTY_NAME="):
                return line.partition("=")[2].strip().strip('"')
    return "Unknown"


def read_machine(root_dir: str) -> Machine:
    """All of it; ``root_dir`` decides whose disk counts."""
    disk = os.statvfs(root_dir)
    return Machine(
        cpus=len(os.sched_getaffinity(0)),
        memory_bytes=memory_info()["MemTotal"],
        disk_bytes=disk.f_blocks * disk.f_frsize,
        architecture=ARCHITECTURES.get(platform.machine(), platform.machine()),
        kernel_version=platform.release(),
        os_image=os_image(),
        machine_id=_first_line("/etc/machine-id", "/var/lib/dbus/machine-id"),
        system_uuid=_first_line("/sys/class/dmi/id/product_uuid", "/etc/machine-id"),
        boot_id=_first_line("/proc/sys/kernel/random/boot_id"),
    )


def own_address() -> str:
    """The address from which this machine would reach others; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"
