#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# How a suite tests what a program does on occfs. BATS_LIB_PATH says where the library is, if not in /usr/lib/bats.

setup() {
    bats_load_library occfs
    occfs_setup
    cd "$OCCFS_MOUNT"
    echo 'first' >note
}

teardown() {
    occfs_teardown
}

# What is tested here: appends a line to a file, by way of its whole content.
add_line() { # file, line
    { cat "$1" && echo "$2"; } >"$BATS_TEST_TMPDIR/new" && cat "$BATS_TEST_TMPDIR/new" | tee "$1"
}

@test "a line is added as a version" {
    assert_version note 1
    assert_commits add_line note second
    assert_version note 2
    refute_sibling note
}

@test "of two writers the second is told, and nothing is lost" {
    two_writers note mine theirs
    [ "$(cat note)" = mine ]
    assert_version note 2
    assert_sibling note theirs
}

@test "a conflict is noticed where the program says nothing" {
    slow_writer() { bash -c 'exec 3<note; read -r line <&3; echo other | tee note; printf "%s\n" "$line!" >note; true'; }
    assert_conflict slow_writer
    assert_sibling note 'first!'
}

@test "a retry after a conflict commits" {
    two_writers note mine theirs
    assert_commits bash -c 'rm note.conflict && cat note >new && echo theirs >>new && mv new note'
    [ "$(cat note)" = "$(printf 'mine\ntheirs')" ]
    refute_sibling note
}
