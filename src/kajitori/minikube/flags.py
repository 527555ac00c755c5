"""The flags that every verb of `minikube` takes, and how a verb reads its own.

May import: aiokit.pflag, cluster.failures, minikube.verbs (their names).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from kajitori.aiokit import pflag
from kajitori.aiokit.pflag import Options, Parser, flag
from kajitori.cluster.failures import USAGE, ClusterFailure
from kajitori.minikube.verbs import VERBS


@dataclass(frozen=True, kw_only=True)
class GlobalOptions(Options):
    """Logging and audit flags are accepted; they change nothing."""

    profile: str = flag("", "The name of the minikube cluster", short="p")
    alsologtostderr: bool = flag(False, "", hidden=True)
    logtostderr: bool = flag(False, "", hidden=True)
    skip_audit: bool = flag(False, "", hidden=True)
    rootless: bool = flag(False, "", hidden=True)
    v: int = flag(0, "", short="v", hidden=True)
    verbosity: int = flag(0, "", hidden=True)
    user: str = flag("", "", hidden=True)


T = TypeVar("T", bound=GlobalOptions)


def read(options: type[T], argv: Sequence[str], verb: str, *, usage: str = "[flags]", max_args: int | None = 0) -> T:
    """A verb's command line (None: any number of arguments). Raises ClusterFailure, HelpRequested."""
    program = f"minikube {verb}"
    try:
        return pflag.parse(options, argv, program=program, about=VERBS[verb], usage=usage, max_args=max_args)
    except pflag.UsageError as error:
        raise usage_failure(verb, str(error)) from None


def usage_failure(verb: str, message: str) -> ClusterFailure:
    """A command line that makes no sense, with the way to its help."""
    return ClusterFailure(USAGE, message, f'See "minikube {verb} --help"')


def action_of(options: GlobalOptions, verb: str, known: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The word after the verb, one of `known`, and the words after it. Raises ClusterFailure."""
    action = options.args[0] if options.args else ""
    if action not in known:
        why = f'unknown command "{action}" for "minikube {verb}"' if action else f'"minikube {verb}" needs a subcommand'
        raise ClusterFailure(USAGE, why, f"Known: {', '.join(known)}")
    return action, options.args[1:]


def split_verb(args: Sequence[str]) -> tuple[str, list[str]]:
    """The verb and everything else; global flags may stand before it. Raises ClusterFailure."""
    front = Parser(GlobalOptions)
    try:
        after = front.parse(args, stop_at_first_arg=True)
    except pflag.UsageError as error:
        raise ClusterFailure(USAGE, str(error), 'See "minikube --help"') from None
    if not front.args:
        return "", list(args)
    return front.args[0], [*args[: len(args) - len(after) - 1], *after]
