"""`minikube kubectl -- …`: our kubectl on this profile's cluster. Replaces this process."""

import os
from collections.abc import Sequence

from kajitori.cluster import program
from kajitori.minikube.context import Context, Parser


def run(argv: Sequence[str]) -> int:
    words = list(argv)
    at = words.index("--") if "--" in words else 0
    own = words[:at]
    rest = words[at + 1 :] if "--" in words else words
    parser = Parser("kubectl", "Run a kubectl binary matching the cluster version")
    args, unknown = parser.parse_known_args(own)
    context = Context.of(args.profile)
    python = program.interpreter()
    os.execv(python, [python, "-m", "kajitori", "kubectl", f"--cluster={context.name}", *unknown, *rest])
