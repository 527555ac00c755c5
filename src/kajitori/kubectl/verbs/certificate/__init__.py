"""kubectl certificate: approves and denies signing requests; one module per subcommand."""

from __future__ import annotations

from kajitori.kubectl.command import Command

COMMAND = Command(
    name="certificate",
    short="Modify certificate resources",
    long="Modify certificate resources.",
    usage="certificate SUBCOMMAND [options]",
    bare=("out", 0),
    subcommands={
        "approve": "Approve a certificate signing request",
        "deny": "Deny a certificate signing request",
    },
    package="kajitori.kubectl.verbs.certificate",
)
