"""`kind delete clusters NAME… | --all`."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from kajitori.aiokit.pflag import flag
from kajitori.cluster import destroy, preflight, profile
from kajitori.cluster.paths import Home
from kajitori.kind import naming


@dataclass(frozen=True, kw_only=True)
class DeleteOptions(naming.GlobalOptions):
    all: bool = flag(False, "delete all clusters", short="A")


def run(argv: Sequence[str]) -> int:
    args = naming.read(DeleteOptions, argv, "delete clusters", "Deletes clusters", max_args=None)
    preflight.require_root()
    home = Home.kind()
    known = profile.names(home)
    chosen = known if args.all else [name for name in args.args if name in known]
    for name in chosen:
        destroy.delete(home, name)
    print(f"Deleted clusters: {chosen}".replace("'", '"'), file=sys.stderr)
    return 0
