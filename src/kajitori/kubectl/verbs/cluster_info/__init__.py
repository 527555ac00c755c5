"""kubectl cluster-info: where the control plane and the cluster's services are. May import: kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import Options

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

ADVICE = "\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'."
SERVICES = ResourcePath("v1", "services", namespaced=True)


async def run(opts: Options, ctx: Context) -> None:
    server = ctx.config().server
    try:
        found = await ctx.client().list(SERVICES, "kube-system", label_selector="kubernetes.io/cluster-service=true")
    except Exception:
        ctx.streams.print(ADVICE)
        raise
    _line(ctx, "Kubernetes control plane", server)
    for service in found.items:
        name = (service["metadata"].get("labels") or {}).get("kubernetes.io/name") or service["metadata"]["name"]
        _line(ctx, name, link(server, service))
    ctx.streams.print(ADVICE)


def link(server: str, service: dict[str, Any]) -> str:
    """A balancer's address, else the path through the API server's proxy."""
    spec, meta = service.get("spec") or {}, service["metadata"]
    ingress = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
    if ingress:
        host = ingress[0].get("ip") or ingress[0].get("hostname") or ""
        return " ".join(f"http://{host}:{port['port']}" for port in spec.get("ports") or ())
    ports = spec.get("ports") or []
    name = meta["name"]
    if len(ports) >= 1:
        scheme = "https:" if ports[0].get("name") == "https" or ports[0].get("port") == 443 else ""
        port = ports[0].get("name") or (str(ports[0]["port"]) if scheme else "")
        name = f"{scheme}{name}:{port}" if port or scheme else name
    return f"{server}/api/v1/namespaces/{meta['namespace']}/services/{name}/proxy"


def _line(ctx: Context, name: str, where: str) -> None:
    if ctx.streams.out.isatty():
        ctx.streams.print(f"\033[0;32m{name}\033[0m is running at \033[0;33m{where}\033[0m")
    else:
        ctx.streams.print(f"{name} is running at {where}")


COMMAND = Command(
    name="cluster-info",
    short="Display cluster information",
    long="Display addresses of the control plane and services with label kubernetes.io/cluster-service=true.",
    examples="# The addresses\nkubectl cluster-info",
    usage="cluster-info [flags] [options]",
    run=run,
    subcommands={"dump": "Dump relevant information for debugging and diagnosis"},
    package="kajitori.kubectl.verbs.cluster_info",
)
