"""Where a component finds its API server: its kubeconfig, else the service account of its Pod, else the user's file.

May import: client.config; client.kubeconfig lazily (it reads YAML).
"""

from __future__ import annotations

import os

from kajitori.client.config import RestConfig, in_cluster


def rest_config(kubeconfig: str = "", server: str = "") -> RestConfig:
    """The configuration for `--kubeconfig` and `--master` as given (raises ConfigError)."""
    if not kubeconfig and not server and os.environ.get("KUBERNETES_SERVICE_HOST"):
        return in_cluster()
    from kajitori.client.kubeconfig import load
    from kajitori.client.overrides import Overrides

    return load(kubeconfig or None, overrides=Overrides(server=server) if server else None)
