"""`minikube ssh`: a shell, or one command, inside a node."""

import subprocess
import sys
from collections.abc import Sequence

from kajitori.cluster import images, plans, preflight
from kajitori.cluster.failures import PROFILE_NOT_FOUND, ClusterFailure
from kajitori.cluster.sandbox import runc
from kajitori.minikube.context import Context, Parser, flag


def run(argv: Sequence[str]) -> int:
    own, _, after = split(list(argv))
    parser = Parser("ssh", "Log into the minikube environment (for debugging)")
    parser.add_argument("-n", "--node", default="")
    flag(parser, "--native-ssh", default=True)
    parser.add_argument("command", nargs="*")
    args = parser.parse_args(own)
    preflight.require_root()
    context = Context.of(args.profile)
    cluster = context.profile()
    node = plans.node_named(cluster.nodes, args.node) if args.node else cluster.primary
    if node is None:
        raise ClusterFailure(PROFILE_NOT_FOUND, f'Could not find node "{args.node}"', 'See "minikube node list"')
    words = [*args.command, *after]
    inside = ["bash", "-c", " ".join(words)] if words else ["bash", "-l"]
    container = images.container_of(context.home, cluster, node)
    code = subprocess.run(runc.exec_command(container, inside, tty=sys.stdin.isatty()), check=False).returncode
    if code != 0 and words:
        print(f"ssh: Process exited with status {code}", file=sys.stderr)
    return 1 if code else 0


def split(argv: list[str]) -> tuple[list[str], str, list[str]]:
    """What is ours and what comes after `--`."""
    if "--" not in argv:
        return argv, "", []
    at = argv.index("--")
    return argv[:at], "--", argv[at + 1 :]
