"""kubectl create service loadbalancer: a Service of type LoadBalancer."""

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
class LoadBalancerOptions(CreateOptions):
    tcp: tuple[str, ...] = flag((), "Port pairs can be specified as '<port>:<targetPort>'.")


async def run(opts: LoadBalancerOptions, ctx: Context) -> None:
    name = only_name(opts, "create service loadbalancer")
    if not opts.tcp:
        raise UsageError("error: at least one tcp port specifier must be provided")
    obj = service(name, "LoadBalancer", tcp_ports(opts.tcp))
    await create_built(opts, ctx, obj, RESOURCE)


COMMAND = Command(
    name="create service loadbalancer",
    short="Create a LoadBalancer service",
    long="Create a LoadBalancer service with the specified name.",
    examples="""# A service with an address of its own
kubectl create service loadbalancer my-lbs --tcp=5678:8080""",
    usage="create service loadbalancer NAME [--tcp=port:targetPort] [--dry-run=server|client|none] [options]",
    options=LoadBalancerOptions,
    run=run,
)
