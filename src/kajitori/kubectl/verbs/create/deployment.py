"""kubectl create deployment: a Deployment from images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.generate.workloads import deployment
from kajitori.kubectl.writing import CreateOptions, create_built, only_name

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

RESOURCE = ResourcePath("apps/v1", "deployments", namespaced=True)


@dataclass(frozen=True, kw_only=True)
class DeploymentOptions(CreateOptions):
    image: tuple[str, ...] = flag((), "Image names to run. A deployment can have several images, one per container.")
    port: int = flag(-1, "The containerPort that this deployment exposes.")
    replicas: int = flag(1, "Number of replicas to create. Default is 1.", short="r")


async def run(opts: DeploymentOptions, ctx: Context) -> None:
    name = only_name(opts, "create deployment")
    command = opts.args_after_dash or ()
    if command and len(opts.image) > 1:
        raise UsageError("error: cannot specify multiple --image options and command")
    obj = deployment(name, opts.image, command=command, replicas=opts.replicas, port=opts.port)
    await create_built(opts, ctx, obj, RESOURCE)


COMMAND = Command(
    name="create deployment",
    short="Create a deployment with the specified name",
    long="Create a deployment with the specified name.",
    examples="""# A deployment that runs the busybox image
kubectl create deployment my-dep --image=busybox

# The same, with a command
kubectl create deployment my-dep --image=busybox -- date

# Three replicas of nginx
kubectl create deployment my-dep --image=nginx --replicas=3

# Two containers in each pod
kubectl create deployment my-dep --image=busybox:latest --image=ubuntu:latest --image=nginx""",
    usage="create deployment NAME --image=image -- [COMMAND] [args...] [options]",
    options=DeploymentOptions,
    run=run,
    aliases=("deploy",),
    required=("image",),
)
