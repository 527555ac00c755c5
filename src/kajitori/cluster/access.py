"""The way from the host to a cluster's API server, as its administrator. May import: client, cluster's own modules."""

from typing import TYPE_CHECKING

from kajitori.cluster import userconfig
from kajitori.cluster.paths import Home
from kajitori.cluster.profile import Profile

if TYPE_CHECKING:
    from kajitori.client.config import RestConfig


def rest_config(home: Home, profile: Profile, *, timeout_s: float = 10.0) -> "RestConfig":
    """How to reach the cluster, by the files that the user's kubeconfig names too."""
    from kajitori.client.config import RestConfig

    folder = home.profile(profile.name)
    return RestConfig(
        server=userconfig.server(profile),
        ca_file=str(home.ca_cert),
        client_cert_file=str(folder / "client.crt"),
        client_key_file=str(folder / "client.key"),
        timeout_s=timeout_s,
        user_agent="minikube/v1.37.0",
    )
