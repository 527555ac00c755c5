"""`start`: from a profile to a cluster whose node is Ready. Everything that can run side by side does.

    check → allocate ┬ network name space ┐
                     ├ certificates       ├ sandbox starts → API server ready ┬ bootstrap objects ┐
                     ├ /etc, images       │                                   ├ addons            ├ done
                     └ bytecode           ┘                                   └ node Ready, role  ┘

Starting what runs already only makes sure of it. `tell` is called with each step as it begins.
May import: client, machinery, cluster's own modules.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime

from kajitori.cluster import (
    destroy,
    keeping,
    kubeconfigs,
    kubelet,
    machine,
    network,
    pki,
    plans,
    preflight,
    program,
    staticpods,
    userconfig,
)
from kajitori.cluster.failures import NODE_CREATE, ClusterFailure
from kajitori.cluster.paths import Home
from kajitori.cluster.profile import Node, Profile
from kajitori.cluster.run import CommandFailed
from kajitori.cluster.sandbox import runc

Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class StartOptions:
    """What may differ between two starts of one profile."""

    wait: bool = True
    wait_timeout_s: float = 360.0
    keep_context: bool = False
    force: bool = False


def is_running(home: Home, cluster: Profile, node: Node) -> bool:
    return runc.first_pid(machine.container_name(home.tag(cluster.name), node)) is not None


async def start(home: Home, cluster: Profile, options: StartOptions, tell: Tell = lambda step: None) -> Profile:
    """Bring the cluster up and leave a keeper with it; returns the profile with what was decided on the way."""
    preflight.check(home, cluster, force=options.force)
    with keeping.profile_lock(home.tag(cluster.name), wait=False, what=cluster.name):
        try:
            cluster = await start_locked(home, cluster, options, tell)
            keeping.start(home, cluster)  # in one piece: an interrupt finds a keeper on record, or none
            return cluster
        except OSError as error:
            if preflight.is_no_space(error):
                raise preflight.no_space(home, str(error)) from error
            raise


async def start_locked(home: Home, cluster: Profile, options: StartOptions, tell: Tell = lambda step: None) -> Profile:
    """What `start` does, for a caller who holds the profile's lock; answers the profile with its addresses.

    Raises when the cluster does not come up; what was made by then stays, for a look or a delete.
    """
    from kajitori.cluster import readiness

    began = time.time()
    cluster = await asyncio.to_thread(plans.allocate, home, cluster)
    tell("create")
    running = [node for node in cluster.nodes if is_running(home, cluster, node)]
    fresh = not running and not (home.machine(cluster.primary.name).var / "lib/kajitori/apiserver").exists()
    async with asyncio.TaskGroup() as group:
        for node in cluster.nodes:
            if node not in running:
                group.create_task(start_node(home, cluster, node), name=f"start {node.name}")
    tell("prepare")
    userconfig.write(home, cluster, datetime.now(UTC), make_current=not options.keep_context)
    tell("verify")
    since = 0.0 if fresh or running else began
    await readiness.await_cluster(
        home, cluster, options=readiness.Patience(timeout_s=options.wait_timeout_s, since=since, node=options.wait)
    )
    return cluster


async def start_node(home: Home, cluster: Profile, node: Node) -> None:
    """One node: everything it needs side by side, then its sandbox."""
    plan = plans.network_plan(home, cluster)
    place = home.machine(node.name)
    name = machine.container_name(plan.tag, node)
    await asyncio.to_thread(destroy.clear_runtime, plan, node)
    try:
        async with asyncio.TaskGroup() as group:
            for step in (
                lambda: network.node_up(plan, node.index),
                lambda: write_identity(home, cluster, node, plan),
                lambda: write_system(home, cluster, node, plan),
                program.compile_bytecode,
            ):
                group.create_task(in_thread(step), name=f"prepare {node.name}")
        await asyncio.to_thread(runc.start, name, place.bundle, place.root / "sandbox.log")
    except* CommandFailed as failures:
        first = failures.exceptions[0]
        raise ClusterFailure(
            NODE_CREATE,
            f"The node's sandbox could not be started: {first}",
            'Remove what is left: "minikube delete", then start again',
        ) from first


def in_thread(step: Callable[[], None]) -> Coroutine[None, None, None]:
    return asyncio.to_thread(step)


def write_identity(home: Home, cluster: Profile, node: Node, plan: network.Plan) -> None:
    """Certificates and what is made of them."""
    pki.write_all(home, cluster, node, plan.gateway)
    kubeconfigs.write_all(home.machine(node.name), cluster, node, cluster.primary.ip)


def write_system(home: Home, cluster: Profile, node: Node, plan: network.Plan) -> None:
    """The node's root, its configuration, its images and the pods it starts with."""
    place = home.machine(node.name)
    machine.write_root(place)
    machine.write_etc(place, cluster, node, plan, plans.host_names(cluster))
    machine.write_images(place)
    machine.write_bundle(place, cluster, node, plan)
    kubelet.write_all(place, cluster, node)
    staticpods.write_all(place, cluster, node)
