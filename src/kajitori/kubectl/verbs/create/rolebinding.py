"""kubectl create rolebinding: a RoleBinding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.generate.access import binding, subjects
from kajitori.kubectl.writing import CreateOptions, create_built, only_name

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

RESOURCE = ResourcePath("rbac.authorization.k8s.io/v1", "rolebindings", namespaced=True)


@dataclass(frozen=True, kw_only=True)
class RolebindingOptions(CreateOptions):
    clusterrole: str = flag("", "ClusterRole that the binding refers to")
    group: tuple[str, ...] = flag((), "Groups to bind; may be repeated.", split=False)
    role: str = flag("", "Role that the binding refers to")
    serviceaccount: tuple[str, ...] = flag(
        (), "Service accounts to bind, as <namespace>:<name>; may be repeated.", split=False
    )
    user: tuple[str, ...] = flag((), "Usernames to bind; may be repeated.", split=False)


async def run(opts: RolebindingOptions, ctx: Context) -> None:
    name = only_name(opts, "create rolebinding")
    if bool(opts.clusterrole) == bool(opts.role):
        raise UsageError("error: exactly one of clusterrole or role must be specified")
    who = subjects(opts.user, opts.group, opts.serviceaccount)
    role_kind = "Role" if opts.role else "ClusterRole"
    obj = binding("RoleBinding", name, role_kind, opts.role or opts.clusterrole, who)
    await create_built(opts, ctx, obj, RESOURCE)


COMMAND = Command(
    name="create rolebinding",
    short="Create a role binding for a particular role or cluster role",
    long="Create a role binding for a particular role or cluster role.",
    examples="""# user1, user2 and group1 get what the cluster role admin allows, in this namespace
kubectl create rolebinding admin --clusterrole=admin --user=user1 --user=user2 --group=group1""",
    usage=(
        "create rolebinding NAME --clusterrole=NAME|--role=NAME [--user=username] "
        "[--group=groupname] [--serviceaccount=namespace:serviceaccountname] "
        "[--dry-run=server|client|none] [options]"
    ),
    options=RolebindingOptions,
    run=run,
)
