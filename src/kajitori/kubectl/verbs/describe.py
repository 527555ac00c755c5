"""kubectl describe: everything about objects, laid out for people. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.describers.cluster import Cluster
from kajitori.kubectl.describers.registry import describe
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.globals import FilenameOptions
from kajitori.kubectl.resources.builder import Found, Selection, find, has_files
from kajitori.kubectl.writing import SelectorOptions
from kajitori.machinery.errors import NotFound, StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info


@dataclass(frozen=True, kw_only=True)
class DescribeOptions(FilenameOptions, SelectorOptions):
    all_namespaces: bool = flag(
        False, "If present, describe the object(s) in all namespaces, whatever --namespace says.", short="A"
    )
    chunk_size: int = flag(500, "Ask for large lists in pieces of this size; 0 asks for all at once.")
    show_events: bool = flag(True, "If true, display events related to the described object.")


async def run(opts: DescribeOptions, ctx: Context) -> None:
    if not opts.args and not has_files(opts):
        raise UsageError(
            "error: You must specify the type of resource to describe. "
            'Use "kubectl api-resources" for a complete list of supported resources.'
        )
    found = await find(ctx, _selection(opts, opts.args))
    if len(opts.args) == 2 and any(isinstance(error, NotFound) for error in found.errors):
        if await _describe_by_prefix(opts, ctx):
            return
        found.raise_errors()
    cluster = Cluster(client=ctx.client(), show_events=opts.show_events, chunk_size=opts.chunk_size)
    _warn_of_nothing(opts, ctx, found)
    told: set[str] = set()
    for position, info in enumerate(found.infos):
        try:
            text = await _text(info, cluster)
        except StatusError as error:
            if error.message not in told:
                told.add(error.message)
                found.errors.append(error)
            continue
        ctx.streams.out.write(("\n\n" if position else "") + text)
    found.raise_errors()


def _selection(opts: DescribeOptions, args: tuple[str, ...]) -> Selection:
    return Selection(
        args=args,
        files=opts,
        label_selector=opts.selector,
        all_namespaces=opts.all_namespaces,
        default_all=True,
        chunk_size=opts.chunk_size,
    )


def _warn_of_nothing(opts: DescribeOptions, ctx: Context, found: Found) -> None:
    if not found.infos and not found.errors:
        where = "" if opts.all_namespaces else f" in {ctx.namespace} namespace."
        ctx.streams.warn(f"No resources found{where}")


async def _text(info: Info, cluster: Cluster) -> str:
    return await describe(info.resource.group, info.resource.kind, info.object, cluster)


async def _describe_by_prefix(opts: DescribeOptions, ctx: Context) -> bool:
    """Describes the objects whose names start with the second word; says whether there were any."""
    kind, prefix = opts.args
    found = await find(ctx, _selection(opts, (kind,)))
    found.raise_errors()
    cluster = Cluster(client=ctx.client(), show_events=opts.show_events, chunk_size=opts.chunk_size)
    matching = [info for info in found.infos if info.name.startswith(prefix)]
    for info in matching:
        ctx.streams.print(await _text(info, cluster))
    return bool(matching)


COMMAND = Command(
    name="describe",
    short="Show details of a specific resource or group of resources",
    long="""Show details of a specific resource or group of resources.

 Prints a detailed description of the selected resources, with related ones such as events or controllers. Objects may
be chosen by name, by the start of a name (all objects that begin so are described), by file, or by label selector.

Use "kubectl api-resources" for a complete list of supported resources.""",
    examples="""# A node
kubectl describe nodes kubernetes-node-emt8.c.myproject.internal

# A pod
kubectl describe pods/nginx

# The pod that a file names
kubectl describe -f pod.json

# All pods
kubectl describe pods

# Pods by label
kubectl describe pods -l name=myLabel

# All pods whose names start with frontend (a controller's pods do)
kubectl describe pods frontend""",
    usage="describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME) [options]",
    options=DescribeOptions,
    run=run,
)
