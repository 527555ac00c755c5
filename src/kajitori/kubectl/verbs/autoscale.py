"""kubectl autoscale: a HorizontalPodAutoscaler for something that scales. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.globals import DryRunOptions, FilenameOptions, OutputOptions
from kajitori.kubectl.printers.objects import printer_for
from kajitori.kubectl.resources.builder import Selection, find
from kajitori.kubectl.writing import SaveConfigOptions
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info

HPAS = ResourcePath("autoscaling/v2", "horizontalpodautoscalers", namespaced=True)


@dataclass(frozen=True, kw_only=True)
class AutoscaleOptions(DryRunOptions, OutputOptions, SaveConfigOptions, FilenameOptions):
    cpu: str = flag("", "Target CPU: a share of the request (70%) or an amount (500m).")
    cpu_percent: int = flag(-1, "Target CPU as a percentage of the request.", hidden=True)
    field_manager: str = flag("kubectl-autoscale", "Name of the manager used to track field ownership.")
    max: int = flag(-1, "The upper limit for the number of pods that can be set by the autoscaler. Required.")
    memory: str = flag("", "Target memory: a share of the request (60%) or an amount (200Mi).")
    min: int = flag(-1, "The lower limit for the number of pods; the server's default if unset.")
    name: str = flag("", "The name for the newly created object; that of the input resource if unset.")

    def validate(self) -> None:
        super().validate()
        if self.max < 1:
            raise UsageError(f"error: --max=MAXPODS is required and must be at least 1, max: {self.max}")
        if self.max < self.min:
            raise UsageError(
                f"error: --max=MAXPODS must be larger or equal to --min=MINPODS, max: {self.max}, min: {self.min}"
            )


async def run(opts: AutoscaleOptions, ctx: Context) -> None:
    if "cpu-percent" in opts.given:
        ctx.streams.warn(
            "Flag --cpu-percent has been deprecated, Use --cpu with percentage or resource quantity format (e.g., "
            "'70%' for utilization or '500m' for milliCPU)."
        )
    found = await find(ctx, Selection(args=opts.args, files=opts))
    found.raise_errors()
    printer = printer_for(opts, "autoscaled", dry_run=opts.dry_run, typed=True)
    for info in found.infos:
        made = autoscaler(opts, info)
        if ctx.namespace_is_explicit:
            made["metadata"]["namespace"] = ctx.namespace
        if not opts.dry_run_client:
            made = await _create(opts, ctx, info, made)
        printer.print(made, ctx.streams.out)


async def _create(opts: AutoscaleOptions, ctx: Context, info: Info, made: dict[str, Any]) -> dict[str, Any]:
    try:
        return await ctx.client().create(
            HPAS,
            made,
            namespace=info.namespace,
            field_manager=opts.field_manager,
            dry_run=opts.dry_run_server,
        )
    except StatusError as error:
        if len(made["spec"].get("metrics") or ()) == 0:
            raise UsageError(
                "error: failed to create autoscaling/v2 HPA and the configuration is incompatible with "
                "autoscaling/v1: empty input"
            ) from error
        raise


def autoscaler(opts: AutoscaleOptions, info: Info) -> dict[str, Any]:
    """The object in autoscaling/v2, named after what it scales unless --name says otherwise."""
    resource = info.resource
    target = {"kind": resource.kind, "name": info.name, "apiVersion": resource.api_version}
    spec: dict[str, Any] = {"scaleTargetRef": target}
    if opts.min > 0:
        spec["minReplicas"] = opts.min
    spec["maxReplicas"] = opts.max
    cpu = f"{opts.cpu_percent}%" if opts.cpu_percent >= 0 else opts.cpu
    metrics = [_metric(name, text) for name, text in (("cpu", cpu), ("memory", opts.memory)) if text]
    if metrics:
        spec["metrics"] = metrics
    return {
        "kind": "HorizontalPodAutoscaler",
        "apiVersion": "autoscaling/v2",
        "metadata": {"name": opts.name or info.name},
        "spec": spec,
        "status": {"desiredReplicas": 0, "currentMetrics": None},
    }


def _metric(name: str, text: str) -> dict[str, Any]:
    target: dict[str, Any] = (
        {"type": "Utilization", "averageUtilization": int(text[:-1])}
        if text.endswith("%")
        else {"type": "AverageValue", "averageValue": text}
    )
    return {"type": "Resource", "resource": {"name": name, "target": target}}


COMMAND = Command(
    name="autoscale",
    short="Auto-scale a deployment, replica set, stateful set, or replication controller",
    long="""Creates an autoscaler that chooses and sets the number of pods in a Kubernetes cluster.

 Looks up a deployment, replica set, stateful set, or replication controller by name and creates an autoscaler that
uses it as a reference.""",
    examples="""# Between 2 and 10 pods
kubectl autoscale deployment foo --min=2 --max=10

# Up to 5, at 80% CPU
kubectl autoscale rc foo --max=5 --cpu=80%""",
    usage="autoscale (-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu=CPU] "
    "[--memory=MEMORY] [options]",
    options=AutoscaleOptions,
    run=run,
    required=("max",),
)
