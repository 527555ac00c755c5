"""Jobs and cron jobs. May import: kubectl.describers."""

from __future__ import annotations

from kajitori.kubectl.describers.cluster import Cluster
from kajitori.kubectl.describers.events import write_events
from kajitori.kubectl.describers.marks import identity, marks, selector_string
from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.templates import write_template
from kajitori.kubectl.describers.wire import (
    Wire,
    between,
    boolean_or_unset,
    controlled_by,
    lower,
    moment,
    or_unset,
    spec,
    status,
)

INDEXES_SHOWN = 50


async def describe_job(page: Page, obj: Wire, cluster: Cluster) -> None:
    identity(page, obj)
    page.row(0, "Selector:", selector_string(spec(obj, "selector", default=None)))
    marks(page, obj)
    if controlled_by(obj):
        page.row(0, "Controlled By:", controlled_by(obj))
    _wanted(page, obj)
    _progress(page, obj)
    write_template(page, spec(obj, "template", default={}))
    await write_events(page, obj, cluster)


def _wanted(page: Page, obj: Wire) -> None:
    def given(key: str) -> object:
        return spec(obj, key, default=None)

    if given("parallelism") is not None:
        page.row(0, "Parallelism:", given("parallelism"))
    page.row(0, "Completions:", or_unset(given("completions")))
    if given("completionMode") is not None:
        page.row(0, "Completion Mode:", given("completionMode"))
    if given("suspend") is not None:
        page.row(0, "Suspend:", lower(given("suspend")))
    if given("backoffLimit") is not None:
        page.row(0, "Backoff Limit:", given("backoffLimit"))
    if given("ttlSecondsAfterFinished") is not None:
        page.row(0, "TTL Seconds After Finished:", given("ttlSecondsAfterFinished"))


def _progress(page: Page, obj: Wire) -> None:
    started, completed = status(obj, "startTime"), status(obj, "completionTime")
    if started:
        page.row(0, "Start Time:", moment(started))
    if completed:
        page.row(0, "Completed At:", moment(completed))
    if started and completed:
        page.row(0, "Duration:", between(started, completed))
    if spec(obj, "activeDeadlineSeconds", default=None) is not None:
        page.row(0, "Active Deadline Seconds:", f"{spec(obj, 'activeDeadlineSeconds')}s")
    active, succeeded, failed = (status(obj, key, default=0) for key in ("active", "succeeded", "failed"))
    ready = status(obj, "ready", default=None)
    shown = f"{active} Active" + ("" if ready is None else f" ({ready} Ready)")
    page.row(0, "Pods Statuses:", f"{shown} / {succeeded} Succeeded / {failed} Failed")
    if spec(obj, "completionMode") == "Indexed":
        page.row(0, "Completed Indexes:", indexes(status(obj, "completedIndexes")))


def indexes(text: str) -> str:
    """A long list is cut at the first comma from the fiftieth character on."""
    if not text:
        return "<none>"
    cut = text.find(",", INDEXES_SHOWN)
    return text if cut < 0 else text[: cut + 1] + "..."


async def describe_cron_job(page: Page, obj: Wire, cluster: Cluster) -> None:
    identity(page, obj)
    marks(page, obj)
    page.row(0, "Schedule:", spec(obj, "schedule"))
    page.row(0, "Concurrency Policy:", spec(obj, "concurrencyPolicy"))
    page.row(0, "Suspend:", boolean_or_unset(spec(obj, "suspend", default=None)))
    for title, key in (
        ("Successful Job History Limit:", "successfulJobsHistoryLimit"),
        ("Failed Job History Limit:", "failedJobsHistoryLimit"),
    ):
        page.row(0, title, or_unset(spec(obj, key, default=None)))
    deadline = spec(obj, "startingDeadlineSeconds", default=None)
    page.row(0, "Starting Deadline Seconds:", "<unset>" if deadline is None else f"{deadline}s")
    _job_template(page, spec(obj, "jobTemplate", default={}))
    last = status(obj, "lastScheduleTime")
    page.row(0, "Last Schedule Time:", moment(last) if last else "<unset>")
    active = status(obj, "active", default=[])
    page.row(0, "Active Jobs:", ", ".join(one.get("name", "") for one in active) or "<none>")
    await write_events(page, obj, cluster)


def _job_template(page: Page, template: Wire) -> None:
    selector = spec(template, "selector", default=None)
    page.row(0, "Selector:", "<unset>" if selector is None else selector_string(selector))
    page.row(0, "Parallelism:", or_unset(spec(template, "parallelism", default=None)))
    page.row(0, "Completions:", or_unset(spec(template, "completions", default=None)))
    if spec(template, "activeDeadlineSeconds", default=None) is not None:
        page.row(0, "Active Deadline Seconds:", f"{spec(template, 'activeDeadlineSeconds')}s")
    write_template(page, spec(template, "template", default={}))
