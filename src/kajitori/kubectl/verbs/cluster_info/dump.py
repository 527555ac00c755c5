"""kubectl cluster-info dump: nodes, and the objects and logs of some namespaces. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import Duration, flag
from kajitori.kubectl.globals import OutputOptions
from kajitori.kubectl.printers.objects import printer_for
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

NODES = ResourcePath("v1", "nodes", namespaced=False)
PODS = ResourcePath("v1", "pods", namespaced=True)
PER_NAMESPACE = (
    ("events", ResourcePath("v1", "events", namespaced=True)),
    ("replication-controllers", ResourcePath("v1", "replicationcontrollers", namespaced=True)),
    ("services", ResourcePath("v1", "services", namespaced=True)),
    ("daemonsets", ResourcePath("apps/v1", "daemonsets", namespaced=True)),
    ("deployments", ResourcePath("apps/v1", "deployments", namespaced=True)),
    ("replicasets", ResourcePath("apps/v1", "replicasets", namespaced=True)),
    ("pods", PODS),
)


@dataclass(frozen=True, kw_only=True)
class DumpOptions(OutputOptions):
    all_namespaces: bool = flag(False, "Dump all namespaces; --namespaces does not matter then.", short="A")
    namespaces: tuple[str, ...] = flag((), "Namespaces to dump, besides kube-system.")
    output: str = flag("json", "Output format. One of: (json, yaml, name, go-template, jsonpath, ...).", short="o")
    output_directory: str = flag("", "Where to write the files; empty or '-' means stdout.")
    pod_running_timeout: Duration = flag(Duration(20), "How long to wait for a pod's log.")


async def run(opts: DumpOptions, ctx: Context) -> None:
    put_object(opts, ctx, "nodes", await ctx.client().list_raw(NODES))
    for namespace in await _namespaces(opts, ctx):
        for name, resource in PER_NAMESPACE:
            put_object(opts, ctx, f"{namespace}/{name}", await ctx.client().list_raw(resource, namespace))
        for pod in (await ctx.client().list(PODS, namespace)).items:
            name = pod["metadata"]["name"]
            put_text(opts, ctx, f"{namespace}/{name}/logs.txt", await _logs(ctx, namespace, pod))
    if _folder(opts) is not None:
        ctx.streams.print(f"Cluster info dumped to {opts.output_directory}")


async def _namespaces(opts: DumpOptions, ctx: Context) -> list[str]:
    if opts.all_namespaces:
        found = await ctx.client().list(ResourcePath("v1", "namespaces", namespaced=False))
        return [item["metadata"]["name"] for item in found.items]
    return list(opts.namespaces) or ["kube-system", ctx.namespace]


async def _logs(ctx: Context, namespace: str, pod: dict[str, Any]) -> str:
    name, pieces = pod["metadata"]["name"], []
    for container in (pod.get("spec") or {}).get("containers") or ():
        query = [("container", container["name"])]
        try:
            answer = await ctx.client().raw("GET", PODS.url(namespace, name, "log"), query=query, accept="*/*")
            text = answer.body.decode("utf-8", "replace")
        except StatusError as error:
            text = f"Request log error: {error.message}\n"
        of = f"logs for container {container['name']} of pod {namespace}/{name}"
        pieces.append(f"==== START {of} ====\n{text}==== END {of} ====\n")
    return "".join(pieces)


def _folder(opts: DumpOptions) -> Path | None:
    return None if opts.output_directory in ("", "-") else Path(opts.output_directory)


def put_object(opts: DumpOptions, ctx: Context, name: str, obj: dict[str, Any]) -> None:
    """To stdout, or to a file of its own."""
    folder, printer = _folder(opts), printer_for(opts, typed=True)
    if folder is None:
        printer.print(obj, ctx.streams.out)
        return
    file = folder / f"{name}.{'yaml' if opts.output == 'yaml' else 'json'}"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as out:
        printer.print(obj, out)


def put_text(opts: DumpOptions, ctx: Context, name: str, text: str) -> None:
    """Into a file of this name under the folder; to stdout where there is no folder."""
    folder = _folder(opts)
    if folder is None:
        ctx.streams.out.write(text)
        return
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


COMMAND = Command(
    name="cluster-info dump",
    short="Dump relevant information for debugging and diagnosis",
    long="Dump cluster information out suitable for debugging and diagnosing cluster problems.",
    examples="# To stdout\nkubectl cluster-info dump\n\n# To files\n"
    "kubectl cluster-info dump --output-directory=/path/to/cluster-state",
    usage="cluster-info dump [flags] [options]",
    options=DumpOptions,
    run=run,
)
