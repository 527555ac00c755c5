"""`minikube delete`: removes a cluster and every trace of it, in whatever state it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from kajitori.aiokit.pflag import flag
from kajitori.cluster import destroy, preflight, profile
from kajitori.cluster.failures import USAGE, ClusterFailure
from kajitori.minikube import output
from kajitori.minikube.context import Context
from kajitori.minikube.flags import GlobalOptions, read


@dataclass(frozen=True, kw_only=True)
class DeleteOptions(GlobalOptions):
    all: bool = flag(False, "Delete all profiles")
    purge: bool = flag(False, "Delete the '.minikube' folder too")
    output: str = flag("text", "", short="o", hidden=True)


def run(argv: Sequence[str]) -> int:
    args = read(DeleteOptions, argv, "delete")
    context = Context.of(args.profile)
    known = profile.names(context.home)
    if args.purge and len(known) > 1 and not args.all:
        output.error_step("notice", "Multiple minikube profiles were found - ")
        for name in known:
            output.error_step("notice", f"   - {name}")
        raise ClusterFailure(USAGE, "Usage: minikube delete --all --purge")
    names = known if args.all else [context.name]
    for name in names:
        delete_one(context, name)
    if args.all and names:
        output.step("delete", "Successfully deleted all profiles")
    if args.purge:
        destroy.purge(context.home)
        output.step("delete", f"Successfully purged minikube directory located at - [{context.home.root}]")
    return 0


def delete_one(context: Context, name: str) -> None:
    """One profile, whether or not anything of it is left."""
    home = context.home
    found = destroy.exists(home, name)
    if not found and not home.machine(name).root.exists():
        output.step("meh", f'"{name}" profile does not exist, trying anyways.')
    preflight.require_root()
    cluster = destroy.leftovers(home, name)
    output.step("delete", f'Deleting "{name}" in {cluster.driver} ...')
    for node in cluster.nodes:
        output.step("delete", f"Removing {home.machine(node.name).root} ...")
    destroy.delete(home, name)
    output.step("crushed", f'Removed all traces of the "{name}" cluster.')
