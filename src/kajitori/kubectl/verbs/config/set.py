"""kubectl config set: sets one value by its path. May import: client.kubeconfig, kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.client.kubeconfig import edit
from kajitori.kubectl.command import Command
from kajitori.kubectl.configuring import refuse_args, set_property
from kajitori.kubectl.flags import Options, flag

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class SetOptions(Options):
    set_raw_bytes: bool = flag(False, "Write a []byte value as given, without base64 decoding.")


async def run(opts: SetOptions, ctx: Context) -> int | None:
    if len(opts.args) != 2:
        return refuse_args(ctx, COMMAND, opts.args)
    path, value = opts.args
    with edit(ctx.options.kubeconfig or None) as config:
        set_property(config, path, value, raw_bytes=opts.set_raw_bytes)
    ctx.streams.print(f'Property "{path}" set.')
    return None


COMMAND = Command(
    name="config set",
    short="Set an individual value in a kubeconfig file",
    long="""Set an individual value in a kubeconfig file.""",
    examples="""# The server of a cluster
kubectl config set clusters.my-cluster.server https://1.2.3.4""",
    usage="config set PROPERTY_NAME PROPERTY_VALUE [options]",
    options=SetOptions,
    run=run,
)
