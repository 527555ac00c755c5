"""kubectl set: changes particular fields of objects; one module per subcommand."""

from __future__ import annotations

from kajitori.kubectl.command import Command

COMMAND = Command(
    name="set",
    short="Set specific features on objects",
    long="""Configure application resources.

 These commands help you make changes to existing application resources.""",
    usage="set SUBCOMMAND [options]",
    subcommands={
        "env": "Update environment variables on a pod template",
        "image": "Update the image of a pod template",
        "resources": "Update resource requests/limits on objects with pod templates",
        "selector": "Set the selector on a resource",
        "serviceaccount": "Update the service account of a resource",
        "subject": "Update the user, group, or service account in a role binding or cluster role binding",
    },
    package="kajitori.kubectl.verbs.set",
)
