"""Help texts: usage lines, flags, shorthands and defaults are upstream's; the words around them are ours."""

from __future__ import annotations

import re

import pytest

from .conftest import Pair

pytestmark = pytest.mark.integration

COMMANDS = [
    "get",
    "create",
    "delete",
    "expose",
    "run",
    "scale",
    "label",
    "annotate",
    "patch",
    "replace",
    "apply",
    "edit",
    "diff",
    "wait",
    "autoscale",
    "explain",
    "version",
    "api-resources",
    "api-versions",
    "cluster-info",
    "cluster-info_dump",
    "completion",
    "kustomize",
    "create_clusterrole",
    "create_clusterrolebinding",
    "create_configmap",
    "create_cronjob",
    "create_deployment",
    "create_ingress",
    "create_job",
    "create_namespace",
    "create_poddisruptionbudget",
    "create_priorityclass",
    "create_quota",
    "create_role",
    "create_rolebinding",
    "create_secret",
    "create_secret_docker-registry",
    "create_secret_generic",
    "create_secret_tls",
    "create_service",
    "create_service_clusterip",
    "create_service_externalname",
    "create_service_loadbalancer",
    "create_service_nodeport",
    "create_serviceaccount",
    "create_token",
    "set",
    "set_env",
    "set_image",
    "set_resources",
    "set_selector",
    "set_serviceaccount",
    "set_subject",
    "apply_view-last-applied",
    "apply_set-last-applied",
    "config",
    "config_view",
    "config_get-contexts",
    "config_get-clusters",
    "config_get-users",
    "config_current-context",
    "config_use-context",
    "config_set-context",
    "config_set-cluster",
    "config_set-credentials",
    "config_rename-context",
    "config_delete-context",
    "config_delete-cluster",
    "config_delete-user",
    "config_set",
    "config_unset",
    "plugin",
    "plugin_list",
]


def facts(text: str) -> list[str]:
    """The lines that scripts and fingers know: flags with defaults, usage, aliases, subcommands."""
    lines = text.splitlines()
    flags = [line.strip() for line in lines if re.match(r"    (-\w, )?--[\w-]+=.*:$", line)]
    usage = [line.strip() for line in lines if line.startswith("  kubectl ") and line.endswith("options]")]
    aliases = [lines[i + 1] for i, line in enumerate(lines) if line == "Aliases:"]
    subcommands: list[str] = []
    if "Available Commands:" in lines:
        rest = lines[lines.index("Available Commands:") + 1 :]
        subcommands = rest[: rest.index("")]
    return [*flags, *usage[-1:], *aliases, *subcommands]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_the_same_flags_and_usage(command: str, shared: Pair) -> None:
    line = f"{command.replace('_', ' ')} --help"
    theirs, ours = shared.upstream(line), shared.kajitori(line)
    assert ours.code == theirs.code == 0
    assert facts(ours.out) == facts(theirs.out)


def test_the_global_options_are_upstreams(shared: Pair) -> None:
    assert facts(shared.kajitori("options").out.replace("/ours", "/upstream")) == facts(shared.upstream("options").out)


def test_bare_kubectl_lists_the_commands_that_it_has_in_upstreams_order(shared: Pair) -> None:
    theirs, ours = shared.upstream("").out.splitlines(), shared.kajitori("").out.splitlines()
    missing = [line for line in theirs if line not in ours]
    assert all(re.match(r"  [a-z-]+ +\w", line) for line in missing), missing  # verbs to come, nothing else
    assert [line for line in theirs if line in ours] == ours
