"""kubectl create ingress: an Ingress from rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.generate.ingress import ingress
from kajitori.kubectl.generate.parsing import pairs
from kajitori.kubectl.writing import CreateOptions, create_built, only_name

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

RESOURCE = ResourcePath("networking.k8s.io/v1", "ingresses", namespaced=True)


@dataclass(frozen=True, kw_only=True)
class IngressOptions(CreateOptions):
    annotation: tuple[str, ...] = flag(
        (), "Annotation to insert in the ingress object, in the format annotation=value", split=False
    )
    class_: str = flag("", "Ingress Class to be used", name="class")
    default_backend: str = flag("", "Default service for backend, in format of svcname:port")
    rule: tuple[str, ...] = flag(
        (),
        "Rule in format host/path=service:port[,tls=secretname]. A path that ends in '*' is a prefix.",
        split=False,
    )


async def run(opts: IngressOptions, ctx: Context) -> None:
    name = only_name(opts, "create ingress")
    if not opts.rule and not opts.default_backend:
        raise UsageError(
            "error: not enough information provided: every ingress has to either specify a "
            "default-backend (which catches all traffic) or a list of rules (which catch specific "
            "paths)"
        )
    obj = ingress(
        name,
        rules=opts.rule,
        class_=opts.class_,
        default_backend=opts.default_backend,
        annotations=pairs(opts.annotation, what="annotation"),
    )
    await create_built(opts, ctx, obj, RESOURCE)


COMMAND = Command(
    name="create ingress",
    short="Create an ingress with the specified name",
    long="Create an ingress with the specified name.",
    examples="""# Requests for foo.com/bar go to the service svc1, port 8080, with TLS from my-cert
kubectl create ingress simple --rule="foo.com/bar=svc1:8080,tls=my-cert"

# Everything goes to one service
kubectl create ingress ingdefault --class=default --default-backend=defaultsvc:http""",
    usage="create ingress NAME --rule=host/path=service:port[,tls[=secret]]  [options]",
    options=IngressOptions,
    run=run,
    aliases=("ing",),
)
