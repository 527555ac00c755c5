"""kubectl set resources: requests and limits of containers. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.podspecs import SetOptions, change, chosen, pod_spec

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class SetResourcesOptions(SetOptions):
    containers: str = flag("*", "The names of containers to change; may use wildcards", short="c")
    limits: str = flag("", "The resource limits, e.g. 'cpu=100m,memory=256Mi'.")
    requests: str = flag("", "The resource requests, e.g. 'cpu=100m,memory=256Mi'.")


async def run(opts: SetResourcesOptions, ctx: Context) -> None:
    if not opts.limits and not opts.requests:
        raise UsageError("error: you must specify an update to requests or limits (in the form of --requests/--limits)")
    wanted = {"limits": amounts(opts.limits), "requests": amounts(opts.requests)}
    found = await chosen(opts, ctx, opts.args)
    await change(opts, ctx, found, lambda obj: put(obj, opts.containers, wanted), "resource requirements updated")


def amounts(text: str) -> dict[str, str]:
    """``cpu=1,memory=2Gi``, in canonical form."""
    from kajitori.machinery.quantity import QuantityError, canonical

    found = {}
    for pair in text.split(",") if text else ():
        name, equals, amount = pair.partition("=")
        if not equals:
            raise UsageError(f"error: Invalid argument syntax {pair}, expected <resource>=<value>")
        try:
            found[name] = canonical(amount)
        except QuantityError as error:
            raise UsageError(f"error: {error}") from error
    return found


def put(obj: dict[str, Any], pattern: str, wanted: dict[str, dict[str, str]]) -> None:
    """An amount of zero removes the entry."""
    from fnmatch import fnmatchcase

    picked = [one for one in pod_spec(obj).get("containers") or () if fnmatchcase(one["name"], pattern)]
    if not picked:
        raise UsageError(f"error: unable to find container named {pattern}")
    for container in picked:
        resources = container.setdefault("resources", {})
        for kind, values in wanted.items():
            merged = (resources.get(kind) or {}) | values
            merged = {name: amount for name, amount in merged.items() if amount != "0"}
            if merged:
                resources[kind] = merged
            else:
                resources.pop(kind, None)


COMMAND = Command(
    name="set resources",
    short="Update resource requests/limits on objects with pod templates",
    long="Specify compute resource requirements (CPU, memory) for any resource that defines a pod template.",
    examples="""# Limits of one container
kubectl set resources deployment nginx -c=nginx --limits=cpu=200m,memory=512Mi

# Remove them
kubectl set resources deployment nginx --limits=cpu=0,memory=0 --requests=cpu=0,memory=0""",
    usage="set resources (-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS] [options]",
    options=SetResourcesOptions,
    run=run,
)
