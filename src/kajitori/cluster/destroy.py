"""`stop` and `delete`: after a stop only files remain, after a delete nothing.

Both end the cluster's keeper first, and work from whatever is there: a profile whose start broke at any point, a node
whose processes were killed, a host that was rebooted. May import: cluster's own modules.
"""

import shutil

from kajitori.cluster import keeping, machine, network, plans, profile, userconfig
from kajitori.cluster.failures import DELETE, PROFILE_NOT_FOUND, PROFILE_UNREADABLE, ClusterFailure
from kajitori.cluster.paths import RUNTIME_DIR, Home
from kajitori.cluster.profile import Node, Profile
from kajitori.cluster.sandbox import cgroups, runc

STOP_GRACE_S = 20.0


def clear_runtime(plan: network.Plan, node: Node) -> None:
    """Whatever of a node's sandbox is left over from before."""
    name = machine.container_name(plan.tag, node)
    runc.remove(name)
    cgroups.remove(name)


def stop(home: Home, cluster: Profile) -> int:
    """Stop every node, workers first; returns how many ran."""
    plan = plans.network_plan(home, cluster)
    stopped = 0
    with keeping.profile_lock(plan.tag):
        for node in reversed(cluster.nodes):
            name = machine.container_name(plan.tag, node)
            stopped += runc.first_pid(name) is not None
            runc.stop(name, STOP_GRACE_S)
            clear_runtime(plan, node)
            network.node_down(plan, node.index)
        userconfig.remove(cluster.context)
    return stopped


def leftovers(home: Home, name: str) -> Profile:
    """A profile to delete: the one on disk, or what can be known of one whose file is gone or broken."""
    try:
        return profile.load(home, name)
    except ClusterFailure as failure:
        if failure.reason not in (PROFILE_NOT_FOUND, PROFILE_UNREADABLE):
            raise
        return Profile(name=name, nodes=(Node(name=name),))


def exists(home: Home, name: str) -> bool:
    return home.profile(name).exists()


def delete(home: Home, name: str) -> None:
    """Remove a cluster: processes, cgroups, network, files, the user's kubeconfig entries."""
    cluster = leftovers(home, name)
    tag = home.tag(name)
    with keeping.profile_lock(tag):
        plan = plans.network_plan(home, cluster)
        for node in cluster.nodes:
            clear_runtime(plan, node)
        plans.release(home, cluster)
        userconfig.remove(cluster.context)
        for node in cluster.nodes:
            remove_tree(home, node.name)
        profile.forget(home, name)
    keeping.lock_path(tag).unlink(missing_ok=True)
    if not plans.needed() and not (runc.ROOT.is_dir() and any(runc.ROOT.iterdir())):
        shutil.rmtree(RUNTIME_DIR, ignore_errors=True)


def remove_tree(home: Home, node: str) -> None:
    """The node's folder; raises `ClusterFailure` where something still uses it. None there is no error."""
    place = home.machine(node).root
    if not place.exists():
        return
    shutil.rmtree(place, ignore_errors=True)
    if place.exists():
        raise ClusterFailure(
            DELETE, f"{place} could not be removed", f'Something still uses it; see "fuser -m {place}"'
        )


def purge(home: Home) -> None:
    """The home itself, its authority included."""
    shutil.rmtree(home.root, ignore_errors=True)
