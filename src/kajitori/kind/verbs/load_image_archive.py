"""`kind load image-archive FILE…`."""

from collections.abc import Sequence
from pathlib import Path

from kajitori.cluster import images, preflight
from kajitori.cluster.paths import Home
from kajitori.kind import naming


def run(argv: Sequence[str]) -> int:
    parser = naming.parser("load image-archive", "Loads image archives into nodes")
    naming.add_name(parser)
    parser.add_argument("archives", nargs="+")
    args = parser.parse_args(argv)
    preflight.require_root()
    home = Home.kind()
    cluster = naming.load(home, args.name)
    for archive in args.archives:
        images.load(home, cluster, Path(archive))
    return 0
