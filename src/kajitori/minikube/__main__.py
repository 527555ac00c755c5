"""`minikube`: finds the verb, runs it, turns failures into messages and exit codes. Verbs are loaded when asked for."""

import importlib
import signal
import sys
from collections.abc import Sequence
from types import ModuleType

from kajitori.cluster.failures import INTERNAL, ClusterFailure
from kajitori.minikube import output

VERBS = {
    "start": "Starts a local Kubernetes cluster",
    "status": "Gets the status of a local Kubernetes cluster",
    "stop": "Stops a running local Kubernetes cluster",
    "delete": "Deletes a local Kubernetes cluster",
    "addons": "Enable or disable a minikube addon",
    "config": "Modify persistent configuration values",
    "image": "Manage images",
    "ip": "Retrieves the IP address of the specified node",
    "kubectl": "Run a kubectl binary matching the cluster version",
    "logs": "Returns logs to debug a local Kubernetes cluster",
    "node": "Add, remove, or list additional nodes",
    "profile": "Get or list the current profiles (clusters)",
    "service": "Returns a URL to connect to a service",
    "ssh": "Log into the minikube environment (for debugging)",
    "update-context": "Update kubeconfig in case of an IP or port change",
    "version": "Print the version of minikube",
}
GLOBAL_WITH_VALUE = ("-p", "--profile", "-v", "--v", "--user")


def usage() -> str:
    width = max(map(len, VERBS))
    rows = "\n".join(f"  {name:<{width}}   {text}" for name, text in VERBS.items())
    title = "minikube provisions and manages local Kubernetes clusters."
    return f"{title}\n\nCommands:\n{rows}\n\nUsage:\n  minikube [flags] [options]\n"


def split_verb(args: Sequence[str]) -> tuple[str, list[str]]:
    """The verb and everything else; global flags may stand before it."""
    index = 0
    while index < len(args) and args[index].startswith("-"):
        index += 2 if args[index] in GLOBAL_WITH_VALUE else 1
    if index >= len(args):
        return "", list(args)
    return args[index], [*args[:index], *args[index + 1 :]]


def load(verb: str) -> ModuleType:
    """The verb's module. Ctrl-C waits for it: an extension module that is interrupted as it loads may crash."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return importlib.import_module(f"kajitori.minikube.verbs.{verb.replace('-', '_')}")
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    args = list(sys.argv[1:] if argv is None else argv)
    verb, rest = split_verb(args)
    if verb in ("", "help") or (not verb and {"-h", "--help"} & set(args)):
        print(usage(), end="")
        return 0
    if verb not in VERBS:
        print(f'Error: unknown command "{verb}" for "minikube"\nRun \'minikube --help\' for usage.', file=sys.stderr)
        return 1
    try:
        return int(load(verb).run(rest))
    except ClusterFailure as failure:
        output.fail(failure.reason.id, str(failure), failure.advice)
        return failure.reason.exit_code
    except KeyboardInterrupt:
        print(file=sys.stderr)
        output.warn(f'"minikube {verb}" was interrupted. Run it again, or "minikube delete" to remove what is there.')
        return 130
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
