"""kubectl annotate: sets and removes annotations. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import flag
from kajitori.kubectl.marking import ANNOTATIONS, MarkOptions, mark

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class AnnotateOptions(MarkOptions):
    field_manager: str = flag("kubectl-annotate", "Name of the manager used to track field ownership.")
    list_: bool = flag(False, "If true, display the annotations for a given resource.", name="list")
    overwrite: bool = flag(False, "Allow annotations to be overwritten; without it that is refused.")
    resource_version: str = flag("", "Change only an object of this resource version; for one object.")


async def run(opts: AnnotateOptions, ctx: Context) -> None:
    await mark(ANNOTATIONS, opts, ctx)


COMMAND = Command(
    name="annotate",
    short="Update the annotations on a resource",
    long="""Update the annotations on one or more resources.

 Annotations are key/value pairs that can be larger than labels and hold any text, structured JSON as well. They are
meant for tools and libraries; no selector finds them.""",
    examples="""# Describe a pod
kubectl annotate pods foo description='my frontend'

# Change it
kubectl annotate --overwrite pods foo description='my frontend running nginx'

# All pods of the namespace
kubectl annotate pods --all description='my frontend running nginx'

# Remove it
kubectl annotate pods foo description-""",
    usage="annotate [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N "
    "[--resource-version=version] [options]",
    options=AnnotateOptions,
    run=run,
)
