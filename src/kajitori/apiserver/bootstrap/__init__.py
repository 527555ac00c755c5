"""Bootstrap: what a new cluster contains before anybody asks."""

from kajitori.apiserver.bootstrap.kubernetes_service import services
from kajitori.apiserver.bootstrap.seed import bootstrap

__all__ = ["bootstrap", "services"]
