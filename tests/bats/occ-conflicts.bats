#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
load common
load conflicts

# occ conflicts: what nobody has resolved, in one mount or in all.

shown() { awk '{print $1, $2}' <<<"$output" | tr '\n' ','; }

@test "no conflict is 0, one is 1" {
    write f a
    occ_exits 0 conflicts
    equal "$output" ""
    make_conflict f
    occ_exits 1 conflicts
    rm f.conflict
    occ_exits 0 conflicts
}

@test "a line tells the file, the sibling, who, when and how much" {
    make_conflict f "what was mine"
    occ_exits 1 conflicts
    [[ ${lines[0]} =~ ^FILE\ +SIBLING\ +WHO\ +WHEN\ +SIZE$ ]]
    [[ ${lines[1]} =~ ^f\ +f\.conflict\ +$(id -un)\ \(python3[^\)]*\)\ +$(date +%Y)-[0-9-]+\ [0-9:]+\ +14$ ]]
    equal "${#lines[@]}" 2
}

@test "below a directory, in the current one and of one file" {
    mkdir -p a/deep b
    make_conflict a/f && make_conflict a/deep/g && make_conflict b/h && make_conflict top && make_conflict ab
    occ_exits 1 conflicts a
    equal "$(shown)" "FILE SIBLING,a/f a/f.conflict,a/deep/g a/deep/g.conflict,"
    occ_exits 1 conflicts "$MNT/b/"
    equal "$(shown)" "FILE SIBLING,b/h b/h.conflict,"
    occ_exits 1 conflicts a/deep/g
    equal "$(shown)" "FILE SIBLING,a/deep/g a/deep/g.conflict,"
    cd a
    occ_exits 1 conflicts .
    equal "$(shown)" "FILE SIBLING,f f.conflict,deep/g deep/g.conflict,"
    occ_exits 1 conflicts
    equal "${#lines[@]}" 6
    [[ $output == *"$MNT/b/h"* ]]
}

@test "what lies in lost+found, and files that were removed, are listed" {
    lose_directory gone
    occ_exits 1 conflicts
    [[ $output == *".occ/lost+found/f.conflict"* ]]
    occ_exits 1 conflicts --json
    equal "$(jq -r '.path, .sibling' <<<"$output")" "null
$MNT/.occ/lost+found/f.conflict"
}

@test "JSON has usable paths and all that the filesystem knows" {
    make_conflict 'a b"c' mine
    mkdir elsewhere && cd elsewhere
    occ_exits 1 conflicts --json
    equal "${#lines[@]}" 1
    equal "$(jq -r '.path, .sibling, .mount, .target, .operation, .writer.command, .size' <<<"$output")" \
        "$MNT/a b\"c
$MNT/a b\"c.conflict
$MNT
a b\"c
write
$(jq -r .writer.command "$MNT/.occ/conflicts")
5"
    equal "$(jq -r '.base, .head' <<<"$output")" "$(conflict_field "$MNT/a b\"c.conflict" '.base, .head')"
    [ "$(jq -r .time <<<"$output" | cut -c 1-4)" = "$(date -u +%Y)" ]
}

@test "control characters in names are shown as a question mark" {
    make_conflict $'new\nline'
    occ_exits 1 conflicts
    equal "${#lines[@]}" 2
    [[ ${lines[1]} == 'new?line  new?line.conflict  '* ]]
    equal "$("$OCC" conflicts --json | jq -r .path)" "$MNT/"$'new\nline'
}

@test "several mounts: that of the current directory, and all from outside" {
    local first=$DAEMON other=$BATS_TEST_TMPDIR/other
    make_conflict f
    mkdir "$other"
    (
        STORE=$BATS_TEST_TMPDIR/store2 MNT=$other
        mount_fs
        cd "$other"
        trap 'cd /; unmount_fs' EXIT
        make_conflict g
        occ_exits 1 conflicts
        equal "$(shown)" "FILE SIBLING,g g.conflict,"
        occ_exits 1 conflicts "$BATS_TEST_TMPDIR/mnt"
        equal "$(shown)" "FILE SIBLING,$BATS_TEST_TMPDIR/mnt/f $BATS_TEST_TMPDIR/mnt/f.conflict,"
        cd /
        run "$OCC" conflicts
        [[ $output == *"$BATS_TEST_TMPDIR/mnt/f.conflict"* && $output == *"$other/g.conflict"* ]]
    )
    equal "$DAEMON" "$first"
}

@test "a bind mount of a directory lists what is below that" {
    mkdir -p d/e "$BATS_TEST_TMPDIR/bound"
    make_conflict d/e/f && make_conflict g
    mount --bind d "$BATS_TEST_TMPDIR/bound"
    occ_exits 1 conflicts "$BATS_TEST_TMPDIR/bound"
    umount "$BATS_TEST_TMPDIR/bound"
    equal "$(shown)" "FILE SIBLING,d/e/f d/e/f.conflict,"
}

@test "others see what is theirs" {
    chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
    mkdir -m 777 d && make_conflict f
    run as_nobody "$OCC" conflicts
    equal "$status $output" "0 "
    as_nobody python3 -c "
import os
open('d/g', 'w').write('base')
fd = os.open('d/g', os.O_WRONLY)
open('d/g', 'w').write('theirs')
os.write(fd, b'mine')
try: os.close(fd)
except BlockingIOError: pass"
    run as_nobody "$OCC" conflicts
    equal "$status" 1
    equal "$(shown)" "FILE SIBLING,d/g d/g.conflict,"
}

@test "elsewhere is 69, nothing is 1, misuse is 2" {
    occ_exits 69 conflicts /
    equal "$output" "occ: /: not a file of an occfs mount ('occ mounts' lists them)"
    occ_exits 1 conflicts nothing
    occ_exits 2 conflicts . .
    occ_exits 2 conflicts --nonsense
}

@test "a daemon that is gone is 69" {
    make_conflict f
    kill_daemon
    run timeout -s KILL 20 "$OCC" conflicts "$MNT"
    equal "$status" 69
    crash_and_remount
    occ_exits 1 conflicts "$MNT"
}
