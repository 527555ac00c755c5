"""kubectl create serviceaccount: a ServiceAccount."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.writing import CreateOptions, create_built, only_name

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

RESOURCE = ResourcePath("v1", "serviceaccounts", namespaced=True)


@dataclass(frozen=True, kw_only=True)
class ServiceaccountOptions(CreateOptions):
    """No flags of its own."""


async def run(opts: ServiceaccountOptions, ctx: Context) -> None:
    name = only_name(opts, "create serviceaccount")
    obj = {"kind": "ServiceAccount", "apiVersion": "v1", "metadata": {"name": name}}
    await create_built(opts, ctx, obj, RESOURCE)


COMMAND = Command(
    name="create serviceaccount",
    short="Create a service account with the specified name",
    long="Create a service account with the specified name.",
    examples="""# A service account named my-service-account
kubectl create serviceaccount my-service-account""",
    usage="create serviceaccount NAME [--dry-run=server|client|none] [options]",
    options=ServiceaccountOptions,
    run=run,
    aliases=("sa",),
)
