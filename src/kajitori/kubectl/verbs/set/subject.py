"""kubectl set subject: more subjects for role bindings. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.generate.access import subjects
from kajitori.kubectl.podspecs import SetOptions, change, chosen

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class SetSubjectOptions(SetOptions):
    group: tuple[str, ...] = flag((), "Groups to bind to the role")
    serviceaccount: tuple[str, ...] = flag((), "Service accounts to bind to the role")
    user: tuple[str, ...] = flag((), "Usernames to bind to the role")


async def run(opts: SetSubjectOptions, ctx: Context) -> None:
    wanted = subjects(opts.user, opts.group, opts.serviceaccount)
    if not wanted:
        raise UsageError("error: you must specify at least one value of user, group or serviceaccount")

    def put(obj: dict[str, Any]) -> None:
        present = obj.get("subjects") or []
        obj["subjects"] = present + [one for one in wanted if one not in present]

    found = await chosen(opts, ctx, opts.args)
    await change(opts, ctx, found, put, "subjects updated", always=True)


COMMAND = Command(
    name="set subject",
    short="Update the user, group, or service account in a role binding or cluster role binding",
    long="Update the user, group, or service account in a role binding or cluster role binding.",
    examples="# A service account for a cluster role binding\n"
    "kubectl set subject clusterrolebinding admin --serviceaccount=namespace:serviceaccount1",
    usage="set subject (-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] "
    "[--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none] [options]",
    options=SetSubjectOptions,
    run=run,
)
