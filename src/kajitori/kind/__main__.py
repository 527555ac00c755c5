"""`kind`: finds the verb (the modules mirror the commands), runs it, prints a failure once.

Progress goes to stderr, data to stdout, as kind does it.
"""

import importlib
import sys
from collections.abc import Sequence

from kajitori.aiokit.pflag import HelpRequested, UsageError
from kajitori.cluster.failures import ClusterFailure

COMMANDS = {
    ("create", "cluster"): "create_cluster",
    ("delete", "cluster"): "delete_cluster",
    ("delete", "clusters"): "delete_clusters",
    ("get", "clusters"): "get_clusters",
    ("get", "nodes"): "get_nodes",
    ("get", "kubeconfig"): "get_kubeconfig",
    ("load", "image-archive"): "load_image_archive",
    ("version",): "version",
}


def usage() -> str:
    rows = "\n".join(f"  kind {' '.join(words)}" for words in COMMANDS)
    return f"kind creates and manages local Kubernetes clusters\n\nCommands:\n{rows}\n"


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code: 0, 1 for any failure, 130 when interrupted. `argv` is without the program's name."""
    args = list(sys.argv[1:] if argv is None else argv)
    if not args or args[0] in ("-h", "--help", "help"):
        print(usage(), end="")
        return 0
    words = tuple(args[:1]) if tuple(args[:1]) in COMMANDS else tuple(args[:2])
    if words not in COMMANDS:
        print(f'ERROR: unknown command "{" ".join(words)}" for "kind"', file=sys.stderr)
        return 1
    module = importlib.import_module(f"kajitori.kind.verbs.{COMMANDS[words]}")
    try:
        return int(module.run(args[len(words) :]))
    except HelpRequested as help_:
        print(help_, end="")
        return 0
    except UsageError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    except ClusterFailure as failure:
        return failed(failure)
    except KeyboardInterrupt:
        print("\nERROR: interrupted; `kind delete cluster` removes what is there", file=sys.stderr)
        return 130
    except BaseExceptionGroup as group:
        return failed(first_failure(group))


def first_failure(group: BaseExceptionGroup[BaseException]) -> ClusterFailure:
    """Of tasks that failed together, the failure a person can act on; a group without one is a bug and goes on up."""
    found: BaseException | None = group.subgroup(ClusterFailure)
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    if not isinstance(found, ClusterFailure):
        raise group
    return found


def failed(failure: ClusterFailure) -> int:
    """Prints the failure and its advice on stderr; the exit code."""
    print(f"ERROR: {failure}", file=sys.stderr)
    if failure.advice:
        print(failure.advice, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
