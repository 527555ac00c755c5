"""Waiting for a cluster that starts: its API server, its bootstrap objects, its node. Each wait ends on the fact.

The API server is asked every 30 ms until it answers; after that everything comes by watch. A node that dies meanwhile
ends the wait at once. May import: client, machinery, cluster's own modules.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from kajitori.cluster import access, addons_state, controllers_role, logs, machine, manifests, preflight, userconfig
from kajitori.cluster.failures import APISERVER_TIMEOUT, INTERNAL, NODE_NOT_RUNNING, NODE_TIMEOUT, ClusterFailure
from kajitori.cluster.paths import Home
from kajitori.cluster.profile import Node, Profile
from kajitori.cluster.sandbox import runc
from kajitori.machinery.errors import StatusError
from kajitori.machinery.times import parse_time

if TYPE_CHECKING:
    from kajitori.client.raw import RawClient

ASK_EVERY_S = 0.03
MERGE_PATCH = "application/merge-patch+json"
CONTROL_PLANE_LABEL = "node-role.kubernetes.io/control-plane"


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to wait and what counts: a node's readiness reported before `since` (a restart) is yesterday's."""

    timeout_s: float
    since: float = 0.0
    node: bool = True


async def await_cluster(home: Home, cluster: Profile, *, options: Patience) -> None:
    """Return when the cluster serves: API server ready, bootstrap and addons written, nodes Ready with their role."""
    from kajitori.client.raw import RawClient

    client = RawClient(access.rest_config(home, cluster))
    try:
        async with asyncio.timeout(options.timeout_s):
            async with asyncio.TaskGroup() as watched:
                space = watched.create_task(preflight.stay_above(home), name="disk space")
                await api_ready(client, home, cluster)
                async with asyncio.TaskGroup() as group:
                    group.create_task(controllers_role.ensure(client), name="controllers' role")
                    group.create_task(manifests.ensure(client, bootstrap_objects(home, cluster)), name="bootstrap")
                    for node in cluster.nodes:
                        group.create_task(node_ready(client, cluster, node, options), name=f"node {node.name}")
                space.cancel()
    except* StatusError as refused:
        raise ClusterFailure(
            INTERNAL, f"the API server refused what every cluster needs: {first_of(refused)}", 'See "minikube logs"'
        ) from refused
    except* TimeoutError:
        raise timed_out(home, cluster, answering=await is_answering(client)) from None
    finally:
        await client.close()


def bootstrap_objects(home: Home, cluster: Profile) -> list[manifests.Wire]:
    """What kubeadm, CoreDNS and the enabled addons leave in a new cluster, in the order of creation."""
    values = addons_state.values(home, cluster)
    wanted = ["bootstrap", "coredns", *addons_state.files_of(cluster)]
    return [obj for name in wanted for obj in manifests.render(name, values)]


async def api_ready(client: "RawClient", home: Home, cluster: Profile) -> None:
    """Ask /readyz until it says ok; the sandbox must live meanwhile."""
    container = machine.container_name(home.tag(cluster.name), cluster.primary)
    while True:
        try:
            await client.raw("GET", "/readyz", timeout_s=2.0)
            return
        except (OSError, StatusError, TimeoutError):
            pass
        if runc.first_pid(container) is None:
            raise ClusterFailure(
                NODE_NOT_RUNNING,
                f'The node "{cluster.primary.name}" ended while it started:\n{logs.tail(home, cluster.primary.name)}',
                'See "minikube logs"; then "minikube delete" and start again',
            )
        await asyncio.sleep(ASK_EVERY_S)


def first_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first failure of a group of groups."""
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found


async def is_answering(client: "RawClient") -> bool:
    """Whether /readyz is well; an API server that does not answer within two seconds is not."""
    with contextlib.suppress(OSError, StatusError, TimeoutError):
        await client.raw("GET", "/readyz", timeout_s=2.0)
        return True
    return False


def timed_out(home: Home, cluster: Profile, *, answering: bool) -> ClusterFailure:
    """The failure to raise, with the last lines of the node's log."""
    what = "the node to become Ready" if answering else "the API server to answer"
    tail = logs.tail(home, cluster.primary.name)
    return ClusterFailure(
        NODE_TIMEOUT if answering else APISERVER_TIMEOUT,
        f"timed out waiting for {what}; the last lines of the node's log:\n{tail}",
        'See "minikube logs"; then "minikube delete" and start again',
    )


async def node_ready(client: "RawClient", cluster: Profile, node: Node, options: Patience) -> None:
    """Give the node its role as soon as it is there, then wait until it is Ready."""
    query = [("fieldSelector", f"metadata.name={node.name}")]
    labelled = False
    listed = orjson.loads((await client.raw("GET", "/api/v1/nodes", query=query)).body)
    seen = [*listed["items"]]
    version = listed["metadata"]["resourceVersion"]
    while True:
        for obj in seen:
            if not labelled:
                await add_labels(client, obj, node_labels(cluster, node))
                labelled = True
            if not options.node or (is_ready(obj) and reported_at(obj) >= int(options.since)):
                return
        seen = []
        watch = [*query, ("watch", "true"), ("resourceVersion", version), ("timeoutSeconds", "60")]
        async with client.raw_stream("GET", "/api/v1/nodes", query=watch, timeout_s=90.0) as stream:
            async for event in lines(stream):
                if event["type"] in ("ADDED", "MODIFIED"):
                    version = event["object"]["metadata"]["resourceVersion"]
                    seen = [event["object"]]
                    break
                if event["type"] == "ERROR":
                    version = "0"


async def lines(stream: Any) -> Any:
    """The JSON lines of a watch."""
    rest = b""
    async for chunk in stream:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if line:
                yield orjson.loads(line)


def node_labels(cluster: Profile, node: Node) -> dict[str, str]:
    """What a node is called by the cluster: a kubelet may not give itself labels of these domains."""
    labels: dict[str, str] = {}
    if node.control_plane:
        labels |= {CONTROL_PLANE_LABEL: "", "node.kubernetes.io/exclude-from-external-load-balancers": ""}
    if cluster.face == "minikube":
        labels |= {
            "minikube.k8s.io/name": cluster.name,
            "minikube.k8s.io/primary": "true" if node.index == 0 else "false",
            "minikube.k8s.io/version": userconfig.MINIKUBE_VERSION,
        }
    return labels


async def add_labels(client: "RawClient", obj: dict[str, Any], labels: dict[str, str]) -> None:
    """Write the labels that the node's object lacks."""
    has = obj["metadata"].get("labels", {})
    missing = {name: value for name, value in labels.items() if has.get(name) != value}
    if missing:
        path = f"/api/v1/nodes/{obj['metadata']['name']}"
        await client.raw("PATCH", path, body={"metadata": {"labels": missing}}, content_type=MERGE_PATCH)


def ready_condition(obj: dict[str, Any]) -> dict[str, Any]:
    conditions = obj.get("status", {}).get("conditions", ())
    return next((c for c in conditions if c["type"] == "Ready"), {})


def is_ready(obj: dict[str, Any]) -> bool:
    return ready_condition(obj).get("status") == "True"


def reported_at(obj: dict[str, Any]) -> float:
    """When the kubelet last said so."""
    stamp = ready_condition(obj).get("lastHeartbeatTime")
    return parse_time(stamp).timestamp() if stamp else 0.0
