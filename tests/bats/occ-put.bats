#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# occ put: standard input becomes a version, on a condition, once.
load common

put() { printf '%s\n' "$1" | "$OCC" put "${@:2}"; } # content, arguments
# A put in the background that reads what is written to descriptor 7; it is over when that is closed.
put_slowly() { # arguments
    rm -f "$BATS_TEST_TMPDIR/pipe" && mkfifo "$BATS_TEST_TMPDIR/pipe"
    "$OCC" put "$@" <"$BATS_TEST_TMPDIR/pipe" 3>&- &
    slow=$!
    exec 7>"$BATS_TEST_TMPDIR/pipe"
    echo slow >&7
}
drafts() { jq .drafts_open .occ/status; }
opened() { [ "$(drafts)" = 1 ]; }
ends_with() { # status
    exec 7>&-
    local status=0
    wait "$slow" || status=$?
    equal "$status" "$1"
}
message() { getfattr --only-values --absolute-names -n user.occ.commit "$1" | jq -r .message; }

@test "put makes a version and prints its token" {
    first=$(put one f)
    equal "$(cat f)" one
    equal "$first" "$(token f)"
    second=$(put two -m 'the second' f)
    equal "$second" "$(token f)"
    equal "$(cat f f@@/1)" "$(printf 'two\none')"
    equal "$(message f)" 'the second'
    equal "$(ls)" f
    equal "$(put two f)" "$second" # it has that content already
    equal "$(put three -q f)" ""
    equal "$(cat f)" three
}

@test "put --json" {
    put one --json f >"$BATS_TEST_TMPDIR/out"
    equal "$(jq -r '.file, .result, .token, .tries, .sibling' "$BATS_TEST_TMPDIR/out")" "$(printf 'f\ncommitted\n%s\n1\nnull' "$(token f)")"
    old=$(token f)
    write f two
    run --separate-stderr -75 put mine --json --if-match "$old" ./f
    equal "$(jq -r '.result, .token, .sibling' <<<"$output")" "$(printf 'conflict\n%s\n./f.conflict' "$(token f)")"
}

@test "put of an empty input, and of one larger than a pipe" {
    put one f
    "$OCC" put f </dev/null
    equal "$(stat -c %s f)" 0
    head -c 40000000 /dev/urandom >"$BATS_TEST_TMPDIR/large"
    "$OCC" put f <"$BATS_TEST_TMPDIR/large"
    cmp f "$BATS_TEST_TMPDIR/large"
    equal "$(ordinal f)" 3
}

@test "put --if-match: the newest version, or a conflict that keeps what was read" {
    put one f
    old=$(token f)
    new=$(put two --if-match "$old" f)
    equal "$(token f)" "$new"
    run -75 put mine --if-match "$old" f
    [[ $output == *"f: somebody else was faster"*f.conflict* ]]
    equal "$(cat f f.conflict)" "$(printf 'two\nmine')"
    equal "$(conflict_field f.conflict .base)" "$old"
    run -2 put mine --if-match "${old}x" f
    run -2 put mine --if-match "$(token f.conflict)" f
    run -75 put mine --if-match "$old" gone
    [ ! -e gone ]
    equal "$(ls)" "$(printf 'f\nf.conflict')"
}

@test "put --if-absent: makes a file, and never replaces one" {
    put one --if-absent f
    run -75 put two --if-absent f
    [[ $output == *"f: exists already"* ]]
    equal "$(cat f)" one
    : >empty
    run -75 put two --if-absent empty
    equal "$(ls)" "$(printf 'empty\nf')"
    # Of many only one is first.
    pids=()
    for i in 1 2 3 4 5 6; do
        { put "$i" --if-absent -q leader 2>/dev/null && echo "$i" >>"$BATS_TEST_TMPDIR/won"; } 3>&- &
        pids+=($!)
    done
    wait "${pids[@]}" || true
    equal "$(cat "$BATS_TEST_TMPDIR/won")" "$(cat leader)"
}

@test "without a condition, what the file had at the beginning is replaced" {
    put one f
    put_slowly f
    eventually opened
    write f two
    ends_with 75
    equal "$(cat f f.conflict)" "$(printf 'two\nslow')"
}

@test "a file that appears while the input is read is not replaced" {
    mkdir sub
    put_slowly sub/f
    waits() { grep -q pipe "/proc/$slow/wchan"; } # for its input: it has seen that there is no such file
    eventually waits
    write sub/f theirs && write sub/f.conflict taken
    ends_with 75
    equal "$(cat sub/f sub/f.conflict sub/f.2.conflict)" "$(printf 'theirs\ntaken\nslow')"
}

@test "a file that is removed while the input is read: what was read is kept" {
    put one f
    put_slowly f
    eventually opened
    rm f
    ends_with 75
    equal "$(ls)" f.conflict
    equal "$(cat f.conflict)" slow
}

@test "put --force replaces whatever is there" {
    put one f
    old=$(token f)
    write f two
    put three --force f
    equal "$(cat f)" three
    put new --force g
    equal "$(cat g)" new
    # Against a writer who never stops, too.
    until [ -e "$BATS_TEST_TMPDIR/enough" ]; do write f "$RANDOM" 2>/dev/null || true; done 3>&- &
    writer=$!
    for i in $(seq 5); do put "forced $i" --force -q f; done
    touch "$BATS_TEST_TMPDIR/enough"
    wait "$writer"
    for i in $(seq 5); do grep -qx "forced $i" f@@/*; done
    equal "$(find . -name 'f*.conflict' -exec grep -l forced {} +)" "" # if there are any, the writer's
}

@test "put of an input that cannot be read changes nothing" {
    put one f
    # shellcheck disable=SC2016 # the inner shell's
    run -74 bash -c '"$1" put f <.' bash "$OCC"
    equal "$(cat f)" one
    # shellcheck disable=SC2016 # the inner shell's
    run -74 bash -c '"$1" put new <.' bash "$OCC"
    # Nor does one whose reader is killed.
    put_slowly f
    eventually opened
    kill "$slow"
    ends_with 143
    equal "$(cat f)" one
    equal "$(ls)" f
    equal "$(ls f@@)" "$(printf '0\n1')"
}

@test "put --mode is for files that are made" {
    umask 077
    put one --mode 644 f
    equal "$(stat -c %a f)" 644
    put two --mode 600 f
    equal "$(stat -c %a f)" 644
    put one g
    equal "$(stat -c %a g)" 600
}

@test "a request that is repeated has its first outcome" {
    first=$(put one --request-id r1 f)
    put two f >/dev/null
    equal "$(put one --request-id r1 f)" "$first" # the reply was lost
    equal "$(cat f)" two
    equal "$(ordinal f)" 2
    run -74 put other --request-id r1 f
    [[ $output == *"r1"*"another id"* ]]
    equal "$(cat f)" two
    equal "$(ls)" f
    # Whatever the condition says by now.
    equal "$(put one --request-id r1 --if-absent f)" "$first"
    equal "$(put one --request-id r1 --if-match "$first" f)" "$first"
    remount
    equal "$(put one --request-id r1 --force f)" "$first"
    equal "$(ordinal f)" 2
    run -75 put new --request-id r2 --if-absent f
}

@test "misuse of put" {
    for arguments in '' 'f g' '--if-absent --force f' '--if-match x --if-absent f' '--mode 9 f' '--mode u+x f' '--no-such f' '-m f' \
        "--request-id= f"; do
        # shellcheck disable=SC2086 # a list of words
        run -2 put x $arguments
        [[ $output == "occ put: "* ]]
    done
    run -2 put x -m '' f
    run -2 put x -m "$(printf '%05000d' 0)" f
    run -2 put x --request-id 'a b' f
    equal "$(ls)" ""
}

@test "put where there is no occfs, on what is no file, and without rights" {
    run -69 put x "$BATS_TEST_TMPDIR/outside"
    echo before >"$BATS_TEST_TMPDIR/outside"
    run -69 put x "$BATS_TEST_TMPDIR/outside"
    equal "$(cat "$BATS_TEST_TMPDIR/outside")" before
    mkdir d
    run -74 put x d
    run -1 put x nowhere/f
    put one f
    chmod 644 f
    as_nobody test -x "$OCC" || skip "another user may not run $OCC"
    export TMPDIR=/tmp
    run -74 as_nobody "$OCC" put f </dev/null
    [[ $output == *"f: Permission denied"* ]]
    run -74 as_nobody "$OCC" put new </dev/null
    equal "$(cat f)" one
    chmod 666 f && chmod 777 .
    as_nobody "$OCC" put f <<<two
    as_nobody "$OCC" put new <<<theirs
    equal "$(cat f new) $(stat -c %u new)" "$(printf 'two\ntheirs 65534')"
}

@test "a live file is not put without --force" {
    mkdir d && setfattr -n user.occ.policy -v live d
    put one d/f # made, and nobody else's
    before=$(token d/f)
    for condition in '' "--if-match $before"; do
        # shellcheck disable=SC2086 # a list of words
        run -74 put two $condition d/f
        [[ $output == *"d/f: a live file"* ]]
    done
    equal "$(cat d/f)" one
    put two --force d/f
    equal "$(cat d/f)" two
}

@test "put on two mounts" {
    first=$(put one f)
    is_misuse() {
        local status=0
        "$@" || status=$?
        equal "$status" 2
    }
    on_both() {
        put other "$OTHER/f" && (cd "$OTHER" && put more --if-match "$(token f)" f) && put two "$MNT/f" &&
            is_misuse put x --if-match "$first" "$OTHER/f" && equal "$(cat f "$OTHER/f")" "$(printf 'two\nmore')"
    }
    with_other_mount on_both
}

@test "the examples of occ-put(1)" {
    occ_on_path
    "$ROOT/tests/manual-examples" "$ROOT/man/occ-put.1"
}
