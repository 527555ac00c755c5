"""kubectl rollout pause: a deployment that its controller leaves alone. May import: kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kajitori.kubectl.command import Command
from kajitori.kubectl.rollouts.targets import ChangeOptions, Refusal, change

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


async def run(opts: ChangeOptions, ctx: Context) -> None:
    await change(opts, ctx, pause, "paused", unchanged="already paused")


def pause(obj: dict[str, Any]) -> None:
    """Raises Refusal."""
    if obj.get("kind") != "Deployment":
        raise Refusal("pausing is not supported")
    if obj["spec"].get("paused"):
        raise Refusal("is already paused")
    obj["spec"]["paused"] = True


COMMAND = Command(
    name="rollout pause",
    short="Mark the provided resource as paused",
    long="""Mark the provided resource as paused.

 A paused resource is not reconciled by its controller until "kubectl rollout resume". Only deployments can be.""",
    examples="""# Changes of the deployment have no effect until it is resumed
kubectl rollout pause deployment/nginx""",
    usage="rollout pause RESOURCE [options]",
    options=ChangeOptions,
    run=run,
)
