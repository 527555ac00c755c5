"""kubectl top: what nodes and pods use; one module per subcommand."""

from __future__ import annotations

from kajitori.kubectl.command import Command

COMMAND = Command(
    name="top",
    short="Display resource (CPU/memory) usage",
    long="""Display resource (CPU/memory) usage.

 This command provides a view of recent resource consumption for nodes and pods. It needs a Metrics Server.
Resource metrics are for monitoring purposes and may not match the allocated or requested resources.""",
    usage="top [flags] [options]",
    subcommands={
        "node": "Display resource (CPU/memory) usage of nodes",
        "pod": "Display resource (CPU/memory) usage of pods",
    },
    package="kajitori.kubectl.verbs.top",
)
