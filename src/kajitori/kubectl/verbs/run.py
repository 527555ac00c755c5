"""kubectl run: one pod from an image, and a service for it with --expose. May import: kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import HelpfulError, UsageError
from kajitori.kubectl.generate.overriding import overridden
from kajitori.kubectl.generate.parsing import environment, labels, pairs
from kajitori.kubectl.generate.workloads import pod
from kajitori.kubectl.printers.objects import ObjectPrinter, printer_for
from kajitori.kubectl.running.options import RunOptions
from kajitori.kubectl.writing import LAST_APPLIED, typed_configuration_of, words
from kajitori.machinery.imagereference import is_reference

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

Wire = dict[str, Any]
PODS, SERVICES = ResourcePath("v1", "pods", namespaced=True), ResourcePath("v1", "services", namespaced=True)


async def run(opts: RunOptions, ctx: Context) -> int | None:
    names = words(opts)
    if not names and not opts.args_after_dash:
        raise HelpfulError("run", "NAME is required for run")
    name = names[0] if names else opts.args[0]
    if opts.image and not is_reference(opts.image):
        raise UsageError(f'error: Invalid image name "{opts.image}": invalid reference format')
    arguments = tuple(opts.args[1:])
    made = _pod(opts, name, arguments)
    printer = printer_for(opts, "created", dry_run=opts.dry_run, typed=True)
    if opts.overrides:
        made = overridden(made, opts.overrides, opts.override_type)
    created = await _create(opts, ctx, PODS, made)
    if opts.expose:
        printer.print(await _create(opts, ctx, SERVICES, _service(opts, name, made)), ctx.streams.out)
        _separate(opts, ctx)
    if opts.attaches:
        from kajitori.kubectl.running.attached import attach_and_wait

        return await attach_and_wait(opts, ctx, created)
    _print(printer, created, ctx)
    return None


def _separate(opts: RunOptions, ctx: Context) -> None:
    if opts.output == "yaml":
        ctx.streams.print("---")


def _print(printer: ObjectPrinter, obj: Wire, ctx: Context) -> None:
    printer.print(obj, ctx.streams.out)


def _pod(opts: RunOptions, name: str, arguments: tuple[str, ...]) -> Wire:
    if opts.port and not opts.port.isdigit():
        raise UsageError(f'error: strconv.Atoi: parsing "{opts.port}": invalid syntax')
    return pod(
        name,
        opts.image,
        labels=labels(opts.labels) if opts.labels else {"run": name},
        annotations=pairs(opts.annotations, what="annotation"),
        arguments=arguments,
        as_command=opts.command,
        env=environment(opts.env),
        port=int(opts.port) if opts.port else None,
        pull_policy=opts.image_pull_policy,
        restart=opts.restart,
        stdin=opts.stdin,
        stdin_once=opts.stdin and not opts.leave_stdin_open,
        tty=opts.tty,
        privileged=opts.privileged,
    )


def _service(opts: RunOptions, name: str, made: Wire) -> Wire:
    port = int(opts.port)
    return {
        "kind": "Service",
        "apiVersion": "v1",
        "metadata": {"name": name},
        "spec": {
            "ports": [{"protocol": "TCP", "port": port, "targetPort": port}],
            "selector": dict(made["metadata"].get("labels") or {}),
        },
        "status": {"loadBalancer": {}},
    }


async def _create(opts: RunOptions, ctx: Context, resource: ResourcePath, obj: Wire) -> Wire:
    if ctx.namespace_is_explicit:
        obj["metadata"]["namespace"] = ctx.namespace
    if opts.save_config:
        obj["metadata"].setdefault("annotations", {})[LAST_APPLIED] = typed_configuration_of(obj)
    if opts.dry_run_client:
        return obj
    answer = await ctx.client().create(
        resource, obj, namespace=ctx.namespace, field_manager=opts.field_manager, dry_run=opts.dry_run_server
    )
    return {"kind": obj["kind"], "apiVersion": obj["apiVersion"]} | answer


COMMAND = Command(
    name="run",
    short="Run a particular image on the cluster",
    long="Create and run a particular image in a pod.",
    examples="""# A pod that runs nginx
kubectl run nginx --image=nginx

# With a port that the container listens on
kubectl run hazelcast --image=hazelcast/hazelcast --port=5701

# With environment and labels
kubectl run hazelcast --image=hazelcast/hazelcast --env="DNS_DOMAIN=cluster" --labels="app=hazelcast,env=prod"

# Only print what would be created
kubectl run nginx --image=nginx --dry-run=client

# A shell that goes away when it ends
kubectl run -i -t busybox --image=busybox --restart=Never --rm

# Another command with its arguments
kubectl run nginx --image=nginx --command -- <cmd> <arg1> ... <argN>""",
    usage='run NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] '
    "[--overrides=inline-json] [--command] -- [COMMAND] [args...] [options]",
    options=RunOptions,
    run=run,
    interrupted=1,
    required=("image",),
)
