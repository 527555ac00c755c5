"""Bootstrap: what a new cluster contains before anybody asks."""

from typing import Any

from kajitori.apiserver.bootstrap.extension_authentication import ExtensionAuthentication
from kajitori.apiserver.bootstrap.kubernetes_service import KubernetesEndpoints
from kajitori.apiserver.bootstrap.seed import bootstrap
from kajitori.apiserver.deps import ServerDeps

__all__ = ["bootstrap", "services"]


def services(deps: ServerDeps) -> list[Any]:
    """What the server runs for as long as it lives."""
    return [KubernetesEndpoints(deps), ExtensionAuthentication(deps)]
