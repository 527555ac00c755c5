"""kubectl debug: an ephemeral container, a pod's changed copy, or a pod on a node. May import: client, kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.debugging.options import DebugOptions
from kajitori.kubectl.flags import UsageError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

LEGACY = (
    "--profile=legacy is deprecated and will be removed in the future. It is recommended to explicitly specify a "
    'profile, for example "--profile=general".'
)


async def run(opts: DebugOptions, ctx: Context) -> int:
    from kajitori.kubectl.debugging.sessions import debug_node, debug_pod, tell_target
    from kajitori.kubectl.sessions.pods import named

    opts.check()
    tell_target(opts, ctx)
    opts.check_terminal()
    if opts.profile == "legacy":
        ctx.streams.warn(LEGACY)
    code = 0
    for word in opts.targets:
        info = await named(ctx, word)
        if info.object.get("kind") == "Node":
            code = await debug_node(opts, ctx, info.object) or code
        elif info.object.get("kind") == "Pod":
            code = await debug_pod(opts, ctx, info.object) or code
        else:
            what = info.resource
            version = f"{what.group}/{what.version}" if what.group else f"/{what.version}"
            raise UsageError(f'error: "{version}, Kind={what.kind}" not supported by debug')
    return code


COMMAND = Command(
    name="debug",
    short="Create debugging sessions for troubleshooting workloads and nodes",
    long="""Debug cluster resources using interactive debugging containers.

 What happens depends on what is named:

  *  Workload: a copy of an existing pod with some attributes changed, for example other images.
  *  Workload: an ephemeral container in a pod that runs, which is not restarted for it.
  *  Node: a new pod in the node's host namespaces that sees the node's file system.""",
    examples="""# An interactive session in pod mypod, with an ephemeral container
kubectl debug mypod -it --image=busybox

# The container called debugger, with an image of one's own
kubectl debug --image=myproj/debug-tools -c debugger mypod

# A copy of the pod with a debug container in it
kubectl debug mypod -it --image=busybox --copy-to=my-debugger

# A copy with another command for mycontainer
kubectl debug mypod -it --copy-to=my-debugger --container=mycontainer -- sh

# A copy with other images
kubectl debug mypod --copy-to=my-debugger --set-image=app=app:debug,sidecar=sidecar:debug

# On a node; its file system is at /host
kubectl debug node/mynode -it --image=busybox""",
    usage="debug (POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ] [options]",
    options=DebugOptions,
    run=run,
    interrupted=1,
)
