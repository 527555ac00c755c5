"""kubectl create priorityclass: a PriorityClass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import flag
from kajitori.kubectl.writing import CreateOptions, create_built, only_name

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

RESOURCE = ResourcePath("scheduling.k8s.io/v1", "priorityclasses", namespaced=False)


@dataclass(frozen=True, kw_only=True)
class PriorityclassOptions(CreateOptions):
    description: str = flag("", "Text that says when this priority class should be used.")
    global_default: bool = flag(False, "Whether pods without a class have this priority.")
    preemption_policy: str = flag("PreemptLowerPriority", "Whether pods of this class may displace others.")
    value: int = flag(0, "the value of this priority class.")


async def run(opts: PriorityclassOptions, ctx: Context) -> None:
    name = only_name(opts, "create priorityclass")
    obj = {
        "kind": "PriorityClass",
        "apiVersion": "scheduling.k8s.io/v1",
        "metadata": {"name": name},
        "value": opts.value,
    }
    if opts.global_default:
        obj["globalDefault"] = True
    if opts.description:
        obj["description"] = opts.description
    obj["preemptionPolicy"] = opts.preemption_policy
    await create_built(opts, ctx, obj, RESOURCE, namespaced=False)


COMMAND = Command(
    name="create priorityclass",
    short="Create a priority class with the specified name",
    long="Create a priority class with the specified name, value, globalDefault and description.",
    examples="""# A priority class named high-priority
kubectl create priorityclass high-priority --value=1000 --description=urgent""",
    usage="create priorityclass NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none] [options]",
    options=PriorityclassOptions,
    run=run,
    aliases=("pc",),
)
