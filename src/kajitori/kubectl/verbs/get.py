"""kubectl get: shows objects as the server's tables, or whole in a format of the user's choice; can watch.

What happens after the question is clear is in `kubectl.getting`.
May import: kubectl.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.getting.options import GetOptions

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

REQUIRED = """\
You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.

error: Required resource not specified.
Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).
See 'kubectl get -h' for help and examples"""


async def run(opts: GetOptions, ctx: Context) -> int | None:
    if opts.raw:
        answer = await ctx.client().raw("GET", opts.raw, accept="*/*")
        ctx.streams.out.write(answer.body.decode("utf-8", "replace"))
        return None
    if not opts.args and not opts.filename and not opts.kustomize:
        raise UsageError(REQUIRED)
    from kajitori.kubectl.getting.show import show

    if opts.watch or opts.watch_only:
        from kajitori.kubectl.getting.watching import watch

        await watch(opts, ctx)
    else:
        await show(opts, ctx)
    return None


COMMAND = Command(
    name="get",
    short="Display one or many resources",
    long="""Display one or many resources.

 Prints the most important facts of the objects as a table. Narrow the list with a label selector (-l), a field selector
or names; -A looks into all namespaces. Use
"kubectl api-resources" for a complete list of supported resources.""",
    examples="""# All pods, as a table
kubectl get pods

# All pods, with more columns (such as the node's name)
kubectl get pods -o wide

# One deployment as JSON, in version v1 of the group apps
kubectl get deployments.v1.apps -o json

# The object that a file names
kubectl get -f pod.yaml -o json

# One field of one pod
kubectl get -o template pod/web-pod-13je7 --template={{.status.phase}}

# Columns of one's own
kubectl get pod test-pod -o custom-columns=CONTAINER:.spec.containers[0].name,IMAGE:.spec.containers[0].image

# Two types together
kubectl get rc,services

# Objects of several types by name
kubectl get rc/web service/frontend pods/web-pod-13je7""",
    usage="get [(-o|--output=)json|yaml|name|go-template|go-template-file|template|templatefile|jsonpath|"
    "jsonpath-as-json|jsonpath-file|custom-columns|custom-columns-file|wide] "
    "(TYPE[.VERSION][.GROUP] [NAME | -l label] | "
    "TYPE[.VERSION][.GROUP]/NAME ...) [flags] [options]",
    options=GetOptions,
    run=run,
    interrupted=1,
)
