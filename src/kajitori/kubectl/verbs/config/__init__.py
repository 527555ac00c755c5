"""kubectl config: reads and changes kubeconfig files; one module per subcommand."""

from __future__ import annotations

from kajitori.kubectl.command import Command

COMMAND = Command(
    name="config",
    short="Modify kubeconfig files",
    long="""Modify kubeconfig files using subcommands like "kubectl config set current-context my-context".

 Which files are read:

  1.  With --kubeconfig, that file alone.
  2.  With $KUBECONFIG, the paths in it, merged. A value is changed in the file that defines it, a new one goes to the
first file that exists.
  3.  Otherwise ${HOME}/.kube/config.""",
    usage="config SUBCOMMAND [options]",
    subcommands={
        "current-context": "Display the current-context",
        "delete-cluster": "Delete the specified cluster from the kubeconfig",
        "delete-context": "Delete the specified context from the kubeconfig",
        "delete-user": "Delete the specified user from the kubeconfig",
        "get-clusters": "Display clusters defined in the kubeconfig",
        "get-contexts": "Describe one or many contexts",
        "get-users": "Display users defined in the kubeconfig",
        "rename-context": "Rename a context from the kubeconfig file",
        "set": "Set an individual value in a kubeconfig file",
        "set-cluster": "Set a cluster entry in kubeconfig",
        "set-context": "Set a context entry in kubeconfig",
        "set-credentials": "Set a user entry in kubeconfig",
        "unset": "Unset an individual value in a kubeconfig file",
        "use-context": "Set the current-context in a kubeconfig file",
        "view": "Display merged kubeconfig settings or a specified kubeconfig file",
    },
    package="kajitori.kubectl.verbs.config",
)
