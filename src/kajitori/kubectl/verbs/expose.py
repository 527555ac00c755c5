"""kubectl expose: a Service for something that has pods (or for a Service). May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import flag
from kajitori.kubectl.generate.exposing import Wishes, service_for
from kajitori.kubectl.generate.overriding import overridden
from kajitori.kubectl.globals import DryRunOptions, FilenameOptions, OutputOptions
from kajitori.kubectl.printers.objects import printer_for
from kajitori.kubectl.resources.builder import Selection, find
from kajitori.kubectl.writing import SaveConfigOptions, with_last_applied

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info

SERVICES = ResourcePath("v1", "services", namespaced=True)


@dataclass(frozen=True, kw_only=True)
class ExposeOptions(DryRunOptions, OutputOptions, FilenameOptions, SaveConfigOptions):
    cluster_ip: str = flag("", "ClusterIP of the service; empty to let the server choose, 'None' for a headless one.")
    external_ip: str = flag("", "Another address, not managed by Kubernetes, that the service accepts traffic for.")
    field_manager: str = flag("kubectl-expose", "Name of the manager used to track field ownership.")
    labels: str = flag("", "Labels to apply to the service created by this call.", short="l")
    load_balancer_ip: str = flag("", "IP to assign to the LoadBalancer, where the provider can.")
    name: str = flag("", "The name for the newly created object.")
    override_type: str = flag("merge", "How --overrides is applied: json, merge, or strategic.")
    overrides: str = flag("", "Inline JSON that is put over the generated object.")
    port: str = flag("", "The port that the service should serve on; taken from the object if unspecified")
    protocol: str = flag("", "The network protocol for the service to be created. Default is 'TCP'.")
    selector: str = flag("", "A label selector for the service; inferred from the object if empty.")
    session_affinity: str = flag("", "The session affinity of the service: 'None' or 'ClientIP'")
    target_port: str = flag("", "Name or number of the container's port that traffic goes to.")
    type: str = flag("", "Type for this service: ClusterIP, NodePort, LoadBalancer, or ExternalName.")

    @property
    def wishes(self) -> Wishes:
        """What the flags ask of the Service, for `generate.exposing`."""
        return Wishes(
            name=self.name,
            port=self.port,
            target_port=self.target_port,
            protocol=self.protocol,
            kind=self.type,
            cluster_ip=self.cluster_ip,
            external_ip=self.external_ip,
            load_balancer_ip=self.load_balancer_ip,
            session_affinity=self.session_affinity,
            selector=self.selector,
            labels=self.labels,
        )


async def run(opts: ExposeOptions, ctx: Context) -> None:
    found = await find(ctx, Selection(args=opts.args, files=opts))
    printer = printer_for(opts, "exposed", dry_run=opts.dry_run, typed=True)
    found.raise_errors()
    for info in found.infos:
        printer.print(await _expose(opts, ctx, info), ctx.streams.out)


async def _expose(opts: ExposeOptions, ctx: Context, info: Info) -> dict[str, Any]:
    made = service_for(info.object, opts.wishes)
    if opts.overrides:
        made = overridden(made, opts.overrides, opts.override_type)
    if opts.save_config:
        made = with_last_applied(made)
    if ctx.namespace_is_explicit:
        made["metadata"].setdefault("namespace", ctx.namespace)
    if opts.dry_run_client:
        return made
    answer = await ctx.client().create(
        SERVICES, made, namespace=info.namespace, field_manager=opts.field_manager, dry_run=opts.dry_run_server
    )
    return {"kind": "Service", "apiVersion": "v1"} | answer


COMMAND = Command(
    name="expose",
    short="Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service",
    long="""Expose a resource as a new Kubernetes service.

 Looks up a deployment, service, replica set, replication controller or pod by name and uses its selector for a new
service on the given port. Without --port the ports of the object are taken, and its labels without --labels.

 Possible resources include (case insensitive):

 pod (po), service (svc), replicationcontroller (rc), deployment (deploy), replicaset (rs)""",
    examples="""# Port 80 leads to port 8000 of the pods of an rc
kubectl expose rc nginx --port=80 --target-port=8000

# For the deployment nginx
kubectl expose deployment nginx --port=80 --target-port=8000

# A second service for a service
kubectl expose service nginx --port=443 --target-port=8443 --name=nginx-https""",
    usage="expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] "
    "[--name=name] [--external-ip=external-ip-of-service] [--type=type] [options]",
    options=ExposeOptions,
    run=run,
)
