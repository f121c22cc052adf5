#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
load common

# The examples of occfs(7), Resolving conflicts.

@test "two writers of one line, and of different ones" {
    mkdir "$BATS_TEST_TMPDIR/bin"
    ln -s "$OCC" "$BATS_TEST_TMPDIR/bin/occ"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH
    "$ROOT/tests/manual-examples" "$ROOT/man/occfs.7" "Resolving conflicts"
}
