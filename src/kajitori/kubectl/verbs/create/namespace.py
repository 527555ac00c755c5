"""kubectl create namespace: a Namespace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.writing import CreateOptions, create_built, only_name

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

RESOURCE = ResourcePath("v1", "namespaces", namespaced=False)


@dataclass(frozen=True, kw_only=True)
class NamespaceOptions(CreateOptions):
    """No flags of its own."""


async def run(opts: NamespaceOptions, ctx: Context) -> None:
    name = only_name(opts, "create namespace")
    obj = {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": name}, "spec": {}, "status": {}}
    await create_built(opts, ctx, obj, RESOURCE, namespaced=False)


COMMAND = Command(
    name="create namespace",
    short="Create a namespace with the specified name",
    long="Create a namespace with the specified name.",
    examples="""# A namespace named my-namespace
kubectl create namespace my-namespace""",
    usage="create namespace NAME [--dry-run=server|client|none] [options]",
    options=NamespaceOptions,
    run=run,
    aliases=("ns",),
)
