"""The container runtime's configuration inside a node. Pure text. May import: nothing of Kajitori.

Everything a node of ours does not use is switched off: each plugin costs memory on every node.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

PAUSE_IMAGE = "registry.k8s.io/pause:3.10.1"

UNUSED_PLUGINS = (
    "io.containerd.snapshotter.v1.aufs",
    "io.containerd.snapshotter.v1.btrfs",
    "io.containerd.snapshotter.v1.devmapper",
    "io.containerd.snapshotter.v1.zfs",
    "io.containerd.internal.v1.opt",
    "io.containerd.internal.v1.tracing",
    "io.containerd.tracing.processor.v1.otlp",
)


def config() -> str:
    """`/etc/containerd/config.toml`."""
    disabled = ", ".join(f'"{name}"' for name in UNUSED_PLUGINS)
    return f"""version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
oom_score = 0
disabled_plugins = [{disabled}]

[grpc]
  address = "/run/containerd/containerd.sock"

[plugins."io.containerd.gc.v1.scheduler"]
  schedule_delay = "5s"
  startup_delay = "10s"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE_IMAGE}"
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  restrict_oom_score_adj = true
  max_concurrent_downloads = 6
  tolerate_missing_hugetlb_controller = true
  disable_apparmor = false
  enable_unprivileged_ports = true
  enable_unprivileged_icmp = true

[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "overlayfs"
  default_runtime_name = "runc"
  discard_unpacked_layers = false

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = false

# What RuntimeClass tests name, as kind's nodes have it.
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.test-handler]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "/etc/cni/net.d"

[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "/etc/containerd/certs.d"
"""


def through_gateway(mirror: str, gateway: str) -> str:
    """A mirror on the host's loopback, as a node has to call it."""
    url = urlsplit(mirror)
    if url.hostname not in ("127.0.0.1", "localhost"):
        return mirror
    return url._replace(netloc=f"{gateway}:{url.port or (443 if url.scheme == 'https' else 80)}").geturl()


def hosts(mirrors: Sequence[str], *, only: bool) -> str:
    """`certs.d/_default/hosts.toml`: every registry is asked for at the mirrors first, and `only` there if so said."""
    lines = [f'server = "{mirrors[0]}"', ""] if only else []
    for mirror in mirrors:
        lines += [f'[host."{mirror}"]', '  capabilities = ["pull", "resolve"]', ""]
    return "\n".join(lines)
