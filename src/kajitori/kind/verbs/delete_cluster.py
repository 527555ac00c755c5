"""`kind delete cluster`: one that is not there is no error."""

import os
import sys
from collections.abc import Sequence

from kajitori.cluster import destroy, preflight
from kajitori.cluster.paths import Home
from kajitori.kind import naming


def run(argv: Sequence[str]) -> int:
    parser = naming.parser("delete cluster", "Deletes a cluster")
    naming.add_name(parser)
    parser.add_argument("--kubeconfig", default="")
    args = parser.parse_args(argv)
    if args.kubeconfig:
        os.environ["KUBECONFIG"] = args.kubeconfig
    preflight.require_root()
    print(f'Deleting cluster "{args.name}" ...', file=sys.stderr)
    home = Home.kind()
    if destroy.exists(home, args.name):
        cluster = destroy.leftovers(home, args.name)
        destroy.delete(home, args.name)
        print(f"Deleted nodes: {[node.name for node in cluster.nodes]}".replace("'", '"'), file=sys.stderr)
    return 0
