"""kubectl rollout: how workloads change; one module per subcommand."""

from __future__ import annotations

from kajitori.kubectl.command import Command

COMMAND = Command(
    name="rollout",
    short="Manage the rollout of a resource",
    long="""Manage the rollout of one or many resources.

 Valid resource types include:

  *  deployments
  *  daemonsets
  *  statefulsets""",
    examples="""# Back to the previous deployment
kubectl rollout undo deployment/abc

# How far a daemonset is
kubectl rollout status daemonset/foo

# All pods of a deployment anew
kubectl rollout restart deployment/abc

# All deployments with a label
kubectl rollout restart deployment --selector=app=nginx""",
    usage="rollout SUBCOMMAND [options]",
    bare=("out", 1),
    subcommands={
        "history": "View rollout history",
        "pause": "Mark the provided resource as paused",
        "restart": "Restart a resource",
        "resume": "Resume a paused resource",
        "status": "Show the status of the rollout",
        "undo": "Undo a previous rollout",
    },
    package="kajitori.kubectl.verbs.rollout",
)
