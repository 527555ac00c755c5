"""kubectl create cronjob: a CronJob from an image and a schedule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import flag
from kajitori.kubectl.generate.workloads import cron_job
from kajitori.kubectl.writing import CreateOptions, create_built, only_name

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

RESOURCE = ResourcePath("batch/v1", "cronjobs", namespaced=True)


@dataclass(frozen=True, kw_only=True)
class CronjobOptions(CreateOptions):
    image: str = flag("", "Image name to run.")
    restart: str = flag("", "The pod's restart policy: OnFailure or Never.")
    schedule: str = flag("", "A schedule in the Cron format the job should be run with.")


async def run(opts: CronjobOptions, ctx: Context) -> None:
    name = only_name(opts, "create cronjob")
    command = opts.args_after_dash or ()
    obj = cron_job(name, opts.image, opts.schedule, command=command, restart=opts.restart)
    await create_built(opts, ctx, obj, RESOURCE)


COMMAND = Command(
    name="create cronjob",
    short="Create a cron job with the specified name",
    long="Create a cron job with the specified name.",
    examples="""# A cron job that runs every minute
kubectl create cronjob my-job --image=busybox --schedule="*/1 * * * *"

# The same, with a command
kubectl create cronjob my-job --image=busybox --schedule="*/1 * * * *" -- date""",
    usage="create cronjob NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [flags] [options]",
    options=CronjobOptions,
    run=run,
    aliases=("cj",),
    required=("image", "schedule"),
)
