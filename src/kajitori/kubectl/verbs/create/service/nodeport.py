"""kubectl create service nodeport: a Service of type NodePort."""

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
class NodePortOptions(CreateOptions):
    node_port: int = flag(0, "Port used to expose the service on each node in a cluster.")
    tcp: tuple[str, ...] = flag((), "Port pairs can be specified as '<port>:<targetPort>'.")


async def run(opts: NodePortOptions, ctx: Context) -> None:
    name = only_name(opts, "create service nodeport")
    if not opts.tcp:
        raise UsageError("error: at least one tcp port specifier must be provided")
    obj = service(name, "NodePort", tcp_ports(opts.tcp, opts.node_port))
    await create_built(opts, ctx, obj, RESOURCE)


COMMAND = Command(
    name="create service nodeport",
    short="Create a NodePort service",
    long="Create a NodePort service with the specified name.",
    examples="""# A service on a port of every node
kubectl create service nodeport my-ns --tcp=5678:8080""",
    usage="create service nodeport NAME [--tcp=port:targetPort] [--dry-run=server|client|none] [options]",
    options=NodePortOptions,
    run=run,
)
