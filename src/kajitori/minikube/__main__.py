"""`minikube`: finds the verb, runs it, turns failures into messages and exit codes. Verbs are loaded when asked for."""

import importlib
import signal
import sys
from collections.abc import Sequence
from types import ModuleType

from kajitori.aiokit.pflag import HelpRequested
from kajitori.cluster.failures import INTERNAL, ClusterFailure
from kajitori.minikube import output
from kajitori.minikube.context import ProfileMissing
from kajitori.minikube.flags import split_verb
from kajitori.minikube.verbs import VERBS


def usage() -> str:
    width = max(map(len, VERBS))
    rows = "\n".join(f"  {name:<{width}}   {text}" for name, text in VERBS.items())
    title = "minikube provisions and manages local Kubernetes clusters."
    return f"{title}\n\nCommands:\n{rows}\n\nUsage:\n  minikube [flags] [options]\n"


def load(verb: str) -> ModuleType:
    """The verb's module. Ctrl-C waits for it: an extension module that is interrupted as it loads may crash."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return importlib.import_module(f"kajitori.minikube.verbs.{verb.replace('-', '_')}")
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. As a program of its own (no `argv`) it ends by that, whatever comes."""
    args = list(sys.argv[1:] if argv is None else argv)
    try:
        code = dispatch(args)
        settle(argv is None)
        return code
    except KeyboardInterrupt:
        settle(argv is None)
        print(file=sys.stderr)
        verb = next((arg for arg in args if arg in VERBS), "")
        output.warn(f'"minikube {verb}" was interrupted. Run it again, or "minikube delete" to remove what is there.')
        return 130


def settle(is_program: bool) -> None:
    """The outcome is decided: Ctrl-C while the interpreter winds up would only hide it behind the signal."""
    if is_program:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def dispatch(args: Sequence[str]) -> int:
    """The verb's exit code, or that of the failure it met."""
    try:
        verb, rest = split_verb(args)
        if verb in ("", "help"):
            print(usage(), end="")
            return 0
        if verb not in VERBS:
            print(
                f'Error: unknown command "{verb}" for "minikube"\nRun \'minikube --help\' for usage.', file=sys.stderr
            )
            return 1
        return int(load(verb).run(rest))
    except HelpRequested as help_:
        print(help_, end="")
        return 0
    except ProfileMissing as failure:  # no error of anybody's: minikube tells it in two plain lines
        output.error_step("shrug", str(failure))
        output.error_step("thumbs-up", failure.advice)
        return failure.reason.exit_code
    except ClusterFailure as failure:
        output.fail(failure.reason.id, str(failure), failure.advice)
        return failure.reason.exit_code
    except BaseExceptionGroup as group:
        return grouped(group)


def grouped(group: BaseExceptionGroup[BaseException]) -> int:
    """Tasks that fail together: the failure a person can act on speaks for all of them."""
    failures = group.subgroup(ClusterFailure)
    if failures is None:
        raise group
    first: BaseException = failures
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    assert isinstance(first, ClusterFailure)
    output.fail((first.reason or INTERNAL).id, str(first), first.advice)
    return first.reason.exit_code


if __name__ == "__main__":
    sys.exit(main())
