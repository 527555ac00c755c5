"""Help texts in kubectl's shape: description, examples, options, usage.

Pure. May import: aiokit.pflag, kubectl.{command,flags,globals}.
"""

from __future__ import annotations

from kajitori.aiokit.pflag import usage_text
from kajitori.kubectl.command import GROUPS, Command, has_module
from kajitori.kubectl.flags import flags_of
from kajitori.kubectl.globals import GlobalOptions, default_cache_dir

OPTIONS_HINT = 'Use "kubectl options" for a list of global command-line options (applies to all commands).'


def of_command(command: Command) -> str:
    """What ``kubectl VERB --help`` prints."""
    parts = [command.long or command.short + "."]
    if command.aliases:
        parts.append("Aliases:\n" + ", ".join((command.name.split()[-1], *command.aliases)))
    if command.examples:
        parts.append("Examples:\n" + indent(command.examples))
    if command.subcommands:
        width = max(max(map(len, command.subcommands)), 11) + 3
        rows = "\n".join(f"  {name:<{width}}{text}" for name, text in command.subcommands.items())
        parts.append("Available Commands:\n" + rows)
    shown = [one for one in flags_of(command.options) if not one.hidden]
    if shown:
        parts.append("Options:\n" + usage_text(shown))
    parts.append(f"Usage:\n  kubectl {command.usage}")
    if command.subcommands:
        parts.append(
            f'Use "kubectl {command.name} <command> --help" for more information about a given command.\n'
            + OPTIONS_HINT
        )
    else:
        parts.append(OPTIONS_HINT)
    return "\n\n".join(parts) + "\n"


def indent(text: str) -> str:
    """Examples stand two columns in, blank lines too, as upstream prints them."""
    return "\n".join("  " + line for line in text.strip("\n").split("\n"))


def root() -> str:
    """What bare ``kubectl`` prints: the verbs that this kubectl has, in their groups."""
    blocks = [
        "kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/"
    ]
    for title, rows in GROUPS:
        if title == "Other Commands:":
            blocks.append(_plugins())
        lines = [f"  {name:<15} {text}" for name, text in rows if has_module(name)]
        if lines:
            blocks.append("\n".join([title, *lines]))
    blocks.append("Usage:\n  kubectl [flags] [options]")
    blocks.append('Use "kubectl <command> --help" for more information about a given command.\n' + OPTIONS_HINT)
    return "\n\n".join(blocks) + "\n"


def _plugins() -> str:
    lines = [f"  {name:<13} The command {name} is a plugin installed by the user" for name in plugin_names()]
    return "\n".join(["Subcommands provided by plugins:", *lines])


def plugin_names() -> list[str]:
    """``kubectl-foo-bar`` on the PATH is ``foo-bar``."""
    import os

    from kajitori.kubectl.verbs.plugin.list import plugins

    found = plugins(os.environ.get("PATH", ""))
    return sorted({file.name.removeprefix("kubectl-").replace("_", "-") for file in found})


def global_options() -> str:
    text = usage_text(flags_of(GlobalOptions)).replace("$HOME/.kube/cache", default_cache_dir())
    return f"The following options can be passed to any command:\n\n{text}\n"
