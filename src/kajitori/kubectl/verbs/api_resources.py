"""kubectl api-resources: what the server knows. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import HelpfulError, Options, UsageError, flag
from kajitori.kubectl.printers.tabwriter import TabWriter

if TYPE_CHECKING:
    from kajitori.client.discovery import APIResource
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class APIResourcesOptions(Options):
    api_group: str = flag("", "Limit to resources in the specified API group.")
    cached: bool = flag(False, "Use the cached list of resources if available.")
    categories: tuple[str, ...] = flag((), "Limit to resources that belong to the specified categories.")
    namespaced: bool = flag(True, "If false, only cluster-scoped resources; if given as true, only namespaced ones.")
    no_headers: bool = flag(False, "Leave out the header.")
    output: str = flag("", "Output format. One of: (json, yaml, name, wide).", short="o")
    show_managed_fields: bool = flag(False, "Has no effect here.")
    sort_by: str = flag("", "Sort by this field: 'name' or 'kind'.")
    verbs: tuple[str, ...] = flag((), "Limit to resources that support the specified verbs.")

    def validate(self) -> None:
        if self.args:
            raise HelpfulError("api-resources", f"unexpected arguments: [{' '.join(self.args)}]")
        if self.output not in ("", "wide", "name", "json", "yaml"):
            raise UsageError(f"error: --output {self.output} is not available")
        if self.sort_by not in ("", "name", "kind"):
            raise UsageError("error: --sort-by accepts only name or kind")


async def run(opts: APIResourcesOptions, ctx: Context) -> None:
    discovery = ctx.discovery()
    found = await (discovery.load() if opts.cached else discovery.refresh())
    chosen = sorted((o for o in found.preferred() if wanted(opts, o)), key=lambda one: (one.group, one.plural))
    if opts.sort_by == "kind":
        chosen.sort(key=lambda one: one.kind)
    elif opts.sort_by == "name":
        chosen.sort(key=lambda one: one.plural)
    if opts.output == "name":
        for one in chosen:
            ctx.streams.print(one.group_resource)
    elif opts.output in ("json", "yaml"):
        _print_list(opts, ctx, chosen)
    else:
        _print_table(opts, ctx, chosen)
    if found.failed:
        raise UsageError(f"error: unable to retrieve the complete list of server APIs: {', '.join(found.failed)}")


def wanted(opts: APIResourcesOptions, one: APIResource) -> bool:
    """Whether the flags let it through; --api-group and --namespaced choose only when they are given."""
    return (
        ("api-group" not in opts.given or one.group == opts.api_group)
        and ("namespaced" not in opts.given or one.namespaced == opts.namespaced)
        and set(opts.verbs) <= set(one.verbs)
        and set(opts.categories) <= set(one.categories)
    )


def _print_table(opts: APIResourcesOptions, ctx: Context, chosen: list[APIResource]) -> None:
    writer = TabWriter.tables(ctx.streams.out)
    is_wide = opts.output == "wide"
    if not opts.no_headers:
        header = [
            "NAME",
            "SHORTNAMES",
            "APIVERSION",
            "NAMESPACED",
            "KIND",
            *(["VERBS", "CATEGORIES"] if is_wide else []),
        ]
        writer.write("\t".join(header) + "\n")
    for one in chosen:
        scope = "true" if one.namespaced else "false"
        cells = [one.plural, ",".join(one.short_names), one.api_version, scope, one.kind]
        cells += [",".join(sorted(one.verbs)), ",".join(one.categories)] if is_wide else []
        writer.write("\t".join(cells) + "\n")
    writer.flush()


def _print_list(opts: APIResourcesOptions, ctx: Context, chosen: list[APIResource]) -> None:
    rows = []
    for one in chosen:
        facts: dict[str, object] = {
            "name": one.plural,
            "singularName": one.singular,
            "namespaced": one.namespaced,
            "group": one.group,
            "version": one.version,
            "kind": one.kind,
            "verbs": list(one.verbs),
            "shortNames": list(one.short_names),
            "categories": list(one.categories),
        }
        keep = ("name", "singularName", "namespaced", "version", "kind", "verbs")
        rows.append({key: value for key, value in facts.items() if value or key in keep})
    whole = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "", "resources": rows}
    if opts.output == "json":
        from kajitori.kubectl.printers.jsontext import dumps

        ctx.streams.print(dumps(whole, sort_keys=False))
    else:
        from kajitori.kubectl.printers.yamltext import dumps as yaml_dumps

        ctx.streams.out.write(yaml_dumps(whole))


COMMAND = Command(
    name="api-resources",
    short="Print the supported API resources on the server",
    long="Print the supported API resources on the server.",
    examples="""# All of them
kubectl api-resources

# With verbs and categories
kubectl api-resources -o wide

# Only those without a namespace
kubectl api-resources --namespaced=false""",
    usage="api-resources [flags] [options]",
    options=APIResourcesOptions,
    run=run,
)
