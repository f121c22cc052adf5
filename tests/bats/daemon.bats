#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Starting and ending: what is refused and how it is told, the background, signals, ordinary users.
load common

setup() { # no mount: each test makes its own
    STORE=$BATS_TEST_TMPDIR/store MNT=$BATS_TEST_TMPDIR/mnt LOG=$BATS_TEST_TMPDIR/log
    mkdir "$MNT"
    chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
    chmod 755 "$BATS_TEST_TMPDIR"
    : >"$LOG"
    cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
    local mount failed=0
    cd / || return 1
    if grep -E 'Sanitizer|runtime error|occfs: error' "$LOG"; then failed=1; fi
    for mount in $(mounts_below "$BATS_TEST_TMPDIR"); do umount -l "$mount"; done
    [ "$failed" -eq 0 ] || tail -n 40 "$LOG"
    return "$failed"
}

mounts_below() { awk -v dir="$1/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo; }

background() { timeout -k 2 20 "$OCCFS" "$STORE" "$MNT" "$@" 2>>"$LOG" 3>&- 4>&-; }

# Ends with the exit code and has printed something that matches.
refused() { # exit code, pattern, command...
    local expected=$1 pattern=$2
    shift 2
    run timeout -k 2 20 "$@" 3>&- 4>&-
    echo "$status: $output"
    [ "$status" -eq "$expected" ] && [[ $output == $pattern ]]
}

# The process that has the store open is the one who tells, to a second one who asks for it.
daemon_pid() {
    mkdir -p other
    run timeout -k 2 20 "$OCCFS" "$STORE" other
    sed -nE 's/.*in use by process ([0-9]+).*/\1/p' <<<"$output"
}

gone() { ! kill -0 "$1"; }
unmounted() { ! mountpoint -q "$MNT"; }

@test "a store is created with mode 0700 where there is nothing or an empty directory" {
    background
    equal "$(stat -c %a store)" 700
    echo a >mnt/f
    umount mnt
    mkdir -m 755 empty
    STORE=$PWD/empty background
    equal "$(stat -c %a empty)" 700
    umount mnt
    background
    equal "$(cat mnt/f)" a
    umount mnt
}

@test "what is no store is refused and left alone" {
    mkdir foreign
    echo mine >foreign/letter
    refused 66 '*foreign: not an occfs store*' "$OCCFS" foreign mnt
    equal "$(ls -A foreign)" letter
    echo text >file
    refused 1 '*file: cannot open the store: Not a directory*' "$OCCFS" file mnt
    equal "$(cat file)" text
    refused 1 '*nowhere/store: cannot create the store: No such file*' "$OCCFS" nowhere/store mnt
    unmounted
}

@test "a store that is damaged is refused" {
    background
    umount mnt
    printf 'x' >store/db/CURRENT
    refused 74 '*store:*' "$OCCFS" store mnt
    unmounted
}

@test "a store in use is refused, and told by whom" {
    background
    local daemon
    mkdir other
    refused 75 "*store: the store is in use by process *" "$OCCFS" store other
    daemon=$(daemon_pid)
    equal "$(cat "/proc/$daemon/comm")" occfs
    echo still works >mnt/f
    umount mnt
    eventually gone "$daemon"
}

@test "mountpoints that cannot be used are refused, and the store is free again" {
    refused 1 '*nowhere: No such file or directory*' "$OCCFS" store nowhere
    echo text >file
    refused 1 '*file: the mountpoint is not a directory*' "$OCCFS" store file
    background
    refused 1 '*mnt: something is mounted there already*' "$OCCFS" second mnt
    umount mnt
    refused 1 '*unknown option*nosuchoption*' "$OCCFS" store mnt -o nosuchoption
    unmounted
    background
    umount mnt
}

@test "a mountpoint whose daemon was killed is told apart, and usable after umount" {
    background
    local daemon
    daemon=$(daemon_pid)
    echo a >mnt/f
    exec 9<mnt # in use: where there is no fusectl the mount would go at once
    kill -9 "$daemon"
    eventually gone "$daemon"
    # The connection is ended for those who hang on it.
    broken() { ! timeout -s KILL 5 cat mnt/f; }
    eventually broken
    refused 1 "*mnt: Transport endpoint is not connected (an earlier daemon died; unmount it with 'umount' first)*" \
        "$OCCFS" store mnt
    exec 9<&-
    umount mnt
    background
    equal "$(cat mnt/f)" a
    umount mnt
}

@test "missing rights are told" {
    local nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    mkdir -m 700 secret secret/store
    mkdir -m 777 open
    mkdir -m 700 open/store
    refused 77 '*secret/s: cannot create the store: Permission denied*' "${nobody[@]}" "$OCCFS" secret/s open
    refused 77 '*open/store: cannot open the store: Permission denied*' "${nobody[@]}" "$OCCFS" open/store open
    refused 1 '*secret/store: Permission denied*' "${nobody[@]}" "$OCCFS" open/new secret/store
}

@test "the command returns when the filesystem is mounted, and has let go of the terminal" {
    run background
    [ "$status" -eq 0 ]
    equal "$output$(cat "$LOG")" ""
    echo a >mnt/f # at once
    local daemon
    daemon=$(daemon_pid)
    for descriptor in 0 1 2; do equal "$(readlink "/proc/$daemon/fd/$descriptor")" /dev/null; done
    equal "$(readlink "/proc/$daemon/cwd" "/proc/$(children_of "$daemon")/cwd")" $'/\n/'
    [ "$(awk '/^NSsid:/ { print $2 }' "/proc/$daemon/status")" != "$(awk '/^NSsid:/ { print $2 }' /proc/self/status)" ]
    umount mnt
    eventually gone "$daemon"
}

@test "SIGTERM, SIGINT and SIGHUP end it: exit 0, unmounted, drafts rolled back" {
    for signal in TERM INT HUP; do
        # A shell's background job would ignore SIGINT.
        env --default-signal=INT "$OCCFS" "$STORE" "$MNT" -f 2>>"$LOG" 3>&- 4>&- &
        local daemon=$!
        eventually mountpoint -q "$MNT"
        echo "$signal" >mnt/f
        python3 -c "
import os, sys
fd = os.open('mnt/f', os.O_WRONLY | os.O_TRUNC); os.write(fd, b'draft'); os.open('mnt/g', os.O_CREAT | os.O_WRONLY, 0o644)
open('ready', 'w').close(); sys.stdin.read()" < <(exec sleep 30) 3>&- 4>&- &
        local writer=$!
        eventually test -e ready
        kill -$signal $daemon
        wait $daemon
        unmounted
        kill $writer
        wait $writer || true
        rm ready
        background
        equal "$(cat mnt/f)" "$signal"
        umount mnt
    done
}

@test "umount ends the one in the foreground with 0; the store can be mounted again at once" {
    for round in 1 2 3 4 5; do
        "$OCCFS" "$STORE" "$MNT" -f 2>>"$LOG" 3>&- 4>&- &
        local daemon=$!
        eventually mountpoint -q "$MNT"
        # Something to put away when it is closed.
        head -c 20000000 /dev/urandom >mnt/big
        umount mnt
        background
        equal "$(stat -c %s mnt/big)" 20000000
        wait $daemon
        for i in $(seq 200); do echo "$round" >"mnt/f$i"; done
        umount mnt
    done
}

@test "mount(8) mounts, and remounts with other generic options" {
    unshare --mount --propagation private bash -euc '
    mount -t tmpfs none /usr/local/sbin && ln -s "$1" /usr/local/sbin/occfs # where mount.fuse3 looks for it
    mount -t fuse.occfs "$2/store" "$2/mnt"
    echo a >"$2/mnt/f"
    mount -o remount,ro "$2/mnt"
    if touch "$2/mnt/g" 2>/dev/null; then exit 1; fi
    [ "$(cat "$2/mnt/f")" = a ]
    mount -o remount,rw,nosuid,noexec "$2/mnt"
    findmnt -rno OPTIONS "$2/mnt" | tr , "\n" | grep -cxE "rw|nosuid|noexec" | grep -qx 3
    echo b >"$2/mnt/f"
    mount -o remount,exec "$2/mnt"
    cp /bin/true "$2/mnt/prog" && "$2/mnt/prog"
    umount "$2/mnt"' bash "$OCCFS" "$PWD"
    refused 1 "*not mounted there*" "$OCCFS" store mnt -o remount,ro
}

@test "set-id programs and devices are without effect but with -o suid and -o dev" {
    background
    cp /usr/bin/id mnt/id && chown 65534:65534 mnt/id && chmod 4755 mnt/id
    mknod mnt/null c 1 3
    equal "$(mnt/id -u)" 0
    refused 1 "*Permission denied*" cat mnt/null
    umount mnt
    background -o suid,dev
    equal "$(mnt/id -u)" 65534
    cat mnt/null
    umount mnt
}

@test "umount is refused while files are open, and loses nothing" {
    background
    exec 9>mnt/f
    echo a >&9
    run umount mnt
    [ "$status" -ne 0 ]
    exec 9>&-
    equal "$(cat mnt/f)" a
    umount mnt
}

@test "an ordinary user mounts, works and unmounts" {
    as_user 'mkdir mnt && "$1" store mnt && echo a >mnt/f && cat mnt/f && touch mnt/g &&
        stat -c "%u %g" mnt/f mnt && fusermount3 -u mnt && "$1" store mnt && cat mnt/f && fusermount3 -u mnt' >out
    equal "$(tr '\n' ' ' <out)" "a 65534 65534 65534 65534 a "
    equal "$(stat -c '%u %a' theirs/store)" "65534 700"
}

@test "without allow_other nobody else is let in, root neither" {
    mkdir -m 777 theirs
    mkfifo -m 666 theirs/mounted theirs/done
    as_user 'mkdir mnt && "$1" store mnt && echo a >mnt/f && echo $$ >mounted && cat done && fusermount3 -u mnt' >/dev/null &
    local user
    read -r user <theirs/mounted
    run cat "/proc/$user/root$PWD/theirs/mnt/f"
    echo go >theirs/done
    wait $!
    [[ $output == *"Permission denied"* ]]
    as_user '"$1" store mnt -o allow_other; echo $?; ! mountpoint -q mnt || fusermount3 -u mnt' >out
    # Whether a user may give it is for root to say, in fuse.conf.
    equal "$(cat out)" "$(grep -q '^user_allow_other' /etc/fuse.conf && echo 0 || echo 1)"
}

@test "an ordinary user's writers are told apart, too" {
    as_user 'mkdir mnt && "$1" store mnt && cd mnt || exit
        { echo base >f; python3 -c "
import os
fd = os.open(\"f\", os.O_WRONLY); os.write(fd, b\"mine\"); os.system(\"echo theirs >f\")
try: os.close(fd)
except BlockingIOError: print(\"told\")"; cat f f.conflict; } | tr "\n" " "
        (echo a; /bin/echo b; (echo c)) >one; getfattr --only-values -n user.occ.version one | cut -d. -f1
        python3 -c "import os; fd = os.open(\"one\", os.O_WRONLY); os.write(fd, b\"x\"); os.kill(os.getpid(), 9)"; head -n 1 one
        cd .. && fusermount3 -u mnt' >out
    equal "$(cat out)" $'told theirs mine 1\na'
}

@test "allow_other lets others in, with the permissions that files have" {
    background
    run as_nobody ls mnt
    [ "$status" -ne 0 ]
    umount mnt
    background -o allow_other
    echo public >mnt/f && echo secret >mnt/g && chmod 600 mnt/g
    equal "$(as_nobody cat mnt/f)" public
    run as_nobody cat mnt/g
    [[ $output == *"Permission denied"* ]]
    run as_nobody touch mnt/h
    [[ $output == *"Permission denied"* ]]
    umount mnt
}

@test "options hold in whatever order they are given" {
    local options given
    for given in base=open,foreign_tokens=ignore,noatime,sync sync,noatime,foreign_tokens=ignore,base=open; do
        background -o "$given"
        options=$(jq -c '.options | [.base, .foreign_tokens, .noatime, .sync]' mnt/.occ/status)
        umount mnt
        equal "$options" '["open","ignore",true,true]'
    done
}

@test "-o ro and the other generic options are the kernel's" {
    background
    cp /bin/true mnt/true
    umount mnt
    background -o ro,noexec
    run touch mnt/f
    [[ $output == *"Read-only file system"* ]]
    run mnt/true
    [[ $output == *"Permission denied"* ]]
    umount mnt
    background -o noatime,nosuid
    [[ $(findmnt -no OPTIONS mnt) == *nosuid*noatime* ]]
    equal "$(findmnt -no FSTYPE,SOURCE mnt | tr -s ' ')" "fuse.occfs $STORE"
    umount mnt
}

@test "-d shows each call of the store, with its keys and what came of it" {
    "$OCCFS" "$STORE" "$MNT" -d 2>>"$LOG" 3>&- 4>&- &
    local daemon=$!
    eventually mountpoint -q "$MNT"
    head -c 1000000 /dev/zero | tr '\0' x >mnt/f
    umount mnt
    wait $daemon
    grep -qE '^occfs: debug: kv get [^ ]+: (OK|NOT_FOUND), [0-9]+ bytes, [0-9]+ us$' "$LOG"
    grep -qE '^occfs: debug: kv commit put [^ ]+ \([0-9]+ bytes\) .*expect .*: done, [0-9]+ us$' "$LOG"
    grep -qE '^occfs: debug: blob put [0-9]+ \([0-9]+ bytes\): OK, [0-9]+ us$' "$LOG"
    grep -qE '^occfs: debug: kv sync: OK, [0-9]+ us$' "$LOG"
}

@test "a fault plan is found from the background, too" {
    background -o fault_plan=plan
    echo 'commit error NOSPC' >plan
    run -1 mkdir mnt/d
    [[ $output == *"No space left"* ]]
    rm plan
    mkdir mnt/d
    umount mnt
}

@test "--help and --version answer on standard output, without a store" {
    equal "$("$OCCFS" --version)" "occfs $(sed -nE "s/.*version: '([0-9.]+)'.*/\1/p" "$ROOT/meson.build" | head -n 1)"
    equal "$("$OCCFS" -V)" "$("$OCCFS" --version)"
    [[ $("$OCCFS" --help) == "usage: occfs STORE MOUNTPOINT"*allow_other* ]]
    equal "$("$OCCFS" -h)" "$("$OCCFS" --help)"
}

@test "wrong arguments end with 2, a line says what is wrong, and nothing is made" {
    for arguments in "" "store" "store mnt third" "store mnt -o workers=1" "store mnt -o workers=257" \
        "store mnt -o poll=1001" "store mnt -o cache=7" "store mnt -o workers=many"; do
        # shellcheck disable=SC2086 # words
        refused 2 '*: *' "$OCCFS" $arguments
        [ ! -e store ]
    done
}
