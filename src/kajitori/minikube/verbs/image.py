"""`minikube image load|ls|pull|rm`: the images on a cluster's nodes."""

from collections.abc import Sequence
from pathlib import Path

import orjson

from kajitori.cluster import images, preflight
from kajitori.minikube.context import Context, Parser


def run(argv: Sequence[str]) -> int:
    parser = Parser("image", "Manage images")
    parser.add_argument("action", choices=["load", "ls", "list", "pull", "rm", "remove", "unload"])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--format", default="short")
    parser.add_argument("--daemon", action="store_true")
    parser.add_argument("--overwrite", nargs="?", const="true", default="true")
    args = parser.parse_args(argv)
    preflight.require_root()
    context = Context.of(args.profile)
    cluster = context.profile()
    if args.action in ("ls", "list"):
        names = images.list_names(context.home, cluster)
        if args.format == "json":
            print(orjson.dumps([{"repoTags": [name]} for name in names]).decode())
        else:
            print("".join(f"{name}\n" for name in names), end="")
        return 0
    if not args.names:
        parser.error("Please provide an image or an image archive")
    for name in args.names:
        if args.action == "load":
            images.load(context.home, cluster, Path(name))
        elif args.action == "pull":
            images.pull(context.home, cluster, name)
        else:
            images.remove(context.home, cluster, name)
    return 0
