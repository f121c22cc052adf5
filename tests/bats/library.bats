#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# liboccfs: the tests are in tests/client, one function for each; here they get a mount.
load common

# Its output is shown when it fails. A directory that is on no occfs mount, with a file that has a token all the same: a copy.
client() {
    local elsewhere=$BATS_TEST_TMPDIR/elsewhere
    mkdir -p "$elsewhere/directory"
    printf plain | tee "$elsewhere/plain" >original
    cp -a original "$elsewhere/copy"
    rm original
    ELSEWHERE=$elsewhere "${OCCFS_TEST_CLIENT:-${OCCFS_TEST_BIN%/*}/client/client}" "$1"
}

@test "every test of the library is run here" {
    status=0
    "${OCCFS_TEST_CLIENT:-${OCCFS_TEST_BIN%/*}/client/client}" >"$BATS_TEST_TMPDIR/all" || status=$?
    equal "$status" 2
    diff "$BATS_TEST_TMPDIR/all" <(sed -n 's/^    client \([a-z_]*\)$/\1/p' "$BATS_TEST_FILENAME")
}

@test "tokens by path, by directory, by descriptor" {
    client tokens
}

@test "what is on another filesystem is no occfs file, with a token or without" {
    client tokens_elsewhere
}

@test "a version has all its members, by ordinal, token and descriptor" {
    client version_members
}

@test "what is no version of the file is refused" {
    client version_refused
}

@test "the content of a version, also of a link and of a moved descriptor" {
    client version_content
}

@test "what a killed writer left is a version" {
    client version_killed
}

@test "history is the versions from the newest down" {
    client history
}

@test "history stays with its file when that is moved" {
    client history_moved
}

@test "a removed file has its history" {
    client history_removed
}

@test "ten thousand versions" {
    client history_long
}

@test "a commit on the expected version" {
    client commit
}

@test "the newest is expected whatever was read before" {
    client commit_unread
}

@test "a conflict has all its members, and stays one" {
    client commit_conflict
}

@test "a file that is not to exist is made" {
    client commit_absent
}

@test "a file that was removed is a conflict" {
    client commit_removed
}

@test "forged tokens, tokens of other files and other kinds of file are refused, and nothing is changed" {
    client open_refused
}

@test "a file on another filesystem is not opened, not cut off, not made" {
    client open_elsewhere
}

@test "nothing is set on a file of another filesystem" {
    client setters_elsewhere
}

@test "descriptors are closed on exec, and none is left open" {
    client closed_on_exec
}

@test "what was written is dropped" {
    client discard
}

@test "a message is of one commit, and 4096 bytes at most" {
    client message
}

@test "a commit with an id happens once" {
    client request
}

@test "an update of a file" {
    client update
}

@test "updates of contents of all sizes" {
    client update_sizes
}

@test "an update is repeated after conflicts, and leaves no siblings" {
    client update_again
}

@test "an update that fails each time leaves one sibling" {
    client update_in_vain
}

@test "no attempt begins after the deadline" {
    client update_deadline
}

@test "an update may leave the file, and give up" {
    client update_left
}

@test "an update makes the file, unless somebody else does" {
    client update_creates
}

@test "an update that makes nothing makes no file" {
    client update_not_created
}

@test "an update through a symbolic link removes the sibling that it left" {
    client update_link
}

@test "an update does not remove another's sibling with the same bytes" {
    client update_foreign_sibling
}

@test "an update that fails half-way changes nothing" {
    client update_fails
}

@test "an update with an id happens once" {
    client update_request
}

@test "eight threads update one counter" {
    client update_threads
}

@test "what a sibling is the sibling of" {
    client conflict
}

@test "a resolution has two parents and removes the sibling" {
    client resolve
}

@test "what cannot be resolved stays as it is" {
    client resolve_stale
}
