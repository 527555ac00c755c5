"""kubectl explain: what the fields of a resource mean, by the server's OpenAPI document. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.client.discovery import NoMatch
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import Options, UsageError, flag

if TYPE_CHECKING:
    from kajitori.client.discovery import APIResource
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class ExplainOptions(Options):
    api_version: str = flag("", "Use given api-version (group/version) of the resource.")
    output: str = flag("plaintext", "Format in which to render the schema. Valid values are: (plaintext).", short="o")
    recursive: bool = flag(False, "Print the names of all fields below as a tree.")


async def run(opts: ExplainOptions, ctx: Context) -> None:
    if not opts.args:
        raise UsageError(
            'error: You must specify the type of resource to explain. Use "kubectl api-resources" for a complete '
            "list of supported resources."
        )
    if len(opts.args) > 1:
        raise UsageError("error: We accept only this format: explain RESOURCE")
    resource, path = await _split(opts, ctx)
    if opts.output == "plaintext-openapiv2":
        ctx.streams.out.write(await _older(opts, ctx, resource, path))
        return
    if opts.output != "plaintext":
        raise UsageError(f"error: unrecognized format: {opts.output}")
    import orjson

    from kajitori.kubectl.explaining.document import Document
    from kajitori.kubectl.explaining.page import page

    where = f"apis/{resource.group}/{resource.version}" if resource.group else f"api/{resource.version}"
    answer = orjson.loads((await ctx.client().raw("GET", f"/openapi/v3/{where}")).body)
    document = Document((answer.get("components") or {}).get("schemas") or {})
    top = document.of_kind(resource.group, resource.version, resource.kind)
    if top is None:
        raise UsageError(f'error: couldn\'t find resource for "{resource.api_version}, Kind={resource.kind}"')
    header = (resource.group, resource.kind, resource.version)
    try:
        text = page(document, top, path, header, recursive=opts.recursive)
    except UsageError:
        group = f"GROUP:      {resource.group}\n" if resource.group else ""
        ctx.streams.out.write(f"{group}KIND:       {resource.kind}\nVERSION:    {resource.version}\n\n")
        raise
    ctx.streams.out.write(text)


async def _older(opts: ExplainOptions, ctx: Context, resource: APIResource, path: list[str]) -> str:
    """The layout that upstream had for OpenAPI v2, and the document of that version."""
    import orjson

    from kajitori.kubectl.explaining.model import Model, page

    answer = orjson.loads((await ctx.client().raw("GET", "/openapi/v2")).body)
    model = Model(answer.get("definitions") or {})
    top = model.of_kind(resource.group, resource.version, resource.kind)
    if top is None:
        raise UsageError(f'error: couldn\'t find resource for "{resource.api_version}, Kind={resource.kind}"')
    return page(model, top, path, resource.kind, resource.api_version, recursive=opts.recursive)


async def _split(opts: ExplainOptions, ctx: Context) -> tuple[APIResource, list[str]]:
    """``pods.spec.containers`` → the resource and the path; the group may be in between (``deployments.apps.spec``)."""
    words = opts.args[0].split(".")
    discovery = ctx.discovery()
    if opts.api_version:
        found = await discovery.resource(words[0])
        return await discovery.kind(opts.api_version, found.kind), words[1:]
    for count in range(len(words), 0, -1):
        resource = discovery.find(await discovery.load(), ".".join(words[:count]))
        if resource is not None:
            return resource, words[count:]
    try:
        return await discovery.resource(words[0]), words[1:]
    except NoMatch as error:
        raise UsageError(str(error)) from error


COMMAND = Command(
    name="explain",
    short="Get documentation for a resource",
    long="""Describe fields and structure of various resources.

 Fields are named by a simple JSONPath: <type>.<fieldName>[.<fieldName>]. The server's OpenAPI document is what is
shown.""",
    examples="""# A resource and its fields
kubectl explain pods

# All fields below
kubectl explain pods --recursive

# One field
kubectl explain pods.spec.containers

# In another version
kubectl explain cronjobs --api-version=batch/v1""",
    usage="explain TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] "
    "[-o|--output=plaintext|plaintext-openapiv2] [options]",
    options=ExplainOptions,
    run=run,
)
