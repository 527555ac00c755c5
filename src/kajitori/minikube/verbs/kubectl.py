"""`minikube kubectl -- …`: our kubectl on this profile's cluster. Replaces this process."""

import os
from collections.abc import Sequence

from kajitori.aiokit.pflag import FlagError, Parser
from kajitori.cluster import program
from kajitori.minikube.context import Context
from kajitori.minikube.flags import GlobalOptions


def run(argv: Sequence[str]) -> int:
    profile, words = split(argv)
    context = Context.of(profile)
    python = program.interpreter()
    os.execv(python, [python, "-m", "kajitori", "kubectl", f"--cluster={context.name}", *words])


def split(argv: Sequence[str]) -> tuple[str, list[str]]:
    """The profile, and what is kubectl's: all from the first word on that is no flag of ours, or all after `--`."""
    front = Parser(GlobalOptions)
    try:
        after = front.parse(argv, stop_at_first_arg=True)
    except FlagError:  # a flag of kubectl's: what is before it is ours
        profile, used = _ours(argv)
        own = list(argv[used:])
        at = own.index("--") if "--" in own else -1
        return profile, [*own[: max(at, 0)], *own[at + 1 :]]
    return front.values.get("profile", ""), [*front.args, *(front.after_dash or ()), *after]


def _ours(argv: Sequence[str]) -> tuple[str, int]:
    """The profile that the first words name, and how many of them are flags of ours."""
    for count in range(len(argv), 0, -1):
        front = Parser(GlobalOptions)
        try:
            after = front.parse(argv[:count], stop_at_first_arg=True)
        except FlagError:
            continue
        if not (after or front.args or front.after_dash is not None):
            return front.values.get("profile", ""), count
    return "", 0
