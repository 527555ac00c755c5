"""`minikube addons list|enable|disable`."""

import asyncio
from collections.abc import Sequence

import orjson

from kajitori.cluster import access, addons_state, manifests, preflight, profile, status
from kajitori.cluster.failures import NODE_NOT_RUNNING, USAGE, ClusterFailure
from kajitori.cluster.profile import Profile
from kajitori.minikube import output
from kajitori.minikube.context import Context, Parser

HEADERS = ("ADDON NAME", "PROFILE", "STATUS", "MAINTAINER")


def run(argv: Sequence[str]) -> int:
    parser = Parser("addons", "Enable or disable a minikube addon")
    parser.add_argument("action", choices=["list", "enable", "disable"])
    parser.add_argument("name", nargs="?", default="")
    parser.add_argument("-o", "--output", default="list")
    args = parser.parse_args(argv)
    context = Context.of(args.profile)
    cluster = context.profile()
    if args.action == "list":
        return show(cluster, args.output)
    if not args.name:
        raise ClusterFailure(USAGE, f"usage: minikube addons {args.action} ADDON_NAME", "")
    on = args.action == "enable"
    changed = addons_state.switched(cluster, args.name, on)
    if not status.is_up(context.home, cluster):
        raise ClusterFailure(
            NODE_NOT_RUNNING, "The cluster is not running", f'Start it with: "minikube start{context.hint}"'
        )
    if args.name in addons_state.FILES:
        maintainer = addons_state.MAINTAINERS[args.name]
        if on:
            output.step(
                "tip",
                f"{args.name} is an addon maintained by {maintainer}. For any concerns contact minikube on GitHub.",
            )
        asyncio.run(switch(context, cluster, addons_state.FILES[args.name], on))
    preflight.require_root()
    profile.save(context.home, changed)
    if on:
        output.step("addon", f"The '{args.name}' addon is enabled")
    else:
        output.step("off", f"\"The '{args.name}' addon is disabled")
    return 0


async def switch(context: Context, cluster: Profile, file: str, on: bool) -> None:
    from kajitori.client.raw import RawClient

    client = RawClient(access.rest_config(context.home, cluster))
    objects = manifests.render(file, addons_state.values(context.home, cluster))
    try:
        await (manifests.ensure(client, objects) if on else manifests.remove(client, reversed(objects)))
    finally:
        await client.close()


def show(cluster: Profile, form: str) -> int:
    states = {name: addons_state.is_on(cluster, name) for name in sorted(addons_state.MAINTAINERS)}
    if form == "json":
        facts = {
            name: {"Profile": cluster.name, "Status": "enabled" if on else "disabled"} for name, on in states.items()
        }
        print(orjson.dumps(facts).decode())
        return 0
    rows = [
        (name, cluster.name, "enabled ✅" if on else "disabled", addons_state.MAINTAINERS[name])
        for name, on in states.items()
    ]
    print(output.table(HEADERS, rows))
    return 0
