"""`kind get kubeconfig`: a whole kubeconfig on stdout."""

from collections.abc import Sequence
from datetime import UTC, datetime

from kajitori.cluster import userconfig
from kajitori.cluster.paths import Home
from kajitori.kind import naming


def run(argv: Sequence[str]) -> int:
    from kajitori.client.kubeconfigfiles import dump

    parser = naming.parser("get kubeconfig", "Prints cluster kubeconfig")
    naming.add_name(parser)
    parser.add_argument("--internal", action="store_true", help="use internal address instead of external")
    args = parser.parse_args(argv)
    home = Home.kind()
    cluster = naming.load(home, args.name)
    made = userconfig.entries(home, cluster, datetime.now(UTC))
    name = cluster.context
    document = {
        "apiVersion": "v1",
        "clusters": [{"cluster": made["clusters"], "name": name}],
        "contexts": [{"context": made["contexts"], "name": name}],
        "current-context": name,
        "kind": "Config",
        "users": [{"name": name, "user": made["users"]}],
    }
    print(dump(document), end="")
    return 0
