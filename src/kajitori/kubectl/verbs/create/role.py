"""kubectl create role: a Role with rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.generate.access import GROUP, distinct_verbs, rules
from kajitori.kubectl.verbs.create.rules import resources
from kajitori.kubectl.writing import CreateOptions, create_built, only_name

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

RESOURCE = ResourcePath("rbac.authorization.k8s.io/v1", "roles", namespaced=True)


@dataclass(frozen=True, kw_only=True)
class RoleOptions(CreateOptions):
    resource: tuple[str, ...] = flag((), "Resource that the rule applies to")
    resource_name: tuple[str, ...] = flag((), "Names that the rule is limited to; may be repeated", split=False)
    verb: tuple[str, ...] = flag((), "Verb that applies to the resources contained in the rule")


async def run(opts: RoleOptions, ctx: Context) -> None:
    name = only_name(opts, "create role")
    verbs = distinct_verbs(opts.verb)
    if not verbs:
        raise UsageError("error: at least one verb must be specified")
    if not opts.resource:
        raise UsageError("error: at least one resource must be specified")
    obj = {
        "kind": "Role",
        "apiVersion": f"{GROUP}/v1",
        "metadata": {"name": name},
        "rules": rules(verbs, await resources(ctx, opts.resource), opts.resource_name),
    }
    await create_built(opts, ctx, obj, RESOURCE)


COMMAND = Command(
    name="create role",
    short="Create a role with single rule",
    long="Create a role with single rule.",
    examples="""# Reading pods
kubectl create role pod-reader --verb=get --verb=list --verb=watch --resource=pods

# A subresource
kubectl create role foo --verb=get,list,watch --resource=pods,pods/status""",
    usage=(
        "create role NAME --verb=verb --resource=resource.group/subresource "
        "[--resource-name=resourcename] [--dry-run=server|client|none] [options]"
    ),
    options=RoleOptions,
    run=run,
)
