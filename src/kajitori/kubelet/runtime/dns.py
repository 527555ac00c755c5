"""The resolver configuration of a Pod: dnsPolicy, the cluster's DNS server, and dnsConfig on top.

Pure but for `host_resolv_conf`, which reads one file. May import: of the kubelet, `cri` (messages).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..cri import cri_pb2 as pb

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod

MAX_SERVERS, MAX_SEARCHES, MAX_SEARCH_CHARS = 3, 32, 2048
CLUSTER_OPTIONS = ("ndots:5",)


@dataclass(frozen=True)
class ResolvConf:
    """The three kinds of lines that matter."""

    servers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


def parse_resolv_conf(text: str) -> ResolvConf:
    """As the resolver reads it: the last ``search`` (or ``domain``) and ``options`` lines win."""
    servers: list[str] = []
    searches: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    for line in text.splitlines():
        words = line.split()
        if not words or words[0][0] in "#;":
            continue
        if words[0] == "nameserver" and len(words) > 1:
            servers.append(words[1])
        elif words[0] in ("search", "domain"):
            searches = tuple("." if w == "." else w.removesuffix(".") for w in words[1:])
        elif words[0] == "options":
            options = tuple(words[1:])
    return ResolvConf(tuple(servers), searches, options)


def host_resolv_conf(path: str) -> ResolvConf:
    """The node's own; an empty path is an empty configuration."""
    return parse_resolv_conf(Path(path).read_text()) if path else ResolvConf()


def merge_options(base: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    """``more`` overrides options of the same name."""
    merged = {option.partition(":")[0]: option for option in base}
    merged.update({option.partition(":")[0]: option for option in more})
    return tuple(merged.values())


def pod_dns(pod: Pod, *, cluster_dns: Sequence[str], cluster_domain: str, host: ResolvConf) -> ResolvConf:
    """What the Pod's containers get to see."""
    policy = pod.spec.dns_policy or "ClusterFirst"
    if policy == "ClusterFirst" and pod.spec.host_network:
        policy = "Default"
    if policy in ("ClusterFirst", "ClusterFirstWithHostNet") and cluster_dns:
        domain = cluster_domain
        own = (f"{pod.metadata.namespace}.svc.{domain}", f"svc.{domain}", domain) if domain else ()
        result = ResolvConf(tuple(cluster_dns), tuple(dict.fromkeys((*own, *host.searches))), CLUSTER_OPTIONS)
    elif policy == "None":
        result = ResolvConf()
    else:
        result = host if host.servers else ResolvConf(("127.0.0.1",), host.searches or (".",), host.options)
    config = pod.spec.dns_config
    if config is not None:
        options = [(o.name or "") + (f":{o.value}" if o.value is not None else "") for o in config.options]
        result = ResolvConf(
            tuple(dict.fromkeys((*result.servers, *config.nameservers))),
            tuple(dict.fromkeys((*result.searches, *config.searches))),
            merge_options(result.options, options),
        )
    return limited(result)


def limited(config: ResolvConf) -> ResolvConf:
    """Cut to what resolvers honour."""
    searches = list(config.searches[:MAX_SEARCHES])
    while searches and len(" ".join(searches)) > MAX_SEARCH_CHARS:
        searches.pop()
    return ResolvConf(config.servers[:MAX_SERVERS], tuple(searches), config.options)


def message(config: ResolvConf) -> pb.DNSConfig:
    """In the runtime's words."""
    return pb.DNSConfig(servers=config.servers, searches=config.searches, options=config.options)
