"""`minikube logs`: the last lines of everything a node logs, the control plane first."""

import sys
from collections.abc import Sequence
from pathlib import Path

from kajitori.cluster import logs
from kajitori.minikube.context import Context, Parser, flag

PROBLEM_WORDS = ("error", "fail", "panic", "fatal", "traceback", "refused", "denied")


def run(argv: Sequence[str]) -> int:
    parser = Parser("logs", "Returns logs to debug a local Kubernetes cluster")
    parser.add_argument("-n", "--length", type=int, default=60, help="Number of lines back to go within the log")
    parser.add_argument("--node", default="", help="The node to get logs from")
    parser.add_argument("--file", default="", help="Write to this file instead of stdout")
    flag(parser, "--problems", about="Show only log entries which point to known problems")
    args = parser.parse_args(argv)
    context = Context.of(args.profile)
    cluster = context.profile()
    out = []
    for node in cluster.nodes:
        if args.node in ("", node.name):
            for title, lines in logs.sections(context.home, node.name, args.length):
                kept = [line for line in lines if is_shown(line, problems_only=args.problems)]
                out += ["", f"==> {title} <==", *kept]
    text = "\n".join(out) + "\n"
    if args.file:
        Path(args.file).write_text(text)
    else:
        sys.stdout.write(text)
    return 0


def is_shown(line: str, *, problems_only: bool) -> bool:
    return not problems_only or any(word in line.lower() for word in PROBLEM_WORDS)
