"""kubectl create clusterrole: a ClusterRole with rules, or one that aggregates others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.generate.access import GROUP, distinct_verbs, rules
from kajitori.kubectl.generate.parsing import pairs
from kajitori.kubectl.verbs.create.rules import resources
from kajitori.kubectl.writing import CreateOptions, create_built, only_name

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

RESOURCE = ResourcePath("rbac.authorization.k8s.io/v1", "clusterroles", namespaced=False)


@dataclass(frozen=True, kw_only=True)
class ClusterroleOptions(CreateOptions):
    aggregation_rule: tuple[str, ...] = flag(
        (), "An aggregation label selector for combining ClusterRoles.", shown_default=""
    )
    non_resource_url: tuple[str, ...] = flag((), "A partial url that user should have access to.")
    resource: tuple[str, ...] = flag((), "Resource that the rule applies to")
    resource_name: tuple[str, ...] = flag((), "Names that the rule is limited to; may be repeated", split=False)
    verb: tuple[str, ...] = flag((), "Verb that applies to the resources contained in the rule")


async def _rules(opts: ClusterroleOptions, ctx: Context) -> list[dict[str, Any]]:
    verbs = distinct_verbs(opts.verb)
    if not verbs:
        raise UsageError("error: at least one verb must be specified")
    if not opts.resource and not opts.non_resource_url:
        raise UsageError("error: one of resource or nonResourceURL must be specified")
    made = rules(verbs, await resources(ctx, opts.resource), opts.resource_name)
    if opts.non_resource_url:
        made.append({"verbs": verbs, "nonResourceURLs": list(opts.non_resource_url)})
    return made


async def run(opts: ClusterroleOptions, ctx: Context) -> None:
    name = only_name(opts, "create clusterrole")
    obj: dict[str, Any] = {"kind": "ClusterRole", "apiVersion": f"{GROUP}/v1", "metadata": {"name": name}}
    if opts.aggregation_rule:
        if opts.verb or opts.resource or opts.non_resource_url or opts.resource_name:
            raise UsageError(
                "error: aggregation rule must be specified without nonResourceURLs, resources or resourceNames"
                if not opts.verb
                else "error: aggregation rule must be specified without verb"
            )
        selectors = [{"matchLabels": pairs(opts.aggregation_rule)}]
        obj |= {"rules": None, "aggregationRule": {"clusterRoleSelectors": selectors}}
    else:
        obj["rules"] = await _rules(opts, ctx)
    await create_built(opts, ctx, obj, RESOURCE, namespaced=False)


COMMAND = Command(
    name="create clusterrole",
    short="Create a cluster role",
    long="Create a cluster role.",
    examples="""# Reading pods everywhere
kubectl create clusterrole pod-reader --verb=get,list,watch --resource=pods

# A path that is no resource
kubectl create clusterrole "foo" --verb=get --non-resource-url=/logs/*""",
    usage=(
        "create clusterrole NAME --verb=verb --resource=resource.group "
        "[--resource-name=resourcename] [--dry-run=server|client|none] [options]"
    ),
    options=ClusterroleOptions,
    run=run,
)
