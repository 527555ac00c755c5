"""kubectl set serviceaccount: the account that pods run as. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.podspecs import SetOptions, change, chosen, pod_spec

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class SetServiceAccountOptions(SetOptions):
    selector: str = flag("", "Not taken here.", short="l", hidden=True)


async def run(opts: SetServiceAccountOptions, ctx: Context) -> None:
    if not opts.args:
        raise UsageError("error: serviceaccount is required")
    account = opts.args[-1]

    def put(obj: dict[str, Any]) -> None:
        spec = pod_spec(obj)
        spec["serviceAccountName"] = account
        if "serviceAccount" in spec:
            spec["serviceAccount"] = account

    found = await chosen(opts, ctx, opts.args[:-1])
    await change(opts, ctx, found, put, "serviceaccount updated", always=True)


COMMAND = Command(
    name="set serviceaccount",
    short="Update the service account of a resource",
    long="Update the service account of pod template resources.",
    examples="# The account of a deployment\nkubectl set serviceaccount deployment nginx-deployment serviceaccount1",
    usage="set serviceaccount (-f FILENAME | TYPE NAME) SERVICE_ACCOUNT [options]",
    options=SetServiceAccountOptions,
    run=run,
    aliases=("sa",),
)
