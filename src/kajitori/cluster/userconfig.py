"""The user's kubeconfig: the entries of a cluster, written and taken out again as minikube does.

May import: client.{kubeconfig,kubeconfigfiles}, cluster's own modules.
"""

import base64
from datetime import datetime
from pathlib import Path
from typing import Any

from kajitori.client import kubeconfig
from kajitori.client.kubeconfigfiles import config_paths
from kajitori.cluster.paths import Home
from kajitori.cluster.profile import Profile

PROVIDER = "minikube.sigs.k8s.io"
MINIKUBE_VERSION = "v1.37.0"


def server(profile: Profile) -> str:
    return f"https://{profile.primary.ip}:{profile.apiserver_port}"


def extension(name: str, now: datetime) -> list[dict[str, Any]]:
    stamp = now.strftime("%a, %d %b %Y %H:%M:%S UTC")
    return [{"extension": {"last-update": stamp, "provider": PROVIDER, "version": MINIKUBE_VERSION}, "name": name}]


def entries(home: Home, profile: Profile, now: datetime) -> dict[str, dict[str, Any]]:
    """Section → body of the cluster's entry."""
    if profile.face == "kind":
        return inline_entries(home, profile)
    folder = home.profile(profile.name)
    return {
        "clusters": {
            "certificate-authority": str(home.ca_cert),
            "extensions": extension("cluster_info", now),
            "server": server(profile),
        },
        "contexts": {
            "cluster": profile.context,
            "extensions": extension("context_info", now),
            "namespace": "default",
            "user": profile.context,
        },
        "users": {"client-certificate": str(folder / "client.crt"), "client-key": str(folder / "client.key")},
    }


def inline_entries(home: Home, profile: Profile) -> dict[str, dict[str, Any]]:
    """As kind writes them: everything inside, so that the file can be copied anywhere."""

    def data(path: Path) -> str:
        return base64.b64encode(path.read_bytes()).decode()

    folder = home.profile(profile.name)
    return {
        "clusters": {"certificate-authority-data": data(home.ca_cert), "server": server(profile)},
        "contexts": {"cluster": profile.context, "user": profile.context},
        "users": {
            "client-certificate-data": data(folder / "client.crt"),
            "client-key-data": data(folder / "client.key"),
        },
    }


def write(home: Home, profile: Profile, now: datetime, *, make_current: bool = True) -> None:
    """Add or renew the cluster's entries, and make its context the current one."""
    with kubeconfig.edit() as config:
        made = entries(home, profile, now)
        config.set("clusters", profile.context, made["clusters"])
        config.set("contexts", profile.context, made["contexts"])
        config.set("users", profile.context, made["users"])
        if make_current:
            config.use_context(profile.context)
        for data in config.files.values():
            data.setdefault("apiVersion", "v1")
            data.setdefault("kind", "Config")


def remove(name: str) -> None:
    """Take the cluster's entries out; the current context is unset if it was this one."""
    if not any(Path(path).exists() for path in config_paths()):
        return
    with kubeconfig.edit() as config:
        was_current = config.current_context == name
        for section in ("clusters", "contexts", "users"):
            config.delete(section, name)
        if was_current:
            config.use_context("")


def is_configured(profile: Profile) -> bool:
    """Whether the user's kubeconfig reaches this cluster where it is now."""
    entry = kubeconfig.KubeConfig.read().entry("clusters", profile.context)
    return entry is not None and entry.get("server") == server(profile)
