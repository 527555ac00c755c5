"""`minikube image load|ls|pull|rm`: the images on a cluster's nodes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from kajitori.aiokit.pflag import flag
from kajitori.cluster import images, preflight
from kajitori.minikube.context import Context
from kajitori.minikube.flags import GlobalOptions, action_of, read, usage_failure


@dataclass(frozen=True, kw_only=True)
class ImageOptions(GlobalOptions):
    format: str = flag("short", "How to list: short or json")
    daemon: bool = flag(False, "", hidden=True)
    overwrite: bool = flag(True, "", hidden=True)


def run(argv: Sequence[str]) -> int:
    args = read(ImageOptions, argv, "image", usage="load|ls|pull|rm [IMAGE ...] [flags]", max_args=None)
    action, names = action_of(args, "image", ("load", "ls", "list", "pull", "rm", "remove", "unload"))
    preflight.require_root()
    context = Context.of(args.profile)
    cluster = context.profile()
    if action in ("ls", "list"):
        known = images.list_names(context.home, cluster)
        if args.format == "json":
            print(orjson.dumps([{"repoTags": [name]} for name in known]).decode())
        else:
            print("".join(f"{name}\n" for name in known), end="")
        return 0
    if not names:
        raise usage_failure("image", "Please provide an image or an image archive")
    for name in names:
        if action == "load":
            images.load(context.home, cluster, Path(name))
        elif action == "pull":
            images.pull(context.home, cluster, name)
        else:
            images.remove(context.home, cluster, name)
    return 0
