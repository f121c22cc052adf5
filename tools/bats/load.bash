# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# occfs for bats suites: a store of its own for each test, and what one wants to say about versions and conflicts. See occfs-bats(7).
#
#     bats_load_library occfs
#     setup() { occfs_setup && cd "$OCCFS_MOUNT"; }
#     teardown() { occfs_teardown; }

# ---- a mount for a test ----

# Mounts a new store at $OCCFS_MOUNT, with the given options of occfs(8). In setup, or in setup_file for all tests of a file.
occfs_setup() { # options
    local place=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR} tries=0
    export OCCFS_STORE=$place/occfs-store OCCFS_MOUNT=$place/occfs OCCFS_LOG=$place/occfs-log
    mkdir -p "$OCCFS_MOUNT" || return 1
    # Not on the descriptors that bats waits for.
    "${OCCFS:-occfs}" "$OCCFS_STORE" "$OCCFS_MOUNT" -f ${1:+-o "$1"} 2>"$OCCFS_LOG" 3>&- 4>&- &
    OCCFS_DAEMON=$!
    until mountpoint -q "$OCCFS_MOUNT"; do
        if ! kill -0 "$OCCFS_DAEMON" 2>/dev/null || ((++tries > 400)); then
            _occfs_fail 'occfs did not mount' program "${OCCFS:-occfs}" log "$(cat "$OCCFS_LOG")"
            kill "$OCCFS_DAEMON" 2>/dev/null
            OCCFS_DAEMON=
            return 1
        fi
        sleep 0.05
    done
}

# Unmounts, waits for the daemon, and removes the store. Fails if something still uses the mount, or the daemon has failed.
occfs_teardown() {
    local status=0 ended=0
    [ -n "${OCCFS_DAEMON:-}" ] || return 0
    cd / || return 1
    if ! _occfs_unmount; then
        _occfs_fail 'the mount is still in use' mount "$OCCFS_MOUNT"
        _occfs_unmount lazily
        kill "$OCCFS_DAEMON" # whoever uses it would keep it alive
        status=1
    fi
    wait "$OCCFS_DAEMON" || ended=$?
    OCCFS_DAEMON=
    if [ "$status" -eq 0 ] && { [ "$ended" -ne 0 ] || grep -q 'occfs: error' "$OCCFS_LOG"; }; then
        _occfs_fail 'occfs failed' status "$ended" log "$(cat "$OCCFS_LOG")"
        status=1
    fi
    rm -rf "$OCCFS_STORE" "$OCCFS_LOG" && rmdir "$OCCFS_MOUNT" || status=1
    return "$status"
}

_occfs_unmount() { # [lazily]
    grep -qF " $OCCFS_MOUNT " /proc/self/mountinfo || return 0 # a daemon that has failed took it along
    if [ "$(id -u)" -eq 0 ]; then umount ${1:+-l} "$OCCFS_MOUNT" 2>/dev/null; else
        fusermount3 -u ${1:+-z} "$OCCFS_MOUNT" 2>/dev/null
    fi
}

# ---- what failed ----

# As bats-assert says it: a headline, then names and values; a value of several lines stands below its name.
_occfs_fail() { # headline, name, value, ...
    local width=0 i
    local -a pairs=("${@:2}")
    for ((i = 0; i < ${#pairs[@]}; i += 2)); do
        ((${#pairs[i]} <= width)) || width=${#pairs[i]}
    done
    {
        printf '\n-- %s --\n' "$1"
        for ((i = 0; i < ${#pairs[@]}; i += 2)); do
            if [[ ${pairs[i + 1]} == *$'\n'* ]]; then
                printf '%s (%d lines):\n' "${pairs[i]}" "$(wc -l <<<"${pairs[i + 1]}")"
                while IFS= read -r line; do printf '  %s\n' "$line"; done <<<"${pairs[i + 1]}"
            else
                printf '%-*s : %s\n' "$width" "${pairs[i]}" "${pairs[i + 1]}"
            fi
        done
        printf -- '--\n\n'
    } >&2
    return 1
}

_occfs_attribute() { # name, file
    getfattr --only-values --absolute-names -n "user.occ.$1" -- "$2" 2>/dev/null
}

# ---- commands ----

# The conflicts of the mount, a line each.
_occfs_conflicts() { sort "$OCCFS_MOUNT/.occ/conflicts"; }

# Runs a command as `run` does. $new has the siblings of the conflicts that it has met, one a line, whether or not it says so.
_occfs_run() {
    local before
    before=$(_occfs_conflicts)
    run "$@"
    new=$(comm -13 <(printf '%s\n' "$before") <(_occfs_conflicts) | sed -n 's/.*"sibling":"\(\([^"\\]\|\\.\)*\)".*/\1/p')
}

# The command succeeds, and what it writes is committed.
# shellcheck disable=SC2154 # `run` sets status and output
assert_commits() { # command...
    local new
    _occfs_run "$@"
    if [ -n "$new" ]; then
        _occfs_fail 'the command has met a conflict' command "$*" status "$status" sibling "$new" output "$output"
    elif [ "$status" -ne 0 ]; then
        _occfs_fail 'the command has failed' command "$*" status "$status" output "$output"
    fi
}

# The command meets a conflict, whether or not it says so.
assert_conflict() { # command...
    local new
    _occfs_run "$@"
    [ -n "$new" ] || _occfs_fail 'the command has met no conflict' command "$*" status "$status" output "$output"
}

# ---- files ----

# The file's newest version has that ordinal.
assert_version() { # file, ordinal
    local ordinal
    if ! ordinal=$(_occfs_attribute ordinal "$1"); then
        _occfs_fail 'the file has no version' file "$1" expected "$2" actual 'no file of an occfs mount'
    elif [ "$ordinal" != "$2" ]; then
        _occfs_fail 'the file has another version' file "$1" expected "$2" actual "$ordinal"
    fi
}

# The siblings of a file, one a line.
_occfs_siblings() { # file
    local directory=. name=${1##*/} sibling
    [[ $1 != */* ]] || directory=${1%/*}/
    for sibling in "${directory%/}"/*.conflict "${directory%/}"/.*.conflict; do
        [ "$(_occfs_attribute conflict "$sibling" | sed -n 's/^{"target":"\(\([^"\\]\|\\.\)*\)".*/\1/p')" = "$name" ] || continue
        [[ $1 == */* ]] || sibling=${sibling#./}
        printf '%s\n' "$sibling"
    done
}

# The file has a sibling; with that content, but for line feeds at the end.
assert_sibling() { # file, [content]
    local siblings sibling actual
    siblings=$(_occfs_siblings "$1")
    if [ -z "$siblings" ]; then
        _occfs_fail 'the file has no sibling' file "$1" ${2+expected "$2"}
        return
    fi
    [ $# -gt 1 ] || return 0
    while IFS= read -r sibling; do
        actual=$(cat -- "$sibling")
        [ "$actual" != "$2" ] || return 0
    done <<<"$siblings"
    _occfs_fail 'no sibling of the file has that content' file "$1" sibling "$siblings" expected "$2" actual "$actual"
}

# The file has none.
refute_sibling() { # file
    local siblings
    siblings=$(_occfs_siblings "$1")
    [ -z "$siblings" ] || _occfs_fail 'the file has a sibling' file "$1" sibling "$siblings"
}

# Two writers have read the same version. The first one's content becomes the next, the second one meets a conflict.
two_writers() { # file, first content, second content
    local token
    if ! token=$(_occfs_attribute version "$1"); then
        _occfs_fail 'the file has no version' file "$1" actual 'no file of an occfs mount'
        return
    fi
    assert_commits _occfs_write "$1" "$token" "$2" && assert_conflict _occfs_write "$1" "$token" "$3"
}

# By a process of its own, which has the token of what it has read. That it is not the newest is no error yet.
_occfs_write() { # file, token, content
    # shellcheck disable=SC2016 # expanded by the inner shell
    bash -o pipefail -c 'setfattr -n user.occ.version -v "$2" -- "$1" 2>/dev/null
        printf "%s\n" "$3" | tee -- "$1" >/dev/null' bash "$@"
}
