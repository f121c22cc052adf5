# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# For programs that try a mount: a directory of their own with the store, the mountpoint and the daemon's log, and what
# starts and stops the daemon. Nothing of it is left when the script ends.
here=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
occfs=${OCCFS:-$here/build/fs/occfs}
dir=$(mktemp -d)
chmod 755 "$dir"
daemon=
failed=0

mounted() { mountpoint -q "$dir/mnt" 2>/dev/null; }
start() { # options
    mkdir -p "$dir/mnt"
    "$occfs" "$dir/store" "$dir/mnt" -f -o "$1" 2>>"$dir/log" &
    daemon=$!
    for _ in $(seq 600); do
        mounted && return 0
        kill -0 "$daemon" 2>/dev/null || return 1
        sleep 0.05
    done
    return 1
}
stop() { # the daemon must end by itself, with 0
    umount "$dir/mnt" || umount -l "$dir/mnt"
    wait "$daemon"
}
clean_up() {
    mounted && umount -l "$dir/mnt"
    [ -n "$daemon" ] && kill -9 "$daemon" 2>/dev/null
    rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

clean_log() { ! grep -E 'Sanitizer|runtime error|occfs: error' "$dir/log"; }
tell() { # result, name
    if [ "$1" -eq 0 ]; then echo "ok $2"; else
        echo "not ok $2"
        failed=1
        grep -vE 'warning: conflict' "$dir/log" | tail -n 60
    fi
}
