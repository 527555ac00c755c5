"""`kind load image-archive FILE…`."""

from collections.abc import Sequence
from pathlib import Path

from kajitori.aiokit.pflag import UsageError
from kajitori.cluster import images, preflight
from kajitori.cluster.paths import Home
from kajitori.kind import naming


def run(argv: Sequence[str]) -> int:
    args = naming.read(
        naming.NamedOptions, argv, "load image-archive", "Loads image archives into nodes", max_args=None
    )
    if not args.args:
        raise UsageError("a list of image archives is required")
    preflight.require_root()
    home = Home.kind()
    cluster = naming.load(home, args.cluster)
    for archive in args.args:
        images.load(home, cluster, Path(archive))
    return 0
