#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# occ run: any program, and whether it or a descendant met a conflict.
load common

# Where no mount but the test's own can be seen: of others, whose daemons come and go, occ would tell, and keep them busy.
alone_exec() { # command
    # shellcheck disable=SC2016 # the inner shell's
    exec unshare --mount --propagation private bash -c \
        'findmnt -rnt fuse.occfs -o TARGET | grep -vF "$0/" | xargs -r -n 1 umount -l; exec "$@"' "$BATS_TEST_TMPDIR" "$@"
}
alone() { (alone_exec "$@"); }
run_occ() { alone "$OCC" run "$@"; }
# A conflict of which the program says nothing: read, have somebody else write, write.
# shellcheck disable=SC2016 # the inner shell's
CONFLICT='read -r line <"$0"; echo theirs | tee "$0" >/dev/null; echo mine >"$0"'

@test "without a conflict the exit status is the program's" {
    write f one
    run_occ true
    run -3 run_occ -- sh -c 'exit 3'
    run -75 run_occ sh -c 'exit 75' # which is its own
    equal "$output" ""
    equal "$(run_occ -- cat f)" one
    equal "$(echo in | run_occ cat)" in
    run -127 run_occ no-such-program
    [[ $output == "occ: no-such-program: No such file"* ]]
    run -126 run_occ "$MNT"
    # shellcheck disable=SC2016 # the inner shell's
    run -143 run_occ sh -c 'kill $$'
    # shellcheck disable=SC2016 # the inner shell's
    run -137 run_occ sh -c 'kill -9 $$'
    # Options behind the program are its own.
    equal "$(run_occ echo -q --json)" "-q --json"
}

@test "a conflict that the program does not tell of" {
    write f base
    bash -c "$CONFLICT" f 2>/dev/null
    rm f.conflict
    write f base
    run --separate-stderr -75 run_occ bash -c "$CONFLICT" f
    # shellcheck disable=SC2154 # stderr is set by run
    [[ $stderr == *"occ: $MNT/f: conflict: what bash (pid "*" wrote is in $MNT/f.conflict"* ]]
    equal "$(cat f f.conflict)" "$(printf 'theirs\nmine')"
    write f base
    run --separate-stderr -75 run_occ -q bash -c "$CONFLICT" f
    [[ $stderr != *f.2.conflict* ]]
}

@test "conflicts of descendants, wherever they have gone" {
    mkdir d && write d/f base && write g base
    # shellcheck disable=SC2016 # the inner shell's
    run --separate-stderr -75 run_occ sh -c '(setsid bash -c "$1" d/f 2>/dev/null & echo $! >pid); tail -f --pid "$(cat pid)" /dev/null; bash -c "$1" g; exit 4' \
        sh "$CONFLICT"
    [[ $stderr == *"$MNT/d/f.conflict"* && $stderr == *"$MNT/g.conflict"* ]]
    equal "$(grep -c conflict: <<<"$stderr")" 2
}

@test "conflicts of others are not its" {
    write f base
    bash -c "sleep 0.3; $CONFLICT" f 2>/dev/null 3>&- &
    other=$!
    run_occ sh -c 'while [ ! -e f.conflict ]; do sleep 0.05; done'
    wait "$other" || true
    # Nor those of before.
    run_occ cat f f.conflict
}

@test "a conflict that is resolved before the end does not count" {
    write f base
    run_occ bash -c "$CONFLICT; rm f.conflict" f
    # shellcheck disable=SC2016 # the inner shell's
    run_occ "$OCC" update f -- sh -c 'cat; echo mine; [ -e "$0" ] || { : >"$0"; echo theirs | tee f >/dev/null; }' "$BATS_TEST_TMPDIR/once"
    equal "$(cat f)" "$(printf 'theirs\nmine')"
    run -75 run_occ "$OCC" update --retries 1 f -- sh -c 'cat; echo again; date +%N | tee f >/dev/null'
}

@test "run --json" {
    write 'a
b' base
    run --separate-stderr -75 run_occ --json bash -c "$CONFLICT" 'a
b'
    line=$(grep '^{' <<<"$stderr")
    equal "$(jq -r .kind <<<"$line")" conflict
    equal "$(jq -r .path <<<"$line")" "$MNT/"$'a\nb'
    equal "$(jq -r .sibling <<<"$line")" "$MNT/"$'a\nb.conflict'
    equal "$(jq -r .writer.command <<<"$line")" bash
}

@test "a writer that was killed is told, and is no conflict" {
    write f base
    # shellcheck disable=SC2016 # the inner shell's
    run -0 run_occ bash -c '(exec 5>f; echo half >&5; kill -9 $BASHPID); true'
    [[ $output == *"$MNT/f: bash (pid "*"was killed"* ]]
    equal "$(cat f)" base
}

@test "signals are passed on" {
    for signal in TERM HUP USR1 USR2; do
        rm -f ready
        # shellcheck disable=SC2016 # the inner shell's
        alone_exec "$OCC" run bash -c 'trap "echo got >got; exit 9" "$0"; : >ready; while :; do sleep 0.05; done' "$signal" 3>&- &
        runner=$!
        eventually test -e ready
        kill -s "$signal" "$runner"
        status=0
        wait "$runner" || status=$?
        equal "$status $(cat got)" "9 got"
        rm got
    done
}

@test "several mounts, one of whose daemon is gone" {
    write f base
    on_both() {
        write "$OTHER/f" base
        run --separate-stderr -75 run_occ bash -c "$CONFLICT" "$OTHER/f"
        [[ $stderr == *"$OTHER/f.conflict"* ]]
        kill_daemon
        run --separate-stderr -75 run_occ bash -c "$CONFLICT" "$OTHER/f"
        [[ $stderr == *"$OTHER/f"*.conflict* ]]
        run -0 run_occ true
    }
    cd /
    with_other_mount on_both
    umount -l "$MNT" 2>/dev/null || true
}

@test "run as another user, and with no mount to use" {
    as_nobody test -x "$OCC" || skip "another user may not run $OCC"
    write f base && chmod 666 f && chmod 777 .
    chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" # on the way to the mount
    run --separate-stderr -75 alone setpriv --reuid 65534 --regid 65534 --clear-groups "$OCC" run bash -c "$CONFLICT" f
    [[ $stderr == *"$MNT/f.conflict"* ]]
    equal "$(stat -c %u f.conflict)" 65534
    run -5 unshare --mount sh -c 'cd / && umount -l "$2" && "$1" run sh -c "exit 5"' sh "$OCC" "$MNT"
}

@test "misuse of run" {
    run -2 run_occ
    run -2 run_occ --no-such-option true
    run -2 run_occ --
}

@test "the examples of occ-run(1)" {
    occ_on_path
    alone "$ROOT/tests/manual-examples" "$ROOT/man/occ-run.1"
}
