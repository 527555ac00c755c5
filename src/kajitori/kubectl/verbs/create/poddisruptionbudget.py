"""kubectl create poddisruptionbudget: a PodDisruptionBudget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.generate.parsing import int_or_text, labels
from kajitori.kubectl.writing import CreateOptions, create_built, only_name

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

RESOURCE = ResourcePath("policy/v1", "poddisruptionbudgets", namespaced=True)


@dataclass(frozen=True, kw_only=True)
class PoddisruptionbudgetOptions(CreateOptions):
    max_unavailable: str = flag("", "The maximum number or percentage of unavailable pods this budget requires.")
    min_available: str = flag("", "The minimum number or percentage of available pods this budget requires.")
    selector: str = flag("", "A label selector to use for this budget. Only equality-based requirements are supported.")


async def run(opts: PoddisruptionbudgetOptions, ctx: Context) -> None:
    name = only_name(opts, "create poddisruptionbudget")
    if not opts.selector:
        raise UsageError("error: a selector must be specified")
    if not opts.max_unavailable and not opts.min_available:
        raise UsageError("error: one of min-available or max-unavailable must be specified")
    if opts.max_unavailable and opts.min_available:
        raise UsageError("error: min-available and max-unavailable cannot be both specified")
    limit = (
        {"maxUnavailable": int_or_text(opts.max_unavailable)}
        if opts.max_unavailable
        else {"minAvailable": int_or_text(opts.min_available)}
    )
    status = {"disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0}
    obj = {
        "kind": "PodDisruptionBudget",
        "apiVersion": "policy/v1",
        "metadata": {"name": name},
        "spec": limit | {"selector": {"matchLabels": labels(opts.selector)}},
        "status": status,
    }
    await create_built(opts, ctx, obj, RESOURCE)


COMMAND = Command(
    name="create poddisruptionbudget",
    short="Create a pod disruption budget with the specified name",
    long="Create a pod disruption budget with the specified name, selector, and the number of pods that must stay.",
    examples="""# At least one of the pods with app=rails must be available at any time
kubectl create poddisruptionbudget my-pdb --selector=app=rails --min-available=1""",
    usage=(
        "create poddisruptionbudget NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none] [options]"
    ),
    options=PoddisruptionbudgetOptions,
    run=run,
    aliases=("pdb",),
)
