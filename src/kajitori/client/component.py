"""Where a component finds its API server: its kubeconfig, else the service account of its Pod, else the user's file.

May import: client.config; client.kubeconfig lazily (it reads YAML).
"""

from __future__ import annotations

import os

from kajitori.client.config import ConfigError, RestConfig, in_cluster


def rest_config(kubeconfig: str = "", server: str = "") -> RestConfig:
    """The configuration for `--kubeconfig` and `--master` as given (raises ConfigError)."""
    if not kubeconfig and not server and os.environ.get("KUBERNETES_SERVICE_HOST"):
        return in_cluster()
    from kajitori.client.kubeconfig import load
    from kajitori.client.overrides import Overrides

    return load(kubeconfig or None, overrides=Overrides(server=server) if server else None)


def rest_config_or_exit(kubeconfig: str = "", server: str = "") -> RestConfig:
    """The same for a process that cannot do without: what its user can mend ends it in one line. Raises SystemExit."""
    try:
        return rest_config(kubeconfig, server)
    except ConfigError as error:
        raise SystemExit(f"Error: {error}") from error
