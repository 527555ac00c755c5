"""kubectl plugin: what executables on the PATH add to kubectl."""

from __future__ import annotations

from kajitori.kubectl.command import Command

COMMAND = Command(
    name="plugin",
    short="Provides utilities for interacting with plugins",
    long="""Provides utilities for interacting with plugins.

 Plugins are executables on the PATH whose names begin with "kubectl-"; they are commands that kubectl lacks.""",
    usage="plugin [flags] [options]",
    subcommands={"list": "List all visible plugin executables on a user's PATH"},
    package="kajitori.kubectl.verbs.plugin",
)
