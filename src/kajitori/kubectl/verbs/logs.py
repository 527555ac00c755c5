"""kubectl logs: what containers wrote, of a pod, a workload, or by label; also as it comes. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import Duration, HelpfulError, Options, UsageError, flag
from kajitori.kubectl.printers.names import name_of
from kajitori.kubectl.sessions.logs import Source, read_in_turn, read_together, sources_of
from kajitori.kubectl.sessions.pods import PODS, Wire, by_interest, go_type, named, pods_of, selector_of
from kajitori.machinery.errors import NotFound
from kajitori.machinery.gotext import quote

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

EXPECTED = """\
expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.
POD or TYPE/NAME is a required argument for the logs command"""
SELECTOR_TAIL = 10


@dataclass(frozen=True, kw_only=True)
class LogsOptions(Options):
    all_containers: bool = flag(False, "Get all containers' logs in the pod(s).")
    all_pods: bool = flag(False, "Get logs from all pod(s). Sets prefix to true.")
    container: str = flag("", "Print the logs of this container", short="c")
    follow: bool = flag(False, "Specify if the logs should be streamed.", short="f")
    ignore_errors: bool = flag(False, "While following, carry on after errors of single streams")
    insecure_skip_tls_verify_backend: bool = flag(
        False, "Do not check the identity of the kubelet that the logs come from; insecure."
    )
    limit_bytes: int = flag(0, "Maximum bytes of logs to return. Defaults to no limit.")
    max_log_requests: int = flag(5, "How many logs may be followed at once with a selector.")
    pod_running_timeout: Duration = flag(Duration(20), "How long to wait until at least one pod is running")
    prefix: bool = flag(False, "Begin each line with the names of its pod and container")
    previous: bool = flag(False, "Print the logs of the container's previous instance, if there is one.", short="p")
    selector: str = flag("", "Selector (label query) of the pods, in place of a name.", short="l")
    since: Duration = flag(Duration(0), "Only logs newer than a duration such as 5s, 2m, or 3h.")
    since_time: str = flag("", "Only logs after a date (RFC3339).")
    tail: int = flag(-1, "How many lines from the end; all without a selector, 10 with one.")
    timestamps: bool = flag(False, "Include timestamps on each line in the log output")

    @property
    def with_prefix(self) -> bool:
        return self.prefix or self.all_pods

    @property
    def chosen_container(self) -> str:
        return self.args[1] if len(self.args) == 2 else self.container

    def check_words(self) -> None:
        """Raises `HelpfulError` unless there is a pod or a selector."""
        if (not self.args and not self.selector) or len(self.args) > 2:
            raise HelpfulError("logs", EXPECTED)
        if len(self.args) == 1 and self.selector:
            raise HelpfulError("logs", "only a selector (-l) or a POD name is allowed")

    def check_values(self) -> None:
        """Raises `UsageError`; upstream does so only after the pods were found."""
        if self.since_time and self.since:
            raise UsageError("error: at most one of `sinceTime` or `sinceSeconds` may be specified")
        if self.all_containers and self.chosen_container:
            name = self.chosen_container
            raise UsageError(f"error: --all-containers=true should not be specified with container name {name}")
        if "container" in self.given and len(self.args) == 2:
            raise UsageError("error: only one of -c or an inline [CONTAINER] arg is allowed")
        if self.limit_bytes < 0:
            raise UsageError("error: --limit-bytes must be greater than 0")
        if self.since < 0:
            raise UsageError("error: --since must be greater than 0")
        if self.tail < -1:
            raise UsageError("error: --tail must be greater than or equal to -1")

    def query(self) -> list[tuple[str, str]]:
        """What the server is asked, but for the container."""
        tail = SELECTOR_TAIL if self.selector and self.tail == -1 and "tail" not in self.given else self.tail
        facts = {
            "follow": "true" if self.follow else "",
            "previous": "true" if self.previous else "",
            "timestamps": "true" if self.timestamps else "",
            "insecureSkipTLSVerifyBackend": "true" if self.insecure_skip_tls_verify_backend else "",
            "sinceTime": _time(self.since_time),
            "sinceSeconds": str(int(self.since + 0.5)) if self.since else "",
            "limitBytes": str(self.limit_bytes or ""),
            "tailLines": "" if tail == -1 else str(tail),
        }
        return [(name, value) for name, value in facts.items() if value]


def _time(text: str) -> str:
    from kajitori.machinery.times import format_time, parse_time

    if not text:
        return ""
    try:
        return format_time(parse_time(text))
    except ValueError as error:
        raise UsageError(f'error: parsing time "{text}" as "2006-01-02T15:04:05Z07:00": {error}') from error


async def run(opts: LogsOptions, ctx: Context) -> None:
    opts.check_words()
    opts.query()
    pods = await _pods(opts, ctx)
    opts.check_values()
    sources = [
        source
        for pod in pods
        for source in sources_of(
            pod, opts.chosen_container, every=opts.all_containers, quiet=opts.all_pods, warn=ctx.streams.err
        )
    ]
    await _read(opts, ctx, sources)


async def _pods(opts: LogsOptions, ctx: Context) -> list[Wire]:
    if opts.selector:
        found = await ctx.client().list(PODS, ctx.namespace, label_selector=opts.selector)
        if not found.items:
            ctx.streams.warn(f"No resources found in {ctx.namespace} namespace.")
        return found.items
    try:
        info = await named(ctx, opts.args[0])
    except NotFound as error:
        where = quote(ctx.namespace)
        raise UsageError(f"error: error from server (NotFound): {error.message} in namespace {where}") from None
    if info.object.get("kind") == "Pod":
        return [info.object]
    try:
        selector = selector_of(info.object)
    except UsageError as error:
        raise UsageError(f"error: cannot get the logs from {go_type(info.object)}: {error}") from None
    pods = await pods_of(ctx, info.namespace, selector, timeout_s=float(opts.pod_running_timeout), key=by_interest)
    if len(pods) > 1 and not opts.all_pods:
        ctx.streams.warn(f"Found {len(pods)} pods, using pod/{name_of(pods[0])}")
        return pods[:1]
    return pods


async def _read(opts: LogsOptions, ctx: Context, sources: list[Source]) -> None:
    if opts.follow and len(sources) > 1:
        if len(sources) > opts.max_log_requests:
            raise UsageError(
                f"error: you are attempting to follow {len(sources)} log streams, but maximum allowed concurrency is "
                f"{opts.max_log_requests}, use --max-log-requests to increase the limit"
            )
        await read_together(ctx, sources, opts.query(), prefix=opts.with_prefix, ignore_errors=opts.ignore_errors)
    else:
        await read_in_turn(ctx, sources, opts.query(), prefix=opts.with_prefix, ignore_errors=opts.ignore_errors)


COMMAND = Command(
    name="logs",
    short="Print the logs for a container in a pod",
    long="""Print the logs for a container in a pod or specified resource.

 If the pod has only one container, the container name is optional.""",
    examples="""# What pod nginx has written so far
kubectl logs nginx

# Each line with its pod and container
kubectl logs nginx --prefix

# At most 500 bytes
kubectl logs nginx --limit-bytes=500

# All containers of the pod; all pods of the deployment
kubectl logs nginx --all-containers=true
kubectl logs deployment/nginx --all-pods=true

# All containers of the pods with a label
kubectl logs -l app=nginx --all-containers=true

# The previous instance of container ruby
kubectl logs -p -c ruby web-1

# As it comes, whatever single streams do
kubectl logs nginx -f --ignore-errors=true

# The last 20 lines; the last hour; since a moment, with timestamps
kubectl logs --tail=20 nginx
kubectl logs --since=1h nginx
kubectl logs nginx --since-time=2024-08-30T06:00:00Z --timestamps=true

# The first container of a job's pod; a container of a deployment's
kubectl logs job/hello
kubectl logs deployment/nginx -c nginx-1""",
    usage="logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER] [options]",
    options=LogsOptions,
    run=run,
    interrupted=1,
)
