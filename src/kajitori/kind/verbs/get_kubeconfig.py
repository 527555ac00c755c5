"""`kind get kubeconfig`: a whole kubeconfig on stdout."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from kajitori.aiokit.pflag import flag
from kajitori.cluster import userconfig
from kajitori.cluster.paths import Home
from kajitori.kind import naming


@dataclass(frozen=True, kw_only=True)
class KubeconfigOptions(naming.NamedOptions):
    internal: bool = flag(False, "use internal address instead of external")


def run(argv: Sequence[str]) -> int:
    from kajitori.client.kubeconfigfiles import dump

    args = naming.read(KubeconfigOptions, argv, "get kubeconfig", "Prints cluster kubeconfig")
    home = Home.kind()
    cluster = naming.load(home, args.cluster)
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
