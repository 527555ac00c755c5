"""kubectl completion: shell code that completes verbs and subcommands. May import: kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command, has_module, verbs
from kajitori.kubectl.flags import HelpfulError, Options

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

SHELLS = ("bash", "zsh", "fish", "powershell")
TYPES = "pods services deployments replicasets statefulsets daemonsets jobs nodes namespaces configmaps secrets"
BASH = """\
# bash completion for kubectl
_kubectl_complete() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}"
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "{verbs}" -- "$word"))
    elif [ "$COMP_CWORD" -eq 2 ]; then
        COMPREPLY=($(compgen -W "{types}" -- "$word"))
    else
        local names="$(kubectl get "${{COMP_WORDS[2]}}" -o jsonpath='{{.items[*].metadata.name}}' 2>/dev/null)"
        COMPREPLY=($(compgen -W "$names" -- "$word"))
    fi
}}
complete -F _kubectl_complete kubectl
"""
ZSH = "#compdef kubectl\nautoload -U +X bashcompinit && bashcompinit\n" + BASH
FISH = """\
# fish completion for kubectl
complete -c kubectl -f
complete -c kubectl -n '__fish_use_subcommand' -a '{verbs}'
complete -c kubectl -n 'not __fish_use_subcommand' -a '{types}'
"""
POWERSHELL = """\
# powershell completion for kubectl
Register-ArgumentCompleter -Native -CommandName kubectl -ScriptBlock {{
    param($word, $ast, $position)
    '{verbs} {types}'.Split(' ') | Where-Object {{ $_ -like "$word*" }}
}}
"""


async def run(opts: Options, ctx: Context) -> None:
    if not opts.args:
        raise HelpfulError("completion", "Shell not specified.")
    if len(opts.args) > 1:
        raise HelpfulError("completion", "Too many arguments. Expected only the shell type.")
    if opts.args[0] not in SHELLS:
        raise HelpfulError("completion", f'Unsupported shell type "{opts.args[0]}".')
    text = {"bash": BASH, "zsh": ZSH, "fish": FISH, "powershell": POWERSHELL}[opts.args[0]]
    known = " ".join(name for name in verbs() if has_module(name))
    ctx.streams.out.write(text.format(verbs=known, types=TYPES))


COMMAND = Command(
    name="completion",
    short="Output shell completion code for the specified shell (bash, zsh, fish, or powershell)",
    long="""Output shell completion code for the specified shell (bash, zsh, fish, or powershell). The shell must
evaluate it, which is done by sourcing it from the shell's start-up file.""",
    examples="# In ~/.bashrc\nsource <(kubectl completion bash)",
    usage="completion SHELL [options]",
    run=run,
)
