# SPDX-License-Identifier: Apache-2.0
# A private store and mount for each test; the daemon in the foreground, which must end with 0.
bats_require_minimum_version 1.5.0
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin # what every user may run
ROOT=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
: "${OCCFS:=$ROOT/build/fs/occfs}" "${OCCFS_TEST_BIN:=$ROOT/build/tests/programs}"
OCC=${OCC:-${OCCFS%/fs/occfs}/tools/occ/occ}

setup() {
    STORE=$BATS_TEST_TMPDIR/store MNT=$BATS_TEST_TMPDIR/mnt LOG=$BATS_TEST_TMPDIR/log
    mkdir -p "$MNT"
    chmod 755 "$BATS_TEST_TMPDIR"
    : >"$LOG"
    mount_fs allow_other
    cd "$MNT" || return 1
}

teardown() {
    cd / || return 1
    local failed=0
    if [ -n "${DAEMON:-}" ]; then unmount_fs || failed=1; fi
    if grep -E 'Sanitizer|runtime error|occfs: error' "$LOG"; then failed=1; fi
    [ "$failed" -eq 0 ] || tail -n 40 "$LOG"
    return "$failed"
}

# Waits up to 20 seconds for a command to succeed.
eventually() {
    local try
    for try in $(seq 400); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.05
    done
    echo "never: $* ($try tries)"
    return 1
}

mount_fs() { # options
    "$OCCFS" "$STORE" "$MNT" -f -o "${1:-allow_other}" 2>>"$LOG" 3>&- 4>&- &
    DAEMON=$!
    eventually mounted_or_ended
    mountpoint -q "$MNT"
}
mounted_or_ended() { mountpoint -q "$MNT" || ended "$DAEMON"; }

unmount_fs() {
    local status=0 daemon=$DAEMON
    DAEMON=
    umount "$MNT" || { umount -l "$MNT"; status=1; }
    wait "$daemon" || { echo "the daemon ended with $?"; status=1; }
    return $status
}

remount() {
    cd / && unmount_fs && mount_fs "$@" && cd "$MNT"
}

ended() { ! kill -0 "$1" || grep -q '^State:.Z' "/proc/$1/status"; }
children_of() { grep -lx "PPid:.$1" /proc/[0-9]*/status 2>/dev/null | cut -d/ -f3; }

# What a crash of the daemon does: nothing that it had in memory survives.
kill_daemon() {
    local guardian
    guardian=$(children_of "$DAEMON")
    kill -9 "$DAEMON"
    wait "$DAEMON" || true
    DAEMON=
    # It ends the connection; where there is no fusectl, by unmounting what nobody uses.
    [ -z "$guardian" ] || eventually ended "$guardian"
}
crash_and_remount() {
    cd /
    [ -z "$DAEMON" ] || kill_daemon
    ! grep -qF " $MNT " /proc/self/mountinfo || umount -l "$MNT"
    mount_fs "$@" && cd "$MNT"
}

token() { getfattr --only-values --absolute-names -n user.occ.version "$1"; }
ordinal() { local text; text=$(token "$1") && echo "${text%%.*}"; }
conflict_field() { getfattr --only-values --absolute-names -n user.occ.conflict "$1" | jq -r "$2"; }
as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
# Runs a script as nobody, in a directory of theirs. Where only root may open /dev/fuse (no udev), on a device file like it.
as_user() { # script; $1 in it is occfs
    as_nobody test -x "$OCCFS" || skip "another user may not run $OCCFS"
    chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" # on the way to what is theirs
    mkdir -m 777 -p theirs
    mknod -m 666 fuse-device c 10 229
    # shellcheck disable=SC2016 # expanded by the inner shell
    unshare --mount --propagation private bash -c 'setpriv --reuid 65534 --clear-groups test -w /dev/fuse ||
        mount --bind fuse-device /dev/fuse
        cd theirs && exec setpriv --reuid 65534 --regid 65534 --clear-groups bash -c "$1" bash "$2"' \
        bash "$1" "$OCCFS" 2>>"$LOG" 3>&- 4>&-
    rm fuse-device
}
# For what runs occ by its name.
occ_on_path() { mkdir -p "$BATS_TEST_TMPDIR/bin" && ln -sf "$OCC" "$BATS_TEST_TMPDIR/bin/occ" && PATH=$BATS_TEST_TMPDIR/bin:$PATH; }
# Runs a command while a second store is mounted on $OTHER.
with_other_mount() { # command
    local daemon status=0
    OTHER=$BATS_TEST_TMPDIR/other
    mkdir "$OTHER"
    "$OCCFS" "$BATS_TEST_TMPDIR/other-store" "$OTHER" -f -o allow_other 2>>"$LOG" 3>&- 4>&- &
    daemon=$!
    eventually mountpoint -q "$OTHER"
    "$@" || status=$?
    umount "$OTHER" || umount -l "$OTHER"
    wait "$daemon" && return "$status"
}
# By a process of its own: the test's shell has not read what others wrote to the file, and would conflict.
write() { printf '%s\n' "$2" | tee "$1" >/dev/null; }
equal() { [ "$1" = "$2" ] || { printf 'got:      %s\nexpected: %s\n' "$1" "$2"; return 1; }; }
py() { python3 -c "import os, sys, errno, time, mmap, subprocess, signal
def put(path, text):
    with open(path, 'w') as file: file.write(text)
def get(path):
    with open(path) as file: return file.read()
def token(path): return os.getxattr(path, 'user.occ.version').decode()
def refused(call, *arguments):
    try: call(*arguments)
    except OSError as error: return errno.errorcode[error.errno]
    return 'no error'
def equal(got, expected): assert got == expected, (got, expected)
$1" "${@:2}"; }
