"""`minikube addons list|enable|disable`."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from kajitori.aiokit.pflag import flag
from kajitori.cluster import access, addons_state, manifests, preflight, profile, status
from kajitori.cluster.failures import NODE_NOT_RUNNING, USAGE, ClusterFailure
from kajitori.cluster.profile import Profile
from kajitori.minikube import output
from kajitori.minikube.context import Context
from kajitori.minikube.flags import GlobalOptions, action_of, read

HEADERS = ("ADDON NAME", "PROFILE", "STATUS", "MAINTAINER")


@dataclass(frozen=True, kw_only=True)
class AddonsOptions(GlobalOptions):
    output: str = flag("list", "list or json", short="o")


def run(argv: Sequence[str]) -> int:
    args = read(AddonsOptions, argv, "addons", usage="list|enable|disable [ADDON_NAME] [flags]", max_args=2)
    action, names = action_of(args, "addons", ("list", "enable", "disable"))
    context = Context.of(args.profile)
    cluster = context.profile()
    if action == "list":
        return show(cluster, args.output)
    if not names:
        raise ClusterFailure(USAGE, f"usage: minikube addons {action} ADDON_NAME", "")
    name = names[0]
    on = action == "enable"
    changed = addons_state.switched(cluster, name, on=on)
    if not status.is_up(context.home, cluster):
        raise ClusterFailure(
            NODE_NOT_RUNNING, "The cluster is not running", f'Start it with: "minikube start{context.hint}"'
        )
    if name in addons_state.FILES:
        maintainer = addons_state.MAINTAINERS[name]
        if on:
            output.step(
                "tip",
                f"{name} is an addon maintained by {maintainer}. For any concerns contact minikube on GitHub.",
            )
        asyncio.run(switch(context, cluster, addons_state.FILES[name], on=on))
    preflight.require_root()
    profile.save(context.home, changed)
    if on:
        output.step("addon", f"The '{name}' addon is enabled")
    else:
        output.step("off", f"\"The '{name}' addon is disabled")
    return 0


async def switch(context: Context, cluster: Profile, file: str, *, on: bool) -> None:
    """Makes the addon's objects, or removes them in the opposite order."""
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
