"""kubectl auth: who one is and what one may; one module per subcommand."""

from __future__ import annotations

from kajitori.kubectl.command import Command

COMMAND = Command(
    name="auth",
    short="Inspect authorization",
    long="Inspect authorization.",
    usage="auth [flags] [options]",
    subcommands={
        "can-i": "Check whether an action is allowed",
        "reconcile": "Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects",
        "whoami": "Experimental: Check self subject attributes",
    },
    package="kajitori.kubectl.verbs.auth",
)
