"""kubectl rollout restart: a workload's pods anew, by a mark on its template. May import: kubectl."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.command import Command
from kajitori.kubectl.rollouts.targets import ChangeOptions, Refusal, change

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"


async def run(opts: ChangeOptions, ctx: Context) -> None:
    now = datetime.now().astimezone().isoformat(timespec="seconds").replace("+00:00", "Z")
    await change(opts, ctx, lambda obj: mark(obj, now), "restarted")


def mark(obj: dict[str, Any], now: str) -> None:
    """Raises Refusal for what cannot be restarted."""
    kind = obj.get("kind", "")
    if kind not in ("Deployment", "DaemonSet", "StatefulSet"):
        raise Refusal("restarting is not supported")
    if obj["spec"].get("paused"):
        raise Refusal("can't restart paused deployment (run rollout resume first)")
    meta = obj["spec"]["template"].setdefault("metadata", {})
    annotations = meta["annotations"] = dict(meta.get("annotations") or {})
    if annotations.get(RESTARTED_AT) == now:
        raise Refusal(
            "if restart has already been triggered within the past second, "
            "please wait before attempting to trigger another"
        )
    annotations[RESTARTED_AT] = now


COMMAND = Command(
    name="rollout restart",
    short="Restart a resource",
    long="""Restart a resource.

 Its pods are replaced as in any other rollout.""",
    examples="""# All deployments in the namespace test-namespace
kubectl rollout restart deployment -n test-namespace

# One deployment, one daemonset
kubectl rollout restart deployment/nginx
kubectl rollout restart daemonset/abc

# Deployments with a label
kubectl rollout restart deployment --selector=app=nginx""",
    usage="rollout restart RESOURCE [options]",
    options=ChangeOptions,
    run=run,
)
