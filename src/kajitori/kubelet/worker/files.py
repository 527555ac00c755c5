"""Files that the kubelet makes for a Pod: its directories, ``/etc/hosts``, termination messages, log links.

Plain file system calls on the node's local disk. May import: of the kubelet `pods`, `runtime`, `worker.context`.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kajitori.aiokit.logs import get_logger

from ..runtime.hosts import node_hosts, pod_hosts
from ..runtime.records import ContainerRecord
from ..runtime.sandbox import domain_of, hostname_of, log_directory
from .context import NodeFacts

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod

log = get_logger(__name__)
MAX_MESSAGE_BYTES = 4096
FALLBACK_BYTES, FALLBACK_LINES = 2048, 80


def make_pod_dirs(pod: Pod, facts: NodeFacts) -> None:
    """``pods/<uid>`` and what upstream keeps in it, and the log directory."""
    base = Path(facts.pod_dir(pod.metadata.uid or ""))
    for name in ("volumes", "plugins", "containers"):
        (base / name).mkdir(parents=True, exist_ok=True, mode=0o750)
    Path(log_directory(pod, facts.logs_root)).mkdir(parents=True, exist_ok=True)


def write_hosts(pod: Pod, facts: NodeFacts, ips: Sequence[str]) -> str:
    """The Pod's ``/etc/hosts`` on the node."""
    path = Path(facts.pod_dir(pod.metadata.uid or "")) / "etc-hosts"
    if pod.spec.host_network:
        try:
            own = Path("/etc/hosts").read_text()
        except OSError:
            own = ""
        text = node_hosts(own, pod.spec.host_aliases)
    else:
        text = pod_hosts(ips, hostname_of(pod), domain_of(pod, facts.cluster_domain), pod.spec.host_aliases)
    path.write_text(text)
    path.chmod(0o644)
    return str(path)


def make_termination_file(pod: Pod, container: str, facts: NodeFacts) -> str:
    """A fresh file for the container to leave its last words in."""
    folder = Path(facts.pod_dir(pod.metadata.uid or "")) / "containers" / container
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    path = folder / secrets.token_hex(4)
    path.touch()
    path.chmod(0o666)
    return str(path)


def termination_message(record: ContainerRecord) -> str:
    """What an ended container left: its file, or the end of its log if it asked for that and failed."""
    text = ""
    if record.termination_path:
        with contextlib.suppress(OSError), Path(record.termination_path).open("rb") as file:
            text = file.read(MAX_MESSAGE_BYTES).decode(errors="replace")
    if not text and record.termination_policy == "FallbackToLogsOnError" and record.exit_code != 0:
        text = log_tail(record.log_path)
    return text


def log_tail(path: str) -> str:
    """The last lines of a container's log, without stamps."""
    try:
        with Path(path).open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 4 * FALLBACK_BYTES))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    words = [line.split(" ", 3) for line in lines]
    text = "".join(w[3] + ("\n" if w[2] == "F" else "") for w in words if len(w) == 4)
    return "".join(text.splitlines(keepends=True)[-FALLBACK_LINES:])[-FALLBACK_BYTES:]


def last_attempt(pod: Pod, container: str, facts: NodeFacts) -> int:
    """The highest restart count that has a log, or -1: the count survives the loss of all containers."""
    folder = Path(log_directory(pod, facts.logs_root)) / container
    counts = [int(p.name.split(".", 1)[0]) for p in folder.glob("*.log*") if p.name.split(".", 1)[0].isdecimal()]
    return max(counts, default=-1)


def link_log(pod: Pod, container: str, container_id: str, log_path: str, facts: NodeFacts) -> None:
    """``/var/log/containers/POD_NAMESPACE_CONTAINER-ID.log``, for log collectors."""
    folder = Path(facts.container_logs)
    name = f"{pod.metadata.name}_{pod.metadata.namespace}_{container}"
    link = folder / f"{name[: 251 - len(container_id)]}-{container_id}.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(log_path)
    except OSError as error:
        log.v(1).info("cannot link container log", link=str(link), err=str(error))


def remove_log_links(pod_name: str, namespace: str, facts: NodeFacts) -> None:
    """Links whose log is gone."""
    for link in Path(facts.container_logs).glob(f"{pod_name}_{namespace}_*.log"):
        if not link.exists():
            link.unlink(missing_ok=True)


def remove_log(record: ContainerRecord, pod: Pod, facts: NodeFacts) -> None:
    """The log of one incarnation, its rotated parts and the link to it."""
    path = Path(record.log_path)
    for part in (path, *path.parent.glob(f"{path.name}.*")):
        part.unlink(missing_ok=True)
    remove_log_links(pod.metadata.name or "", pod.metadata.namespace or "", facts)


def remove_pod_dirs(uid: str, facts: NodeFacts) -> None:
    """Remove ``pods/<uid>``; refuses while anything is mounted in it."""
    base = facts.pod_dir(uid)
    if not Path(base).is_dir():
        return
    if any(f" {base}/" in line for line in Path("/proc/self/mountinfo").read_text().splitlines()):
        log.warning("pod directory still has mounts", path=base)
        return
    shutil.rmtree(base, ignore_errors=True)


def remove_logs(namespace: str, name: str, uid: str, facts: NodeFacts) -> None:
    """Remove the Pod's log directory and the links to it."""
    shutil.rmtree(f"{facts.logs_root}/{namespace}_{name}_{uid}", ignore_errors=True)
    remove_log_links(name, namespace, facts)
