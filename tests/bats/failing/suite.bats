# SPDX-License-Identifier: Apache-2.0
# Each of these fails: tests/bats/helper.bats looks at what is said then.
setup() {
    bats_load_library occfs
    occfs_setup
    cd "$OCCFS_MOUNT"
    echo base >f
}
teardown() { occfs_teardown; }

@test "assert_commits: a conflict" {
    stale=$(getfattr --only-values -n user.occ.version f)
    assert_commits _occfs_write f "$stale" one
    assert_commits _occfs_write f "$stale" two
}
@test "assert_commits: a failure" { assert_commits bash -c 'echo one; echo two; exit 3'; }
@test "assert_conflict" { assert_conflict bash -c 'echo new | tee f'; }
@test "assert_version: another" { assert_version f 7; }
@test "assert_version: none" { assert_version "$BATS_TEST_TMPDIR/absent" 1; }
@test "assert_sibling: none" { assert_sibling f; }
@test "assert_sibling: another content" {
    two_writers f one two
    assert_sibling f three
}
@test "refute_sibling" {
    two_writers f one two
    refute_sibling f
}
@test "two_writers" { two_writers /dev/null one two; }
@test "occfs_teardown: in use" { sleep 60 3>&- & }
@test "occfs_teardown: failed" { kill -9 "$OCCFS_DAEMON"; }
@test "occfs_setup" {
    OCCFS=/bin/false BATS_TEST_TMPDIR=$BATS_TEST_TMPDIR/other
    cd /
    saved=$OCCFS_DAEMON mount=$OCCFS_MOUNT
    occfs_setup || { OCCFS_DAEMON=$saved OCCFS_MOUNT=$mount; false; }
}
