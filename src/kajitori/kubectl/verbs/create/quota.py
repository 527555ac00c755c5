"""kubectl create quota: a ResourceQuota."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.writing import CreateOptions, create_built, only_name

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

RESOURCE = ResourcePath("v1", "resourcequotas", namespaced=True)


@dataclass(frozen=True, kw_only=True)
class QuotaOptions(CreateOptions):
    hard: str = flag("", "A comma-delimited set of resource=quantity pairs that define a hard limit.")
    scopes: str = flag(
        "", "A comma-delimited set of quota scopes that must all match each object tracked by the quota."
    )


def _hard(text: str) -> dict[str, str]:
    from kajitori.machinery.quantity import QuantityError, canonical

    found = {}
    for pair in text.split(","):
        key, equals, value = pair.partition("=")
        if not equals or "=" in value:
            raise UsageError(f"error: Invalid argument syntax {pair}, expected <resource>=<value>")
        try:
            found[key] = canonical(value)
        except QuantityError as error:
            raise UsageError(f"error: {error}") from error
    return found


async def run(opts: QuotaOptions, ctx: Context) -> None:
    name = only_name(opts, "create quota")
    spec: dict[str, Any] = {}
    if opts.hard:
        spec["hard"] = _hard(opts.hard)
    if opts.scopes:
        spec["scopes"] = list(dict.fromkeys(opts.scopes.split(",")))
    obj = {"kind": "ResourceQuota", "apiVersion": "v1", "metadata": {"name": name}, "spec": spec, "status": {}}
    await create_built(opts, ctx, obj, RESOURCE)


COMMAND = Command(
    name="create quota",
    short="Create a quota with the specified name",
    long="Create a resource quota with the specified name, hard limits, and optional scopes.",
    examples="""# Limits of a namespace
kubectl create quota my-quota --hard=cpu=1,memory=1G,pods=2,services=3

# Only for pods without requests
kubectl create quota best-effort --hard=pods=100 --scopes=BestEffort""",
    usage=(
        "create quota NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] "
        "[--dry-run=server|client|none] [options]"
    ),
    options=QuotaOptions,
    run=run,
    aliases=("resourcequota",),
)
