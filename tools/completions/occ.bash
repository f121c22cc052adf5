# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Completion of occ(1) for bash: what can stand there is known to `occ complete`.

_occ() {
    local line=${COMP_LINE:0:COMP_POINT} typed='' prefix='' breaks candidate
    local -a words answer
    # COMP_WORDS is cut at = and @, too.
    # shellcheck disable=SC2162 # a backslash keeps a space within a word
    read -a words <<<"$line"
    [[ $line == *[[:space:]] && $line != *\\[[:space:]] ]] || typed=${words[-1]}
    [ -z "$typed" ] || unset 'words[-1]'
    mapfile -t answer < <("${words[0]:-occ}" complete "${words[@]:1}" "$typed" 2>/dev/null)

    # Only what stands behind the last of these characters is replaced, and that character if it is @.
    breaks=${COMP_WORDBREAKS//[!=@:]/}
    [ -z "$breaks" ] || prefix=${typed%"${typed##*["$breaks"]}"}
    prefix=${prefix%@}
    COMPREPLY=()
    for candidate in "${answer[@]:1}"; do
        COMPREPLY+=("${candidate#"$prefix"}")
    done
    case ${answer[0]} in
    files) compopt -o default ;;
    directories) compopt -o dirnames ;;
    command) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -c -- "$typed") ;;
    esac
    [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace
}

complete -F _occ occ
