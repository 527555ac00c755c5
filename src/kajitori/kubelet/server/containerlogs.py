"""`/containerLogs/{namespace}/{pod}/{container}`: from the request to a file, and the words when there is none.

May import: api, machinery, kubelet.{interfaces,server}.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from kajitori.aiokit.http.message import Answer, Request, Response, StreamResponse
from kajitori.kubelet.interfaces import PodProvider
from kajitori.kubelet.server.logs import LogOptions, read_log
from kajitori.kubelet.server.requests import BadRequest, is_set
from kajitori.machinery.gotext import quote

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod

INVALID = '{"message": "Invalid request."}'
PULL_FAILURES = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
}


def options_of(request: Request, now: datetime) -> LogOptions:
    """The query as PodLogOptions; raises `BadRequest`, 400 for what cannot be read, 422 for what is wrong."""
    try:
        since = _since(request, now)
        tail, limit = request.query.get("tailLines"), request.query.get("limitBytes")
        options = LogOptions(
            follow=is_set(request, "follow"),
            timestamps=is_set(request, "timestamps"),
            tail_lines=int(tail) if tail else None,
            limit_bytes=int(limit) if limit else None,
            since=since,
            stream=request.query.get("stream") or "All",
        )
    except ValueError as err:
        raise BadRequest('{"message": "Unable to decode query."}') from err
    if (options.tail_lines or 0) < 0 or (limit and (options.limit_bytes or 0) < 1):
        raise BadRequest(INVALID, 422)
    return options


def _since(request: Request, now: datetime) -> datetime | None:
    seconds, stamp = request.query.get("sinceSeconds"), request.query.get("sinceTime")
    if seconds and (stamp or int(seconds) < 1):
        raise BadRequest(INVALID, 422)
    if seconds:
        try:
            return now - timedelta(seconds=int(seconds))
        except OverflowError:  # before the calendar begins: every line is newer
            return None
    if not stamp:
        return None
    since = datetime.fromisoformat(stamp)
    return since if since.tzinfo else since.replace(tzinfo=UTC)


async def serve(request: Request, pods: PodProvider, namespace: str, name: str, container: str) -> Answer:
    """Streams the log, for as long as the container runs if it is followed.

    Without a Pod, container or file the answer is upstream's line of text; query parameters that make no sense raise.
    """
    options = options_of(request, datetime.now(UTC))
    pod = pods.pod(namespace, name)
    if pod is None:
        return Response.text(f"pod {quote(f'{name}_{namespace}')} does not exist\n", 404)
    if container not in container_names(pod):
        return Response.text(f"container {quote(container)} not found in pod {quote(name)}\n", 404)
    previous = is_set(request, "previous")
    path, container_id = _locate(pods, pod, container, previous=previous)
    if not path:
        return Response.text(why_no_logs(pod, container, previous=previous), 400)
    if not os.path.exists(path):  # noqa: PTH110, ASYNC240 - one stat of a local file
        return Response.text(f"unable to retrieve container logs for containerd://{container_id}")

    def is_running() -> bool:
        now = pods.container(pod.metadata.uid or "", container)
        return not previous and now is not None and now.id == container_id and now.state in ("running", "created")

    return StreamResponse(read_log(Path(path), options, is_running), content_type="text/plain")


def _locate(pods: PodProvider, pod: Pod, container: str, *, previous: bool) -> tuple[str, str]:
    """(path of the log, container ID); an empty path if there is none."""
    found = pods.container(pod.metadata.uid or "", container)
    if found is None:
        return "", ""
    return (found.previous_log_path if previous else found.log_path), found.id


def container_names(pod: Pod) -> set[str]:
    spec = pod.spec
    return {c.name or "" for group in (spec.containers, spec.init_containers, spec.ephemeral_containers) for c in group}


def why_no_logs(pod: Pod, container: str, *, previous: bool) -> str:
    """What stands in the way of a container's log, as its status tells."""
    name, where = quote(container), quote(pod.metadata.name or "")
    if previous:
        return f"previous terminated container {name} in pod {where} not found"
    every = (pod.status.container_statuses, pod.status.init_container_statuses, pod.status.ephemeral_container_statuses)
    status = next((s for group in every for s in group if s.name == container), None)
    state = status.state if status is not None else None
    if state is None:
        return f"container {name} in pod {where} is not available"
    if state.terminated is not None:
        return f"container {name} in pod {where} is terminated"
    if state.waiting is not None:
        reason = state.waiting.reason or ""
        return f"container {name} in pod {where} is waiting to start: {PULL_FAILURES.get(reason, reason)}"
    return f"container {name} in pod {where} is waiting to start - no logs yet"
