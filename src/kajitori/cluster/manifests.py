"""The addons' manifests: read from this package, filled in, given their program, and written to a running cluster.

Addons are plain YAML with `${NAME}` for what differs between clusters. `ensure` creates what is missing and leaves what
is there alone: a user's change to the DNS configuration outlives a restart. May import: client, machinery, cluster.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

from kajitori.cluster.systempods import with_program
from kajitori.machinery.errors import AlreadyExists, Invalid, NotFound

if TYPE_CHECKING:
    from kajitori.client.raw import RawClient

Wire = dict[str, Any]

PLURALS = {
    "ClusterRole": ("clusterroles", False),
    "ClusterRoleBinding": ("clusterrolebindings", False),
    "ConfigMap": ("configmaps", True),
    "Deployment": ("deployments", True),
    "Namespace": ("namespaces", False),
    "Pod": ("pods", True),
    "Role": ("roles", True),
    "RoleBinding": ("rolebindings", True),
    "Secret": ("secrets", True),
    "Service": ("services", True),
    "ServiceAccount": ("serviceaccounts", True),
    "StorageClass": ("storageclasses", False),
}
"""Kind → plural and whether it lives in a namespace, for every kind that an addon uses."""

WORKLOADS = frozenset({"Deployment", "Pod"})


def render(name: str, values: Mapping[str, str]) -> list[Wire]:
    """The objects of one addon file, in its order."""
    import yaml

    text = Template(files("kajitori.cluster.addons").joinpath(f"{name}.yaml").read_text()).substitute(values)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [completed(doc) for doc in yaml.load_all(text, Loader=loader) if doc]


def completed(obj: Wire) -> Wire:
    """Pods and pod templates get the program that the system images leave out."""
    if obj["kind"] == "Pod":
        return {**obj, "spec": with_program(obj["spec"])}
    if obj["kind"] == "Deployment":
        template = obj["spec"]["template"]
        return {**obj, "spec": {**obj["spec"], "template": {**template, "spec": with_program(template["spec"])}}}
    return obj


def collection_path(obj: Wire) -> str:
    """Where an object of this kind is created."""
    version = obj["apiVersion"]
    plural, namespaced = PLURALS[obj["kind"]]
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    return f"{root}/namespaces/{obj['metadata']['namespace']}/{plural}" if namespaced else f"{root}/{plural}"


async def ensure_one(client: "RawClient", obj: Wire) -> None:
    """A Service that is there already is refused for its address before its name: what counts is that it is there."""
    path = collection_path(obj)
    try:
        await client.raw("POST", path, body=obj)
    except AlreadyExists:
        return
    except Invalid as refused:
        try:
            await client.raw("GET", f"{path}/{obj['metadata']['name']}")
        except NotFound:
            raise refused from None


async def ensure(client: "RawClient", objects: Sequence[Wire]) -> None:
    """Create what is missing, all at once but for what runs: a pod is refused before its service account is there."""
    for runs in (False, True):
        async with asyncio.TaskGroup() as group:
            for obj in objects:
                if (obj["kind"] in WORKLOADS) is runs:
                    group.create_task(ensure_one(client, obj), name=f"ensure {obj['kind']}/{obj['metadata']['name']}")


async def remove(client: "RawClient", objects: Iterable[Wire]) -> None:
    """Delete an addon's objects; what is gone already is no error."""
    for obj in objects:
        try:
            await client.raw("DELETE", f"{collection_path(obj)}/{obj['metadata']['name']}")
        except NotFound:
            continue
