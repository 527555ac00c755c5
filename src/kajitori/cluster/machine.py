"""What lies in a machine's directory before its node starts: root, /etc, /var and the OCI bundle.

Everything here is written by the host and can be written again over what is there; nothing in the node's /var that the
cluster made itself is touched. May import: cluster's own modules.
"""

import os
import resource
import shutil
from collections.abc import Mapping
from pathlib import Path

import orjson

from kajitori.cluster import containerd, program
from kajitori.cluster.imagebuild import system
from kajitori.cluster.network import NETNS_DIR, Plan
from kajitori.cluster.paths import Machine
from kajitori.cluster.profile import Node, Profile
from kajitori.cluster.sandbox import bundle, entry

ETC_FILES = ("passwd", "group", "nsswitch.conf", "protocols", "services", "mime.types")
"""Copied from the host where it has them: the programs under /usr look them up."""


def container_name(tag: str, node: Node) -> str:
    return f"kajitori-{tag}-{node.name}"


def write(path: Path, text: str | bytes, mode: int = 0o644) -> None:
    """A whole file, with its directory; the mode is there from the first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode() if isinstance(text, str) else text
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(handle, mode)
        file.write(data)


def write_root(machine: Machine) -> None:
    """The bundle's root: directories to mount on and the merged-usr links."""
    for name in bundle.ROOTFS_DIRECTORIES:
        (machine.rootfs / name).mkdir(parents=True, exist_ok=True)
    for name in bundle.MERGED_USR:
        host, link = Path("/", name), machine.rootfs / name
        if host.is_symlink() and not link.is_symlink():
            link.symlink_to(f"usr/{name}")
    for name in ("lib/containerd", "lib/kubelet", "lib/kajitori", "log", "tmp", "cache"):
        (machine.var / name).mkdir(parents=True, exist_ok=True)
    if not (machine.var / "run").is_symlink():
        (machine.var / "run").symlink_to("/run")


def write_etc(machine: Machine, profile: Profile, node: Node, plan: Plan, hosts: Mapping[str, str]) -> None:
    """The node's /etc but for Kubernetes' own part."""
    for name in ETC_FILES:
        source = Path("/etc", name)
        if source.is_file():
            write(machine.etc / name, source.read_bytes())
    for path in bundle.HOST_ETC:
        mount_point(machine.etc / Path(path).relative_to("/etc"), Path(path))
    write(machine.etc / "resolv.conf", resolv_conf())
    write(machine.etc / "hostname", node.name + "\n")
    names = "".join(f"{ip}\t{name}\n" for name, ip in hosts.items())
    write(
        machine.etc / "hosts",
        f"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n{plan.gateway}\thost.minikube.internal\n{names}",
    )
    write(machine.etc / "machine-id", f"{plan.tag}{node.index:08x}{plan.tag}{0:08x}\n")
    write(machine.etc / "containerd/config.toml", containerd.config())
    certs = machine.etc / "containerd/certs.d"
    shutil.rmtree(certs, ignore_errors=True)
    if profile.registry_mirrors:
        mirrors = [containerd.through_gateway(mirror, plan.gateway) for mirror in profile.registry_mirrors]
        write(certs / "_default/hosts.toml", containerd.hosts(mirrors, only=profile.isolated))
    else:
        certs.mkdir(parents=True, exist_ok=True)
    write(machine.etc / "kajitori/init", entry.SCRIPT, 0o755)
    write(machine.etc / "kajitori/load-images", entry.LOAD_IMAGES, 0o755)
    write(machine.etc / "kajitori/stop-containers", entry.STOP_CONTAINERS, 0o755)
    write(machine.etc / "kajitori/keep-pod-network", entry.KEEP_POD_NETWORK, 0o755)


def mount_point(path: Path, like: Path) -> None:
    """An empty file or directory for the host's own to be mounted on."""
    if like.is_dir():
        path.mkdir(parents=True, exist_ok=True)
    elif like.exists() and not path.exists():
        write(path, b"")


def resolv_conf() -> str:
    """The host's name servers; those on its loopback are out of a node's reach, so systemd's own list is read first."""
    for candidate in (Path("/run/systemd/resolve/resolv.conf"), Path("/etc/resolv.conf")):
        if candidate.is_file():
            lines = candidate.read_text(errors="replace").splitlines()
            kept = [line for line in lines if not line.startswith(("nameserver 127.", "nameserver ::1"))]
            if any(line.startswith("nameserver") for line in kept):
                return "\n".join(kept) + "\n"
    return ""


def write_images(machine: Machine) -> None:
    """The system archive, where a node that starts for the first time finds it."""
    data, digest = system.system_archive()
    folder = machine.var / "lib/kajitori/images"
    mark = folder / "system.tar.digest"
    if mark.is_file() and mark.read_text() == digest:
        return
    write(folder / "system.tar", data)
    write(mark, digest)


def own_capabilities() -> int:
    """The mask of capabilities that this process has."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("CapEff:")).split()[1], 16)


def write_bundle(machine: Machine, profile: Profile, node: Node, plan: Plan) -> None:
    """The OCI configuration of the node's sandbox."""
    sandbox = bundle.Sandbox(
        hostname=node.name,
        etc=str(machine.etc),
        var=str(machine.var),
        netns=str(NETNS_DIR / plan.netns(node.index)),
        cgroup=f"/{container_name(plan.tag, node)}",
        program_folders=program.folders(),
        capability_mask=own_capabilities(),
        host_etc=[path for path in bundle.HOST_ETC if Path(path).exists()],
        memory_bytes=profile.memory_mb * 1024 * 1024,
        cpus=profile.cpus,
        open_files=resource.getrlimit(resource.RLIMIT_NOFILE)[1],
    )
    write(machine.bundle / "config.json", orjson.dumps(bundle.config(sandbox), option=orjson.OPT_INDENT_2), 0o600)
