"""Images of a running node: bring in, list, pull, remove, all through the runtime's own client inside the node.

May import: cluster's own modules.
"""

import subprocess
from pathlib import Path

from kajitori.cluster import machine
from kajitori.cluster.failures import IMAGE, NODE_NOT_RUNNING, ClusterFailure
from kajitori.cluster.paths import Home
from kajitori.cluster.profile import Node, Profile
from kajitori.cluster.sandbox import runc

CTR = ("ctr", "--namespace", "k8s.io", "images")


def container_of(home: Home, cluster: Profile, node: Node) -> str:
    """The node's sandbox, which must run."""
    name = machine.container_name(home.tag(cluster.name), node)
    if runc.first_pid(name) is None:
        raise ClusterFailure(
            NODE_NOT_RUNNING,
            f'The node "{node.name}" of cluster "{cluster.name}" is not running',
            f'Start it with: "minikube start -p {cluster.name}"',
        )
    return name


def in_node(home: Home, cluster: Profile, node: Node, *args: str, archive: Path | None = None) -> str:
    """Run the runtime's client in one node; `archive` becomes its standard input."""
    argv = runc.exec_command(container_of(home, cluster, node), [*CTR, *args])
    source = archive.open("rb") if archive else subprocess.DEVNULL
    try:
        done = subprocess.run(argv, stdin=source, capture_output=True, text=True, check=False)
    finally:
        if not isinstance(source, int):
            source.close()
    if done.returncode != 0:
        text = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise ClusterFailure(IMAGE, text[-1] if text else f"ctr {args[0]} failed", "")
    return done.stdout


def load(home: Home, cluster: Profile, archive: Path) -> None:
    """Bring an image archive (docker save, OCI layout) into every node."""
    if not archive.is_file():
        raise ClusterFailure(
            IMAGE, f"{archive}: no such file", "Give the path of an image archive, as `docker save` writes it"
        )
    for node in cluster.nodes:
        names = imported(in_node(home, cluster, node, "import", "--digests=false", "-", archive=archive))
        if not names:
            raise ClusterFailure(
                IMAGE,
                f"{archive}: no image in it has a name",
                "Write the archive anew with a name, as `docker save NAME`",
            )
        for name in names:
            if name != full_name(name):  # OCI archives of some tools say `app:1`; Pods ask for docker.io/library/app:1
                in_node(home, cluster, node, "tag", "--force", name, full_name(name))
                in_node(home, cluster, node, "remove", name)


def imported(output: str) -> list[str]:
    """The names that the runtime's client says it has brought in: `unpacking NAME (DIGEST)...done`."""
    return [line.split()[1] for line in output.splitlines() if line.startswith("unpacking ")]


def list_names(home: Home, cluster: Profile) -> list[str]:
    """Every image name on the primary node, as `minikube image ls` orders them."""
    out = in_node(home, cluster, cluster.primary, "list", "--quiet")
    return sorted((name for name in out.split() if not name.startswith("sha256:") and "@" not in name), reverse=True)


def full_name(name: str) -> str:
    """An image's name with its registry and tag, as the runtime keeps it."""
    first, _, rest = name.partition("/")
    if not rest:
        name = f"docker.io/library/{name}"
    elif "." not in first and ":" not in first and first != "localhost":
        name = f"docker.io/{name}"
    return name if ":" in name.rpartition("/")[2] or "@" in name else f"{name}:latest"


def pull(home: Home, cluster: Profile, name: str) -> None:
    for node in cluster.nodes:
        in_node(home, cluster, node, "pull", "--hosts-dir", "/etc/containerd/certs.d", full_name(name))


def remove(home: Home, cluster: Profile, name: str) -> None:
    for node in cluster.nodes:
        in_node(home, cluster, node, "remove", full_name(name))
