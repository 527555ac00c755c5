"""kubectl create secret: generic, docker-registry and tls."""

from __future__ import annotations

from kajitori.kubectl.command import Command

COMMAND = Command(
    name="create secret",
    short="Create a secret using a specified subcommand",
    long="""Create a secret with specified type.

 A docker-registry type secret is for accessing a container registry, a generic type secret holds keys and values of
any kind, a tls type secret holds a certificate and its key.""",
    usage="create secret (docker-registry | generic | tls) [options]",
    subcommands={
        "docker-registry": "Create a secret for use with a Docker registry",
        "generic": "Create a secret from a local file, directory, or literal value",
        "tls": "Create a TLS secret",
    },
    package="kajitori.kubectl.verbs.create.secret",
)
