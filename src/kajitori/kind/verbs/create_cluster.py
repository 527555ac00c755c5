"""`kind create cluster`."""

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from kajitori import KUBERNETES_VERSION
from kajitori.aiokit.pflag import flag
from kajitori.cluster import create, profile
from kajitori.cluster.failures import USAGE, ClusterFailure
from kajitori.cluster.paths import Home
from kajitori.cluster.profile import Node, Profile
from kajitori.kind import naming

PORT = 6443

STEPS = {
    "create": f"Ensuring node image (kindest/node:{KUBERNETES_VERSION}) 🖼",
    "prepare": "Preparing nodes 📦 ",
    "verify": "Starting control-plane 🕹️",
}


@dataclass(frozen=True, kw_only=True)
class CreateOptions(naming.NamedOptions):
    image: str = flag("", "node image, only its Kubernetes version is looked at")
    wait: str = flag("0s", "wait for the control plane node to be ready")
    kubeconfig: str = flag("", "the kubeconfig to write instead of the user's")


def run(argv: Sequence[str]) -> int:
    args = naming.read(CreateOptions, argv, "create cluster", "Creates a local Kubernetes cluster")
    home = Home.kind()
    if args.kubeconfig:
        os.environ["KUBECONFIG"] = args.kubeconfig
    if args.cluster in profile.names(home):
        raise ClusterFailure(
            USAGE, f'failed to create cluster: node(s) already exist for a cluster with the name "{args.cluster}"', ""
        )
    profile.check_name(args.cluster)

    def say(text: str) -> None:
        if not args.quiet:
            print(text, file=sys.stderr)

    say(f'Creating cluster "{args.cluster}" ...')
    cluster = new_cluster(args.cluster, datetime.now(UTC))
    started = asyncio.run(create.start(home, cluster, create.StartOptions(), lambda step: say(f" ✓ {STEPS[step]}")))
    say(f'Set kubectl context to "{started.context}"')
    say(f"You can now use your cluster with:\n\nkubectl cluster-info --context {started.context}")
    return 0


def new_cluster(name: str, now: datetime) -> Profile:
    """kind's defaults, and what the environment says of mirrors (comma-separated) and isolation."""
    mirrors = [mirror for mirror in os.environ.get("KAJITORI_REGISTRY_MIRROR", "").split(",") if mirror]
    return Profile(
        name=name,
        face="kind",
        service_cidr="10.96.0.0/16",
        apiserver_port=PORT,
        isolated=os.environ.get("KAJITORI_ISOLATED", "") in ("1", "true"),
        registry_mirrors=tuple(mirrors),
        nodes=(Node(name=naming.control_plane(name)),),
        created=now.isoformat(),
    )
