#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# occ update: a command's output replaces what it was given, again after a conflict.
load common

update() { "$OCC" update "$@"; }

@test "update commits what the command prints" {
    write f one
    update -m 'in capitals' f -- tr a-z A-Z >"$BATS_TEST_TMPDIR/out"
    equal "$(cat f)" ONE
    equal "$(cat "$BATS_TEST_TMPDIR/out")" "$(token f)"
    equal "$(getfattr --only-values -n user.occ.commit f | jq -r .message)" 'in capitals'
    equal "$(update -q f sed s/ONE/two/)" "" # -- is not needed
    equal "$(cat f)" two
    update f -- sh -c 'cat; echo more'
    equal "$(cat f)" "$(printf 'two\nmore')"
    equal "$(ls)" f
}

@test "update --json, and a command that changes nothing" {
    write f one
    before=$(token f)
    equal "$(update --json f -- cat | jq -r '.file, .result, .token, .tries, .sibling')" "$(printf 'f\nunchanged\n%s\n1\nnull' "$before")"
    equal "$(token f)" "$before"
    equal "$(update --json f -- tr a-z A-Z | jq -r .result,.token)" "$(printf 'committed\n%s' "$(token f)")"
}

@test "after a conflict the command is given the newest content" {
    write f base
    # The first time somebody else writes while it runs.
    # shellcheck disable=SC2016 # expanded by the inner shell
    update -v f -- sh -c 'cat; echo mine; [ -e "$1" ] || { : >"$1"; echo theirs | tee f >/dev/null; }' sh "$BATS_TEST_TMPDIR/once" \
        2>"$BATS_TEST_TMPDIR/told"
    equal "$(cat f)" "$(printf 'theirs\nmine')"
    equal "$(grep -c 'f: try' "$BATS_TEST_TMPDIR/told")" 2
    equal "$(ls)" f # the sibling of the first attempt is gone
    equal "$(wc -l <.occ/conflicts)" 0
}

@test "when all attempts were conflicts one sibling stays, and the difference is told" {
    write f base
    run --separate-stderr -75 update --retries 3 f -- sh -c 'cat; echo mine; date +%N | tee f >/dev/null'
    equal "$output" ""
    equal "$(ls)" "$(printf 'f\nf.conflict')"
    equal "$(tail -n 1 f.conflict)" mine
    equal "$(ordinal f)" 5 # base, and one for each of four tries
    # shellcheck disable=SC2154 # stderr is set by run
    [[ $stderr == *"f: somebody else was faster"*f.conflict*"4 tries"*"$(token f)"* ]]
    [[ $stderr == *"--- f"*"$(token f)"*"+++ f.conflict"*"-$(cat f)"*"+mine"* ]]
    run --separate-stderr -75 update --json --retries 0 f -- sh -c 'cat; echo again; date +%N | tee f >/dev/null'
    equal "$(jq -r '.result, .tries, .sibling, .token' <<<"$output")" "$(printf 'conflict\n1\nf.2.conflict\n%s' "$(token f)")"
}

@test "retry presets, retries and deadlines" {
    tries() { # options
        write f "$RANDOM.$RANDOM" && rm -f f.conflict "$BATS_TEST_TMPDIR/tries"
        # shellcheck disable=SC2016 # expanded by the inner shell
        run -75 update "$@" f -- sh -c 'echo >>"$0"; echo mine; date +%N | tee f >/dev/null' "$BATS_TEST_TMPDIR/tries"
        wc -l <"$BATS_TEST_TMPDIR/tries"
    }
    equal "$(tries)" 5
    equal "$(tries --retry default)" 5
    begun=$(date +%s%N)
    equal "$(tries --retry backoff)" 4
    [ $(($(date +%s%N) - begun)) -ge 310000000 ] # 10, 50 and 250 ms
    equal "$(tries --retries 2)" 3
    equal "$(tries --retry backoff --retries 1)" 2
    equal "$(tries --retry=default --retries 7)" 8
    equal "$(tries --deadline 0)" 1
    [ "$(tries --retry backoff --deadline 200ms)" -lt 4 ] # 10 and 50 ms may be in time, another 250 are not
    [ "$(tries --deadline 2s)" -gt 1 ] # as often as there is time for
}

@test "a counter that 8 loops increment has counted all" {
    increment_often() {
        local i
        # shellcheck disable=SC2016 # awk's
        for ((i = 0; i < 10; i++)); do update -q --create --deadline 50s counter -- awk '{ n = $1 } END { print n + 1 }'; done
    }
    local loop loops=()
    for loop in 1 2 3 4 5 6 7 8; do
        increment_often >"$BATS_TEST_TMPDIR/$loop" 2>&1 3>&- &
        loops+=($!)
    done
    wait "${loops[@]}"
    equal "$(cat "$BATS_TEST_TMPDIR"/[1-8])" ""
    equal "$(cat counter)" 80
    equal "$(ordinal counter)" 80
    equal "$(ls)" counter
}

@test "a command that fails leaves the file as it is, and its status is told" {
    write f one
    before=$(token f)
    run -74 update f -- sh -c 'echo half; exit 3'
    [[ $output == *"f: sh exited with 3"* ]]
    # shellcheck disable=SC2016 # the inner shell's
    run -74 update f -- sh -c 'echo half; kill -9 $$'
    [[ $output == *"sh was killed by signal 9"* ]]
    run -74 update f -- no-such-command
    [[ $output == *"no-such-command: No such file"* ]]
    run -74 update f -- /dev/null
    equal "$(cat f) $(token f)" "one $before"
    run -74 update --create new -- false
    equal "$(ls)" f
    equal "$(ls f@@)" "$(printf '0\n1')"
}

@test "update --create" {
    run -1 update f -- echo new
    [[ $output == *"f: no such file"* ]]
    equal "$(ls)" ""
    update --create f -- sh -c 'cat; echo new'
    update --create f -- sh -c 'cat; echo more'
    equal "$(cat f)" "$(printf 'new\nmore')"
    equal "$(ordinal f)" 2
}

@test "update under a request id runs its command once" {
    write f 1
    # shellcheck disable=SC2016 # awk's
    increment() { update --request-id "$1" f -- awk '{ print $1 + 1 }'; }
    first=$(increment a)
    equal "$(increment a)" "$first" # the reply was lost
    equal "$(cat f)" 2
    second=$(increment b)
    equal "$(cat f)" 3
    equal "$(increment a) $(increment b)" "$first $second"
    equal "$(cat f)" 3
    equal "$(update --json --request-id b f -- false | jq -r .result,.token)" "$(printf 'committed\n%s' "$second")"
}

@test "misuse of update" {
    for arguments in '' f 'f --' '--retry often f -- cat' '--retries -1 f -- cat' '--retries x f -- cat' '--deadline soon f -- cat' \
        '--no-such f -- cat'; do
        # shellcheck disable=SC2086 # a list of words
        run -2 update $arguments
        [[ $output == "occ update: "* ]]
    done
}

@test "update where there is no occfs, on what is no file, without rights, of a removed file" {
    echo before >"$BATS_TEST_TMPDIR/outside"
    run -69 update "$BATS_TEST_TMPDIR/outside" -- tr a-z A-Z
    equal "$(cat "$BATS_TEST_TMPDIR/outside")" before
    mkdir d
    run -74 update d -- cat
    write f one
    rm f
    run -1 update f -- cat
    write g one
    as_nobody test -x "$OCC" || skip "another user may not run $OCC"
    export TMPDIR=/tmp
    run -74 as_nobody "$OCC" update g -- tr a-z A-Z
    equal "$(cat g)" one
    chmod 666 g
    as_nobody "$OCC" update g -- tr a-z A-Z
    equal "$(cat g)" ONE
}

@test "a file that is removed while the command runs: what it made is kept" {
    write f one
    mkfifo "$BATS_TEST_TMPDIR/pipe"
    # shellcheck disable=SC2016 # the inner shell's
    update --retries 0 f -- sh -c 'read -r line <"$0"; echo mine' "$BATS_TEST_TMPDIR/pipe" 3>&- &
    updater=$!
    exec 7>"$BATS_TEST_TMPDIR/pipe" # it runs
    rm f
    echo >&7
    exec 7>&-
    status=0
    wait "$updater" || status=$?
    equal "$status $(ls) $(cat f.conflict)" "75 f.conflict mine"
}

@test "live files are not updated" {
    write f one
    setfattr -n user.occ.policy -v live f
    run -74 update f -- tr a-z A-Z
    [[ $output == *"f: a live file"* ]]
    equal "$(cat f)" one
}

@test "update on two mounts" {
    write f one
    on_both() {
        write "$OTHER/f" other && update f -- sh -c "cat; cat '$OTHER/f'" && (cd "$OTHER" && update f -- tr a-z A-Z) &&
            equal "$(cat f "$OTHER/f")" "$(printf 'one\nother\nOTHER')"
    }
    with_other_mount on_both
}

@test "the examples of occ-update(1)" {
    occ_on_path
    echo '{"replicas": 1}' >config.json
    "$ROOT/tests/manual-examples" "$ROOT/man/occ-update.1"
    equal "$(cat counter list; jq .replicas config.json)" "$(printf '1\nmilk\n2')"
}
