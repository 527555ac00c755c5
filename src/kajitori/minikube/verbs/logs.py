"""`minikube logs`: the last lines of everything a node logs, the control plane first."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kajitori.aiokit.pflag import flag
from kajitori.cluster import logs
from kajitori.minikube.context import Context
from kajitori.minikube.flags import GlobalOptions, read

PROBLEM_WORDS = ("error", "fail", "panic", "fatal", "traceback", "refused", "denied")


@dataclass(frozen=True, kw_only=True)
class LogsOptions(GlobalOptions):
    length: int = flag(60, "Number of lines back to go within the log", short="n")
    node: str = flag("", "The node to get logs from")
    file: str = flag("", "Write to this file instead of stdout")
    problems: bool = flag(False, "Show only log entries which point to known problems")


def run(argv: Sequence[str]) -> int:
    args = read(LogsOptions, argv, "logs")
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
