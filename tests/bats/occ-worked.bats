#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The examples of occfs(7), which show what versions are good for.
load common

@test "the examples of occfs(7)" {
    occ_on_path
    "$ROOT/tests/manual-examples" "$ROOT/man/occfs.7"
}
