"""A profile: the description of one cluster, kept as `profiles/NAME/config.json` in minikube's field names.

Written before anything else is made, so that a start that broke at any point can be deleted.
May import: paths, failures.
"""

import os
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from kajitori import KUBERNETES_VERSION
from kajitori.cluster.failures import PROFILE_NOT_FOUND, PROFILE_UNREADABLE, USAGE, ClusterFailure
from kajitori.cluster.paths import Home

NAME = re.compile(r"^[a-zA-Z0-9](?:[a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?$")


@dataclass(frozen=True, kw_only=True)
class Node:
    """One machine of a cluster."""

    name: str
    ip: str = ""
    control_plane: bool = True
    worker: bool = True
    index: int = 0


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a cluster is made of; `nodes[0]` is the primary control plane, `face` the command line that owns it."""

    name: str
    face: str = "minikube"
    driver: str = "runc"
    memory_mb: int = 0
    cpus: int = 0
    kubernetes_version: str = KUBERNETES_VERSION
    container_runtime: str = "containerd"
    service_cidr: str = "10.96.0.0/12"
    pod_cidr: str = "10.244.0.0/16"
    dns_domain: str = "cluster.local"
    apiserver_port: int = 8443
    subnet: str = ""
    isolated: bool = False
    registry_mirrors: tuple[str, ...] = ()
    nodes: tuple[Node, ...] = ()
    addons: tuple[tuple[str, bool], ...] = (("default-storageclass", True), ("storage-provisioner", True))
    created: str = ""

    @property
    def primary(self) -> Node:
        return self.nodes[0]

    @property
    def context(self) -> str:
        """The name of the cluster, its user and its context in a kubeconfig."""
        return f"kind-{self.name}" if self.face == "kind" else self.name


def check_name(name: str) -> None:
    """Refuse a profile name that could not name a host, a directory or an interface."""
    if not NAME.match(name):
        raise ClusterFailure(
            USAGE,
            f"The profile name '{name}' is not valid: at most 63 letters, digits, - and _, none of the last two first",
            "Choose another name with --profile",
        )


def path_of(home: Home, name: str) -> Path:
    return home.profile(name) / "config.json"


def save(home: Home, profile: Profile) -> None:
    """Write the profile so that a reader sees the old or the new one, whole."""
    path = path_of(home, profile.name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    data = orjson.dumps(asdict(profile), option=orjson.OPT_INDENT_2)
    temporary = path.with_name(".config.json.new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def load(home: Home, name: str) -> Profile:
    """Read a profile; one that is not there is GUEST_PROFILE_NOT_FOUND."""
    try:
        data = path_of(home, name).read_bytes()
    except FileNotFoundError:
        raise ClusterFailure(
            PROFILE_NOT_FOUND, f'Profile "{name}" not found.', 'To view all profiles, run: "minikube profile list"'
        ) from None
    try:
        return decoded(data)
    except (ValueError, TypeError, AttributeError, IndexError) as error:
        raise ClusterFailure(
            PROFILE_UNREADABLE,
            f"The profile's configuration {path_of(home, name)} cannot be read: {error}",
            f"Remove what is left of the cluster: minikube delete -p {name}",
        ) from None


def decoded(text: bytes) -> Profile:
    """A profile from its file."""
    data = orjson.loads(text)
    known = {f: data[f] for f in Profile.__dataclass_fields__ if f in data}
    known["nodes"] = tuple(Node(**n) for n in data.get("nodes", ()))
    known["registry_mirrors"] = tuple(data.get("registry_mirrors", ()))
    known["addons"] = tuple((name, on) for name, on in data.get("addons", ()))
    if not known["nodes"]:
        raise ValueError("it names no node")
    return Profile(**known)


def names(home: Home) -> list[str]:
    """Every profile that has a configuration, sorted."""
    if not home.profiles.is_dir():
        return []
    return sorted(p.name for p in home.profiles.iterdir() if (p / "config.json").is_file())


def readable(home: Home) -> tuple[list[Profile], list[str]]:
    """Every profile that can be read, and the names of those that cannot."""
    found, broken = [], []
    for name in names(home):
        try:
            found.append(load(home, name))
        except ClusterFailure:
            broken.append(name)
    return found, broken


def forget(home: Home, name: str) -> None:
    """Remove what the profile directory holds."""
    shutil.rmtree(home.profile(name), ignore_errors=True)
