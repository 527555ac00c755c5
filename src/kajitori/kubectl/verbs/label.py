"""kubectl label: sets and removes labels. `marking.py` holds what labels and annotations share. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import flag
from kajitori.kubectl.marking import LABELS, MarkOptions, mark

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class LabelOptions(MarkOptions):
    field_manager: str = flag("kubectl-label", "Name of the manager used to track field ownership.")
    list_: bool = flag(False, "If true, display the labels for a given resource.", name="list")
    overwrite: bool = flag(False, "Allow labels to be overwritten; without it that is refused.")
    resource_version: str = flag("", "Change only an object of this resource version; for one object.")


async def run(opts: LabelOptions, ctx: Context) -> None:
    await mark(LABELS, opts, ctx)


COMMAND = Command(
    name="label",
    short="Update the labels on a resource",
    long="""Update the labels on a resource.

  *  A label key begins with a letter or number and may contain letters, numbers, hyphens, dots and underscores, up to
63 characters; a DNS subdomain and a '/' may stand in front, like example.com/my-app.
  *  A value is at most 63 characters of the same kind, or empty.
  *  With --overwrite existing labels can be changed; with --resource-version only an object of that version is.""",
    examples="""# Label a pod
kubectl label pods foo unhealthy=true

# Change a label
kubectl label --overwrite pods foo status=unhealthy

# All pods of the namespace
kubectl label pods --all status=unhealthy

# Remove a label
kubectl label pods foo bar-""",
    usage="label [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version] "
    "[options]",
    options=LabelOptions,
    run=run,
)
