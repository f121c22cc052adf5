# SPDX-License-Identifier: Apache-2.0
# Completion of occ(1) for fish: what can stand there is known to `occ complete`.

function __occ_candidates
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l answer ($words[1] complete $words[2..-1] "$typed" 2>/dev/null)
    set -l more $answer[1]
    printf '%s\n' $answer[2..-1]
    switch "$more"
        case files
            __fish_complete_path "$typed"
        case directories
            __fish_complete_directories "$typed"
        case command
            __fish_complete_subcommand
    end
end

complete -c occ -f -a '(__occ_candidates)'
