"""kubectl config view: all files as one, secrets hidden. May import: client.kubeconfig, kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.command import Command
from kajitori.kubectl.configuring import flattened, hidden, minified, ordered, refuse_args
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.globals import OutputOptions

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class ViewOptions(OutputOptions):
    flatten: bool = flag(False, "Put the content of files into the output, so that it stands alone.")
    merge: bool = flag(True, "Merge the full hierarchy of kubeconfig files")
    minify: bool = flag(False, "Remove all information not used by current-context from the output")
    output: str = flag(
        "yaml",
        "Output format. One of: (json, yaml, name, go-template, go-template-file, template, templatefile, jsonpath, "
        "jsonpath-as-json, jsonpath-file).",
        short="o",
    )
    raw: bool = flag(False, "Display raw byte data and sensitive data")


async def run(opts: ViewOptions, ctx: Context) -> int | None:
    if opts.args:
        return refuse_args(ctx, COMMAND, opts.args)
    config = ctx.kubeconfig()
    data: dict[str, Any] = config.merged()
    if opts.minify:
        name = ctx.options.context or config.current_context
        if not name:
            raise UsageError("error: current-context must exist in order to minify")
        data = minified(data, name)
    if opts.flatten:
        data = flattened(data)
    if not opts.raw and not opts.flatten:
        data = hidden(data)
    from kajitori.kubectl.printers.objects import JsonPrinter, printer_for

    printer = printer_for(opts)
    if isinstance(printer, JsonPrinter):
        from kajitori.kubectl.printers.jsontext import dumps

        ctx.streams.print(dumps(ordered(data), sort_keys=False))
        return None
    printer.print(data, ctx.streams.out)
    return None


COMMAND = Command(
    name="config view",
    short="Display merged kubeconfig settings or a specified kubeconfig file",
    long="""Display merged kubeconfig settings or a specified kubeconfig file.

 Use --output jsonpath={...} to get particular values by a JSONPath expression.""",
    examples="""# All files as one
kubectl config view

# With certificate data and secrets
kubectl config view --raw

# The password of the user e2e
kubectl config view -o jsonpath='{.users[?(@.name == "e2e")].user.password}'""",
    usage="config view [flags] [options]",
    options=ViewOptions,
    run=run,
)
