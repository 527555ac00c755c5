"""Which subresources are proxied. May import: everything of proxying, deps."""

from __future__ import annotations

from collections.abc import Mapping

from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.hooks import SubresourceHandler
from kajitori.apiserver.proxying.kubelet import Kubelets
from kajitori.apiserver.proxying.places_proxy import Proxies
from kajitori.apiserver.proxying.pods import PodStreams


def build_proxying(deps: ServerDeps) -> Mapping[str, Mapping[str, SubresourceHandler]]:
    """ "plural" → subresource → handler."""
    kubelets = Kubelets(deps)
    streams = PodStreams(deps, kubelets)
    proxies = Proxies(deps, kubelets)
    return {
        "pods": {
            "log": streams.log,
            "exec": streams.exec,
            "attach": streams.attach,
            "portforward": streams.portforward,
            "proxy": proxies.pod,
        },
        "services": {"proxy": proxies.service},
        "nodes": {"proxy": proxies.node},
    }
