"""kubectl create service: one subcommand per type of Service."""

from __future__ import annotations

from kajitori.kubectl.command import Command

COMMAND = Command(
    name="create service",
    short="Create a service using a specified subcommand",
    long="Create a service using a specified subcommand.",
    usage="create service [flags] [options]",
    aliases=("svc",),
    subcommands={
        "clusterip": "Create a ClusterIP service",
        "externalname": "Create an ExternalName service",
        "loadbalancer": "Create a LoadBalancer service",
        "nodeport": "Create a NodePort service",
    },
    package="kajitori.kubectl.verbs.create.service",
)
