"""`minikube ssh`: a shell, or one command, inside a node."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from kajitori.aiokit.pflag import flag
from kajitori.cluster import images, plans, preflight
from kajitori.cluster.failures import PROFILE_NOT_FOUND, ClusterFailure
from kajitori.cluster.sandbox import runc
from kajitori.minikube.context import Context
from kajitori.minikube.flags import GlobalOptions, read


@dataclass(frozen=True, kw_only=True)
class SshOptions(GlobalOptions):
    node: str = flag("", "The node to log into", short="n")
    native_ssh: bool = flag(True, "", hidden=True)


def run(argv: Sequence[str]) -> int:
    args = read(SshOptions, argv, "ssh", usage="[flags] [-- COMMAND ...]", max_args=None)
    preflight.require_root()
    context = Context.of(args.profile)
    cluster = context.profile()
    node = plans.node_named(cluster.nodes, args.node) if args.node else cluster.primary
    if node is None:
        raise ClusterFailure(PROFILE_NOT_FOUND, f'Could not find node "{args.node}"', 'See "minikube node list"')
    inside = ["bash", "-c", " ".join(args.args)] if args.args else ["bash", "-l"]
    container = images.container_of(context.home, cluster, node)
    code = subprocess.run(runc.exec_command(container, inside, tty=sys.stdin.isatty()), check=False).returncode
    if code != 0 and args.args:
        print(f"ssh: Process exited with status {code}", file=sys.stderr)
    return 1 if code else 0
