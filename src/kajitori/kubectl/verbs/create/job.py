"""kubectl create job: a Job from an image, or from a CronJob's template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.generate.workloads import job, job_from_cron_job
from kajitori.kubectl.writing import CreateOptions, create_built, only_name

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

RESOURCE = ResourcePath("batch/v1", "jobs", namespaced=True)


@dataclass(frozen=True, kw_only=True)
class JobOptions(CreateOptions):
    from_: str = flag("", "The name of the resource to create a Job from (only cronjob is supported).", name="from")
    image: str = flag("", "Image name to run.")


async def run(opts: JobOptions, ctx: Context) -> None:
    name = only_name(opts, "create job")
    if bool(opts.image) == bool(opts.from_):
        raise UsageError("error: either --image or --from must be specified")
    if opts.from_:
        if opts.args_after_dash:
            raise UsageError("error: cannot specify --from and command")
        kind, slash, source = opts.from_.partition("/")
        if not slash or kind not in ("cronjob", "cronjobs", "cj", "cronjob.batch", "cronjobs.batch"):
            raise UsageError(f"error: from must be an existing cronjob: {opts.from_}")
        cron_jobs = ResourcePath("batch/v1", "cronjobs", namespaced=True)
        obj = job_from_cron_job(name, await ctx.client().get(cron_jobs, source, ctx.namespace))
    else:
        obj = job(name, opts.image, opts.args_after_dash or ())
    await create_built(opts, ctx, obj, RESOURCE)


COMMAND = Command(
    name="create job",
    short="Create a job with the specified name",
    long="Create a job with the specified name.",
    examples="""# A job
kubectl create job my-job --image=busybox

# A job with a command
kubectl create job my-job --image=busybox -- date

# One run of a cron job, now
kubectl create job test-job --from=cronjob/a-cronjob""",
    usage="create job NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...] [options]",
    options=JobOptions,
    run=run,
)
