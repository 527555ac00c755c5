"""kubectl create service clusterip: a Service of type ClusterIP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.generate.services import service, tcp_ports
from kajitori.kubectl.writing import CreateOptions, create_built, only_name

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

RESOURCE = ResourcePath("v1", "services", namespaced=True)


@dataclass(frozen=True, kw_only=True)
class ClusterIPOptions(CreateOptions):
    clusterip: str = flag("", "Assign your own ClusterIP or set to 'None' for a 'headless' service.")
    tcp: tuple[str, ...] = flag((), "Port pairs can be specified as '<port>:<targetPort>'.")


async def run(opts: ClusterIPOptions, ctx: Context) -> None:
    name = only_name(opts, "create service clusterip")
    if not opts.tcp and opts.clusterip != "None":
        raise UsageError("error: at least one tcp port specifier must be provided")
    obj = service(name, "ClusterIP", tcp_ports(opts.tcp), cluster_ip=opts.clusterip)
    await create_built(opts, ctx, obj, RESOURCE)


COMMAND = Command(
    name="create service clusterip",
    short="Create a ClusterIP service",
    long="Create a ClusterIP service with the specified name.",
    examples="""# A service on port 5678 for port 8080 of its pods
kubectl create service clusterip my-cs --tcp=5678:8080

# Headless
kubectl create service clusterip my-cs --clusterip=None""",
    usage="create service clusterip NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none] [options]",
    options=ClusterIPOptions,
    run=run,
)
