"""`minikube update-context`: writes the cluster's kubeconfig entries again."""

from collections.abc import Sequence
from datetime import UTC, datetime

from kajitori.cluster import userconfig
from kajitori.minikube import output
from kajitori.minikube.context import Context
from kajitori.minikube.flags import GlobalOptions, read


def run(argv: Sequence[str]) -> int:
    args = read(GlobalOptions, argv, "update-context")
    context = Context.of(args.profile)
    cluster = context.profile()
    known = userconfig.is_configured(cluster)
    userconfig.write(context.home, cluster, datetime.now(UTC))
    if known:
        output.step("shrug", f'No changes required for the "{cluster.name}" context')
    else:
        output.step(
            "celebrate",
            f'"{cluster.name}" context has been updated to point to {cluster.primary.ip}:{cluster.apiserver_port}',
        )
    output.step("happy", f'Current context is "{cluster.name}"')
    return 0
