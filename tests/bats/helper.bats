#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The library for bats suites, as it is installed: an example suite, and one whose tests fail.
bats_require_minimum_version 1.5.0
ROOT=$(cd "${BATS_TEST_DIRNAME}/../.." && pwd)
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

setup_file() {
    export OCCFS=${OCCFS:-$ROOT/build/fs/occfs} INSTALLED=$BATS_FILE_TMPDIR/installed
    meson install -C "${OCCFS%/fs/occfs}" --no-rebuild --quiet --destdir "$INSTALLED" >"$BATS_FILE_TMPDIR/log" 2>&1 || {
        cat "$BATS_FILE_TMPDIR/log"
        return 1
    }
    BATS_LIB_PATH=$(find "$INSTALLED" -path '*/lib/bats')
    export BATS_LIB_PATH
    chmod -R go+rX "$BATS_RUN_TMPDIR"
}

# A bats of its own, which knows nothing of this one.
suite() { # arguments of bats
    env -i PATH="$PATH" OCCFS="$OCCFS" BATS_LIB_PATH="$BATS_LIB_PATH" TMPDIR="$BATS_TEST_TMPDIR" LANG=C.UTF-8 \
        ASAN_OPTIONS="${ASAN_OPTIONS:-}" bats --tap "$@" 3>&- 4>&-
}

# Nothing is left of what the suites have mounted and stored.
nothing_left() {
    grep -F " $BATS_TEST_TMPDIR/" /proc/self/mountinfo && return 1
    [ -z "$(find "$BATS_TEST_TMPDIR" -name 'occfs-store')" ]
}

@test "the example suite passes" {
    run suite "$ROOT/tests/examples/suite.bats"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(grep -c '^ok ' <<<"$output")" -eq 4 ]
    nothing_left
}

@test "suites may run side by side" {
    suites=()
    for i in 1 2 3 4; do
        suite "$ROOT/tests/examples/suite.bats" >"$BATS_TEST_TMPDIR/out.$i" 2>&1 &
        suites+=($!)
    done
    wait "${suites[@]}"
    cat "$BATS_TEST_TMPDIR"/out.*
    [ "$(cat "$BATS_TEST_TMPDIR"/out.* | grep -c '^ok ')" -eq 16 ]
    [ "$(cat "$BATS_TEST_TMPDIR"/out.* | grep -c '^not ok ')" -eq 0 ]
    nothing_left
}

@test "and as an ordinary user" {
    as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
    as_nobody test -x "$OCCFS" || skip "another user may not run $OCCFS"
    # Where only root may open /dev/fuse (no udev), a device file like it.
    mknod -m 666 "$BATS_TEST_TMPDIR/fuse-device" c 10 229
    mkdir -m 777 "$BATS_TEST_TMPDIR/theirs"
    export -f suite as_nobody
    # shellcheck disable=SC2016 # expanded by the inner shell
    run unshare --mount --propagation private bash -c 'as_nobody test -w /dev/fuse || mount --bind "$1/fuse-device" /dev/fuse
        BATS_TEST_TMPDIR=$1/theirs
        exec setpriv --reuid 65534 --regid 65534 --clear-groups bash -c "suite \"\$1\"" bash "$2"' \
        bash "$BATS_TEST_TMPDIR" "$ROOT/tests/examples/suite.bats"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(grep -c '^ok ' <<<"$output")" -eq 4 ]
    nothing_left
}

# What a failing test says: the lines from the headline on.
said() { # test
    awk -v name="$1" '/^(ok|not ok) /{ on = index($0, name "\r") || substr($0, length($0) - length(name) + 1) == name } on' <<<"$output" |
        sed 's/^# //' | sed -n '/^-- .* --$/,/^--$/p'
}
says() { # test, text
    [ "$(said "$1")" = "$2" ] || {
        printf '%s says\n%s\ninstead of\n%s\n' "$1" "$(said "$1")" "$2"
        return 1
    }
}

@test "what fails is said with what was expected" {
    run suite "$ROOT/tests/bats/failing/suite.bats"
    echo "$output"
    [ "$status" -eq 1 ]
    [ "$(grep -c '^ok ' <<<"$output")" -eq 0 ]
    [ "$(grep -c '^not ok ' <<<"$output")" -eq 12 ]
    [[ $(said 'assert_commits: a conflict') == *'-- the command has met a conflict --'*'status  : 1'*'sibling : f.conflict'*'Resource temporarily unavailable'* ]]
    says 'assert_commits: a failure' "$(printf '%s\n' '-- the command has failed --' \
        'command : bash -c echo one; echo two; exit 3' 'status  : 3' 'output (2 lines):' '  one' '  two' '--')"
    says 'assert_conflict' "$(printf '%s\n' '-- the command has met no conflict --' \
        'command : bash -c echo new | tee f' 'status  : 0' 'output  : new' '--')"
    says 'assert_version: another' "$(printf '%s\n' '-- the file has another version --' \
        'file     : f' 'expected : 7' 'actual   : 1' '--')"
    [[ $(said 'assert_version: none') == *'-- the file has no version --'*'no file of an occfs mount'* ]]
    says 'assert_sibling: none' "$(printf '%s\n' '-- the file has no sibling --' 'file : f' '--')"
    says 'assert_sibling: another content' "$(printf '%s\n' '-- no sibling of the file has that content --' \
        'file     : f' 'sibling  : f.conflict' 'expected : three' 'actual   : two' '--')"
    says 'refute_sibling' "$(printf '%s\n' '-- the file has a sibling --' 'file    : f' 'sibling : f.conflict' '--')"
    [[ $(said 'two_writers') == *'-- the file has no version --'*'/dev/null'* ]]
    [[ $(said 'occfs_teardown: in use') == *'-- the mount is still in use --'* ]]
    [[ $(said 'occfs_teardown: failed') == *'-- occfs failed --'* ]]
    [[ $(said 'occfs_setup') == *'-- occfs did not mount --'*'program : /bin/false'* ]]
    nothing_left
}
