"""`kind delete cluster`: one that is not there is no error."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from kajitori.aiokit.pflag import flag
from kajitori.cluster import destroy, preflight
from kajitori.cluster.paths import Home
from kajitori.kind import naming


@dataclass(frozen=True, kw_only=True)
class DeleteOptions(naming.NamedOptions):
    kubeconfig: str = flag("", "the kubeconfig to change instead of the user's")


def run(argv: Sequence[str]) -> int:
    args = naming.read(DeleteOptions, argv, "delete cluster", "Deletes a cluster")
    if args.kubeconfig:
        os.environ["KUBECONFIG"] = args.kubeconfig
    preflight.require_root()
    print(f'Deleting cluster "{args.cluster}" ...', file=sys.stderr)
    home = Home.kind()
    if destroy.exists(home, args.cluster):
        cluster = destroy.leftovers(home, args.cluster)
        destroy.delete(home, args.cluster)
        print(f"Deleted nodes: {[node.name for node in cluster.nodes]}".replace("'", '"'), file=sys.stderr)
    return 0
