"""What a verb is: its names, its help, its options, and the function that runs it.

A verb's module defines ``COMMAND = Command(...)``; a verb with subcommands lists their modules in `subcommands` and
has no `run`. Modules are imported only when asked for: kubectl starts in a blink.
May import: kubectl.flags, kubectl.globals.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.flags import Options

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

Run = Callable[[Any, "Context"], Awaitable[int | None]]


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command. `usage` is the line after ``kubectl``; `run` gets the parsed options and returns an exit code."""

    name: str
    short: str
    usage: str
    long: str = ""
    examples: str = ""
    options: type[Options] = Options
    run: Run | None = None
    subcommands: Mapping[str, str] = field(default_factory=dict)  # name → "short help"
    package: str = ""  # where subcommands live, e.g. kajitori.kubectl.verbs.rollout
    aliases: tuple[str, ...] = ()
    required: tuple[str, ...] = ()  # flags that must be given
    bare: tuple[str, int] = ("err", 1)  # without a subcommand: where its help goes, and the exit code
    interrupted: int | None = None  # the exit code after Ctrl-C; None: the signal ends the process by itself

    def subcommand(self, word: str) -> Command | None:
        """The subcommand of that name or alias; imports its module."""
        if word in self.subcommands:
            return load(f"{self.package}.{word.replace('-', '_')}")
        modules = [f"{self.package}.{name.replace('-', '_')}" for name in self.subcommands]
        known = (load(module) for module in modules if importlib.util.find_spec(module) is not None)
        return next((found for found in known if word in found.aliases), None)


def load(module: str) -> Command:
    """The ``COMMAND`` of a module."""
    command = importlib.import_module(module).COMMAND
    assert isinstance(command, Command)
    return command


GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Basic Commands (Beginner):",
        (
            ("create", "Create a resource from a file or from stdin"),
            (
                "expose",
                "Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service",
            ),
            ("run", "Run a particular image on the cluster"),
            ("set", "Set specific features on objects"),
        ),
    ),
    (
        "Basic Commands (Intermediate):",
        (
            ("explain", "Get documentation for a resource"),
            ("get", "Display one or many resources"),
            ("edit", "Edit a resource on the server"),
            (
                "delete",
                "Delete resources by file names, stdin, resources and names, or by resources and label selector",
            ),
        ),
    ),
    (
        "Deploy Commands:",
        (
            ("rollout", "Manage the rollout of a resource"),
            ("scale", "Set a new size for a deployment, replica set, or replication controller"),
            ("autoscale", "Auto-scale a deployment, replica set, stateful set, or replication controller"),
        ),
    ),
    (
        "Cluster Management Commands:",
        (
            ("certificate", "Modify certificate resources"),
            ("cluster-info", "Display cluster information"),
            ("top", "Display resource (CPU/memory) usage"),
            ("cordon", "Mark node as unschedulable"),
            ("uncordon", "Mark node as schedulable"),
            ("drain", "Drain node in preparation for maintenance"),
            ("taint", "Update the taints on one or more nodes"),
        ),
    ),
    (
        "Troubleshooting and Debugging Commands:",
        (
            ("describe", "Show details of a specific resource or group of resources"),
            ("logs", "Print the logs for a container in a pod"),
            ("attach", "Attach to a running container"),
            ("exec", "Execute a command in a container"),
            ("port-forward", "Forward one or more local ports to a pod"),
            ("proxy", "Run a proxy to the Kubernetes API server"),
            ("cp", "Copy files and directories to and from containers"),
            ("auth", "Inspect authorization"),
            ("debug", "Create debugging sessions for troubleshooting workloads and nodes"),
            ("events", "List events"),
        ),
    ),
    (
        "Advanced Commands:",
        (
            ("diff", "Diff the live version against a would-be applied version"),
            ("apply", "Apply a configuration to a resource by file name or stdin"),
            ("patch", "Update fields of a resource"),
            ("replace", "Replace a resource by file name or stdin"),
            ("wait", "Experimental: Wait for a specific condition on one or many resources"),
            ("kustomize", "Build a kustomization target from a directory or URL"),
        ),
    ),
    (
        "Settings Commands:",
        (
            ("label", "Update the labels on a resource"),
            ("annotate", "Update the annotations on a resource"),
            ("completion", "Output shell completion code for the specified shell (bash, zsh, fish, or powershell)"),
        ),
    ),
    (
        "Other Commands:",
        (
            ("api-resources", "Print the supported API resources on the server"),
            ("api-versions", 'Print the supported API versions on the server, in the form of "group/version"'),
            ("config", "Modify kubeconfig files"),
            ("plugin", "Provides utilities for interacting with plugins"),
            ("version", "Print the client and server version information"),
        ),
    ),
)
"""Every verb that upstream has, in its groups; a verb whose module is missing is left out of the help and unknown."""


def has_module(verb: str) -> bool:
    return importlib.util.find_spec(module_of(verb)) is not None


def module_of(verb: str) -> str:
    """``port-forward`` → ``kajitori.kubectl.verbs.port_forward``."""
    return f"kajitori.kubectl.verbs.{verb.replace('-', '_')}"


def root_commands() -> dict[str, str]:
    """Every verb that this kubectl has, with its short help."""
    return {name: text for _, rows in GROUPS for name, text in rows if has_module(name)}


def verbs() -> list[str]:
    """In the order of the help's groups."""
    return [name for _, rows in GROUPS for name, _ in rows]
