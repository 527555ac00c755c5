"""kubectl create clusterrolebinding: a ClusterRoleBinding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import flag
from kajitori.kubectl.generate.access import binding, subjects
from kajitori.kubectl.writing import CreateOptions, create_built, only_name

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

RESOURCE = ResourcePath("rbac.authorization.k8s.io/v1", "clusterrolebindings", namespaced=False)


@dataclass(frozen=True, kw_only=True)
class ClusterrolebindingOptions(CreateOptions):
    clusterrole: str = flag("", "ClusterRole that the binding refers to")
    group: tuple[str, ...] = flag((), "Groups to bind; may be repeated.", split=False)
    serviceaccount: tuple[str, ...] = flag(
        (), "Service accounts to bind, as <namespace>:<name>; may be repeated.", split=False
    )
    user: tuple[str, ...] = flag((), "Usernames to bind; may be repeated.", split=False)


async def run(opts: ClusterrolebindingOptions, ctx: Context) -> None:
    name = only_name(opts, "create clusterrolebinding")
    who = subjects(opts.user, opts.group, opts.serviceaccount)
    obj = binding("ClusterRoleBinding", name, "ClusterRole", opts.clusterrole, who)
    await create_built(opts, ctx, obj, RESOURCE, namespaced=False)


COMMAND = Command(
    name="create clusterrolebinding",
    short="Create a cluster role binding for a particular cluster role",
    long="Create a cluster role binding for a particular cluster role.",
    examples="""# user1, user2 and group1 become cluster admins
kubectl create clusterrolebinding cluster-admin --clusterrole=cluster-admin --user=user1 --user=user2 --group=group1""",
    usage=(
        "create clusterrolebinding NAME --clusterrole=NAME [--user=username] [--group=groupname] "
        "[--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none] [options]"
    ),
    options=ClusterrolebindingOptions,
    run=run,
    required=("clusterrole",),
)
