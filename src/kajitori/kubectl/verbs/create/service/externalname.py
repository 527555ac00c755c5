"""kubectl create service externalname: a Service of type ExternalName."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import flag
from kajitori.kubectl.generate.services import service, tcp_ports
from kajitori.kubectl.writing import CreateOptions, create_built, only_name

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

RESOURCE = ResourcePath("v1", "services", namespaced=True)


@dataclass(frozen=True, kw_only=True)
class ExternalNameOptions(CreateOptions):
    external_name: str = flag("", "External name of service")
    tcp: tuple[str, ...] = flag((), "Port pairs can be specified as '<port>:<targetPort>'.")


async def run(opts: ExternalNameOptions, ctx: Context) -> None:
    name = only_name(opts, "create service externalname")
    obj = service(name, "ExternalName", tcp_ports(opts.tcp), external_name=opts.external_name)
    await create_built(opts, ctx, obj, RESOURCE)


COMMAND = Command(
    name="create service externalname",
    short="Create an ExternalName service",
    long="Create an ExternalName service with the specified name.",
    examples="""# A name in the cluster for bar.com
kubectl create service externalname my-ns --external-name bar.com""",
    usage="create service externalname NAME --external-name external.name [--dry-run=server|client|none] [options]",
    options=ExternalNameOptions,
    run=run,
    required=("external-name",),
)
