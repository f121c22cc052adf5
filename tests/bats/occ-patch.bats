#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# occ patch: JSON Patch, JSON Merge Patch and unified differences, again after a conflict.
load common

patch_with() { printf '%s' "$1" | "$OCC" patch "${@:2}"; } # patch, arguments
DOCUMENT='{"a": 1.0,   "b": [1, 2,3], "n": 123456789012345678901234567890}'

@test "each type of patch, by its first character" {
    write f "$DOCUMENT"
    patch_with '[{"op": "replace", "path": "/b/1", "value": 20}]' f >"$BATS_TEST_TMPDIR/out"
    equal "$(cat f)" '{"a": 1.0,   "b": [1, 20,3], "n": 123456789012345678901234567890}'
    equal "$(cat "$BATS_TEST_TMPDIR/out")" "$(token f)"
    patch_with $'\n {"a": null, "c": 7}' -m merged f
    equal "$(cat f)" '{"b": [1, 20,3], "n": 123456789012345678901234567890, "c": 7}'
    equal "$(getfattr --only-values -n user.occ.commit f | jq -r .message)" merged
    printf '%s\n' one two three >text
    printf '%s\n' one 2 three >new
    diff -u text new >"$BATS_TEST_TMPDIR/diff" || true
    "$OCC" patch -q text "$BATS_TEST_TMPDIR/diff"
    equal "$(cat text)" "$(printf 'one\n2\nthree')"
    equal "$(ls)" "$(printf 'f\nnew\ntext')"
}

@test "--type says what a patch is, and - is standard input" {
    write f '[1]'
    patch_with '[2]' --type merge f -
    equal "$(cat f)" '[2]'
    run -2 patch_with '[2]' --type json f
    run -2 patch_with '{}' --type diff f
    patch_with '[]' --type json f
    equal "$(cat f)" '[2]'
}

@test "patch --json, and one that changes nothing" {
    write f "$DOCUMENT"
    before=$(token f)
    equal "$(patch_with '{"a": 1}' --json f | jq -r .result,.token)" "$(printf 'unchanged\n%s' "$before")"
    equal "$(cat f)" "$DOCUMENT"
    equal "$(patch_with '{"a": 2}' --json f | jq -r .file,.result,.tries,.sibling)" "$(printf 'f\ncommitted\n1\nnull')"
}

@test "what cannot be applied to this content is no" {
    write f "$DOCUMENT"
    before=$(token f)
    run -1 patch_with '[{"op": "replace", "path": "/a", "value": 2}, {"op": "test", "path": "/b/0", "value": 2}]' f
    [[ $output == "occ: f: "*"/b/0"*"nothing was changed"* ]]
    run -1 patch_with '[{"op": "remove", "path": "/gone"}]' f
    [[ $output == *"/gone"* ]]
    run -1 patch_with $'--- f\n+++ f\n@@ -1 +1 @@\n-something else\n+new\n' f
    [[ $output == *"does not fit"* ]]
    equal "$(cat f) $(token f)" "$DOCUMENT $before"
    equal "$(ls)" f
}

@test "what is no patch is misuse" {
    write f "$DOCUMENT"
    before=$(token f)
    for patch in '' ' ' '[' '{"a": 1' '[{"op": "replace", "path": "/a"}]' '[{"op": "turn", "path": "/a"}]' '[1]' 'nonsense' \
        $'--- f\n+++ f\n@@ -1,2 +1 @@\n-a\n' $'@@ nonsense\n' $'--- f\n+++ f\n' \
        $'--- f\n+++ f\n@@ -1 +1 @@\n-a\n+b\n--- g\n+++ g\n@@ -1 +1 @@\n-a\n+b\n'; do
        run -2 patch_with "$patch" f
        [[ $output == "occ: standard input: not a patch"* ]]
    done
    run -2 "$OCC" patch
    run -2 "$OCC" patch f p q
    run -2 patch_with '{}' --type xml f
    run -2 patch_with '{}' --retry never f
    run -74 "$OCC" patch f /
    run -1 "$OCC" patch f no-such-patch
    equal "$(token f)" "$before"
}

@test "content that is no JSON" {
    write f 'a: 1'
    run -74 patch_with '{"a": 2}' f
    [[ $output == "occ: f: its content is no JSON"* ]]
    write f '{"a": 1, "a": 2}'
    run -1 patch_with '[{"op": "replace", "path": "/a", "value": 2}]' f
    equal "$(cat f)" '{"a": 1, "a": 2}'
}

@test "differences keep every byte, and do not guess" {
    put() { tee "$1" >/dev/null; } # file; not by the shell, which has not read what patch wrote
    difference_of() { run -1 diff -u "$1" "$2"; }
    printf 'a\r\nb\r\nc' | put f
    printf 'a\r\nB\r\nc' | put g
    difference_of f g
    "$OCC" patch f <<<"$output"
    cmp f g
    printf 'c\nd' | put new
    printf 'c\n' | put old
    difference_of old new
    "$OCC" patch old <<<"$output"
    cmp old new
    # Context that is not the same is not passed over, context that has moved is found.
    printf '%s\n' 1 2 3 4 5 6 7 8 9 | put f
    sed 's/5/five/' f | put g
    difference_of f g
    sed 's/^3$/three/' f | put other
    printf '%s\n' new lines | cat - f | put moved
    "$OCC" patch moved <<<"$output"
    equal "$(sed -n 7p moved)" five
    run -1 "$OCC" patch other <<<"$output"
    # Lines that look like the head of a file are none within a hunk.
    printf -- '-- a\n' | put f
    printf '++ b\n' | put g
    difference_of f g
    "$OCC" patch f <<<"$output"
    cmp f g
}

@test "a difference is no script" {
    write f one
    run -2 patch_with $'1c\ntwo\n.\n!touch evil\n' f
    run -2 patch_with $'1c\ntwo\n.\n!touch evil\n' --type diff f
    # Names and modes in it mean nothing.
    patch_with $'diff --git a/x b/y\nold mode 100644\nnew mode 100755\nrename from x\nrename to y\n--- a/x\n+++ b/y\n@@ -1 +1 @@\n-one\n+two\n' f
    equal "$(cat f) $(ls) $(stat -c %a f)" "two f 644"
    # One that removes all lines leaves an empty file.
    patch_with $'--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-two\n' f
    equal "$(ls) $(stat -c %s f)" "f 0"
    patch_with $'--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+new\n' f
    equal "$(cat f)" new
}

@test "patch --create" {
    run -1 patch_with '{"a": 1}' f
    patch_with '{"a": 1}' --create f
    equal "$(cat f)" '{"a": 1}'
    patch_with '[{"op": "replace", "path": "", "value": [1]}]' --create g
    equal "$(cat g)" '[1]'
    patch_with $'--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+new\n' --create h
    equal "$(cat h)" new
    run -1 patch_with '[{"op": "test", "path": "", "value": 1}]' --create i
    equal "$(ls)" "$(printf 'f\ng\nh')"
}

@test "two writers on different fields of one JSON file both land" {
    write f '{"left": 0, "right": 0, "both": []}'
    count() { # field
        local i
        for ((i = 1; i <= 8; i++)); do
            patch_with "[{\"op\": \"replace\", \"path\": \"/$1\", \"value\": $i}, {\"op\": \"add\", \"path\": \"/both/-\", \"value\": \"$1\"}]" \
                -q --deadline 50s f
        done
    }
    count left 3>&- &
    left=$!
    count right 3>&- &
    right=$!
    wait "$left" && wait "$right"
    equal "$(jq -c '[.left, .right, (.both | length)]' f)" '[8,8,16]'
    equal "$(ordinal f)" 17
    equal "$(ls)" f
}

@test "two writers on one field with test guards: one lands, one is told no" {
    write f '{"owner": null, "n": 0}'
    claim() { # name
        patch_with "[{\"op\": \"test\", \"path\": \"/owner\", \"value\": null}, {\"op\": \"replace\", \"path\": \"/owner\", \"value\": \"$1\"}]" -q f
    }
    pids=() codes=()
    for name in a b c d; do
        claim "$name" 2>/dev/null 3>&- &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        code=0
        wait "$pid" || code=$?
        codes+=("$code")
    done
    equal "$(printf '%s\n' "${codes[@]}" | sort | tr '\n' ' ')" "0 1 1 1 "
    equal "$(ordinal f)" 2
    equal "$(ls)" f
}

@test "a request under which a patch was applied is not applied again" {
    write f '[0]'
    append() { patch_with '[{"op": "add", "path": "/-", "value": 1}]' --request-id r f; }
    first=$(append)
    equal "$(append)" "$first"
    equal "$(cat f)" '[0,1]'
    patch_with '[{"op": "add", "path": "/-", "value": 1}]' --request-id s f
    equal "$(cat f)" '[0,1,1]'
}

@test "when all attempts were conflicts, one sibling stays and the difference is told" {
    # A patch that takes long enough for somebody else: patch(1) is one that writes the file first.
    mkdir "$BATS_TEST_TMPDIR/slow"
    printf '#!/bin/sh\ndate +%%N | tee -a "%s" >/dev/null\nexec /usr/bin/patch "$@"\n' "$MNT/f" >"$BATS_TEST_TMPDIR/slow/patch"
    chmod +x "$BATS_TEST_TMPDIR/slow/patch"
    write f one
    PATH=$BATS_TEST_TMPDIR/slow:$PATH run --separate-stderr -75 patch_with $'@@ -1 +1 @@\n-one\n+two\n' --retries 1 f
    # shellcheck disable=SC2154 # stderr is set by run
    [[ $stderr == *"f: somebody else was faster"*"2 tries"*"$(token f)"*"-one"*"+two"* ]]
    equal "$(ls)" "$(printf 'f\nf.conflict')"
    equal "$(head -n 1 f.conflict)" two
}

@test "patch where there is no occfs, on what is no file, without rights, of a removed file, on two mounts" {
    echo '{}' >"$BATS_TEST_TMPDIR/outside"
    run -69 patch_with '{"a": 1}' "$BATS_TEST_TMPDIR/outside"
    equal "$(cat "$BATS_TEST_TMPDIR/outside")" '{}'
    mkdir d
    run -74 patch_with '{"a": 1}' d
    write f '{}' && rm f
    run -1 patch_with '{"a": 1}' f
    write g '{}'
    on_both() { write "$OTHER/g" '{}' && patch_with '{"a": 1}' "$OTHER/g" && patch_with '{"b": 1}' g; }
    with_other_mount on_both
    equal "$(cat g)" '{"b":1}'
    as_nobody test -x "$OCC" || skip "another user may not run $OCC"
    export TMPDIR=/tmp
    run -74 as_nobody "$OCC" patch g <<<'{"a": 1}'
    [[ $output == *"g: Permission denied"* ]]
    chmod 666 g
    as_nobody "$OCC" patch g <<<'{"a": 1}'
    equal "$(jq -c . g)" '{"b":1,"a":1}'
}

@test "the examples of occ-patch(1)" {
    occ_on_path
    "$ROOT/tests/manual-examples" "$ROOT/man/occ-patch.1"
}
