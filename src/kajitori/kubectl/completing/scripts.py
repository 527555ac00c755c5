"""What ``kubectl completion SHELL`` prints: code that asks ``kubectl __complete`` and shows what it answers. Pure."""

from __future__ import annotations

from typing import Final

BASH: Final = r"""# bash completion for kubectl
__kubectl_complete() {
    local line="${COMP_LINE:0:COMP_POINT}" cur out directive name text width=0
    local -a words rows names
    read -r -a words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    cur="${words[-1]}"
    out="$("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)" || return
    directive="${out##*:}"
    mapfile -t rows <<<"${out%:*}"
    COMPREPLY=()
    (( directive & 1 )) && return
    if (( directive & 8 )); then
        mapfile -t COMPREPLY < <(compgen -f -- "$cur" | while IFS= read -r name; do
            if [[ -d $name ]]; then printf '%s/\n' "$name"; else
                for text in "${rows[@]}"; do [[ -n $text && $name == *."$text" ]] && printf '%s\n' "$name"; done
            fi
        done)
        compopt -o nospace
        (( ${#COMPREPLY[@]} == 1 )) && [[ ${COMPREPLY[0]} != */ ]] && compopt +o nospace
        return
    fi
    # readline replaces only what stands after the last = or : of the word
    local kept=""
    case $cur in
        -*=*) ;;
        *:*) [[ $COMP_WORDBREAKS == *:* ]] && kept="${cur%:*}:" ;;
    esac
    for name in "${rows[@]}"; do
        [[ -n $name ]] || continue
        names+=("${name%%$'\t'*}")
        (( ${#names[-1]} > width )) && width=${#names[-1]}
    done
    if (( ${#names[@]} > 1 )) && [[ $COMP_TYPE == 63 ]]; then
        for name in "${rows[@]}"; do
            [[ -n $name ]] || continue
            if [[ $name == *$'\t'* ]]; then
                printf -v text '%-*s (%s)' "$width" "${name%%$'\t'*}" "${name#*$'\t'}"
                COMPREPLY+=("${text:0:$(( ${COLUMNS:-80} - 2 ))}")
            else
                COMPREPLY+=("${name#"$kept"}")
            fi
        done
    else
        COMPREPLY=("${names[@]#"$kept"}")
    fi
    (( directive & 2 )) && compopt -o nospace
    if (( ${#COMPREPLY[@]} == 0 )) && ! (( directive & 4 )); then
        compopt -o default
    fi
}
complete -F __kubectl_complete kubectl
"""

ZSH: Final = r"""#compdef kubectl
compdef _kubectl kubectl

_kubectl() {
    local out directive row
    local -a rows words_with_text
    out="$(${words[1]} __complete "${(@)words[2,$CURRENT]}" 2>/dev/null)" || return
    directive="${out##*:}"
    rows=("${(@f)${out%:*}}")
    (( directive & 1 )) && return
    if (( directive & 8 )); then
        _files -g "*.(${(j:|:)rows:#})"
        return
    fi
    for row in $rows; do
        [[ -n $row ]] || continue
        words_with_text+=("${${row%%$'\t'*}//:/\\:}${${row##*$'\t'}:+:${row#*$'\t'}}")
    done
    if (( ${#words_with_text} == 0 )); then
        (( directive & 4 )) || _files
        return
    fi
    if (( directive & 2 )); then _describe -t words word words_with_text -S ''
    else _describe -t words word words_with_text; fi
}

[[ $funcstack[1] == _kubectl ]] && _kubectl
"""

FISH: Final = r"""# fish completion for kubectl
function __kubectl_candidates
    set -l words (commandline -opc) (commandline -ct)
    set -l answer ($words[1] __complete $words[2..-1] 2>/dev/null)
    or return
    set -l directive (string sub -s 2 -- $answer[-1])
    if test $directive -eq 8 -o $directive -eq 0; or test $directive -eq 2 -a (count $answer) -eq 1
        __fish_complete_path (commandline -ct)
    end
    test $directive -eq 8; or printf '%s\n' $answer[1..-2]
end
complete -c kubectl -e
complete -c kubectl -f -a '(__kubectl_candidates)'
"""

POWERSHELL: Final = r"""# powershell completion for kubectl
Register-ArgumentCompleter -Native -CommandName kubectl -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
    if ($wordToComplete -eq '') { $words += '""' }
    & kubectl __complete @words 2>$null | Where-Object { $_ -notmatch '^:' } | ForEach-Object {
        $name, $text = $_ -split "`t", 2
        if (-not $text) { $text = $name }
        [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $text)
    }
}
"""

OF_SHELL: Final = {"bash": BASH, "zsh": ZSH, "fish": FISH, "powershell": POWERSHELL}
