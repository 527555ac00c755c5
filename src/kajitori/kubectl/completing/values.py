"""Values of flags and names of things: from the cluster, from the kubeconfig, from what a flag allows.

May import: client, kubectl.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kajitori.kubectl.completing.line import Answer, Directive, Line

if TYPE_CHECKING:
    from kajitori.client.kubeconfig import Section
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.flags import Flag

FORMATS: Final = (
    *("json", "yaml", "name", "go-template", "go-template-file", "template", "templatefile", "jsonpath"),
    *("jsonpath-as-json", "jsonpath-file", "custom-columns", "custom-columns-file"),
)
SECTIONS: Final[dict[str, Section]] = {"context": "contexts", "cluster": "clusters", "user": "users"}


async def of_flag(flag: Flag, line: Line, prefix: str, ctx: Context) -> Answer:
    """What the flag could be set to; file names where nothing is known of it."""
    verb = line.command.name if line.command else ""
    if flag.name in SECTIONS and not (verb == "config set-context" and flag.name == "context"):
        return Answer.of(ctx.kubeconfig().names(SECTIONS[flag.name]), prefix)
    match flag.name:
        case "namespace":
            return Answer.of(await names(ctx, "namespaces"), prefix)
        case "output":
            return Answer.of([*FORMATS, *(["wide"] if verb == "get" else [])], prefix)
        case "dry-run":
            return Answer.of(["none", "server", "client"], prefix)
        case "filename":
            return Answer.of(["json", "yaml", "yml"], directive=Directive.FILES_ENDING)
        case "container" if line.args:
            return Answer.of(await containers(ctx, line.args[0]), prefix)
    return Answer(directive=Directive.DEFAULT)


async def names(ctx: Context, kind: str, namespace: str | None = None) -> list[str]:
    """What there is of a kind, in the current namespace unless another is named."""
    resource = await ctx.discovery().resource(kind)
    namespace = (namespace or ctx.namespace) if resource.namespaced else None
    return [item["metadata"]["name"] for item in (await ctx.client().list(resource, namespace)).items]


async def containers(ctx: Context, pod: str) -> list[str]:
    """A pod's, by its name or ``pods/NAME``; the first pod's of something else is not looked for."""
    kind, slash, name = pod.rpartition("/")
    if slash and kind not in ("pod", "pods", "po"):
        return []
    resource = await ctx.discovery().resource("pods")
    spec = (await ctx.client().get(resource, name, ctx.namespace))["spec"]
    return [one["name"] for key in ("initContainers", "containers", "ephemeralContainers") for one in spec.get(key, ())]


async def types(ctx: Context) -> list[str]:
    """Every resource that can be read: ``pods``, ``deployments.apps``."""
    found = [one for one in (await ctx.discovery().load()).preferred() if "get" in one.verbs]
    return [one.group_resource for one in sorted(found, key=lambda one: (one.group, one.plural))]
