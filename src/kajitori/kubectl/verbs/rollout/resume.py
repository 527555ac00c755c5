"""kubectl rollout resume: ends a pause. May import: kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kajitori.kubectl.command import Command
from kajitori.kubectl.rollouts.targets import ChangeOptions, Refusal, change

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


async def run(opts: ChangeOptions, ctx: Context) -> None:
    await change(opts, ctx, resume, "resumed", unchanged="already resumed")


def resume(obj: dict[str, Any]) -> None:
    """Raises Refusal."""
    if obj.get("kind") != "Deployment":
        raise Refusal("resuming is not supported")
    if not obj["spec"].get("paused"):
        raise Refusal("is not paused")
    obj["spec"]["paused"] = False


COMMAND = Command(
    name="rollout resume",
    short="Resume a paused resource",
    long="""Resume a paused resource.

 Its controller takes care of it again. Only deployments can be resumed.""",
    examples="""# Resume an already paused deployment
kubectl rollout resume deployment/nginx""",
    usage="rollout resume RESOURCE [options]",
    options=ChangeOptions,
    run=run,
)
