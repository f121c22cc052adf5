#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016 # what editors do is expanded by their shell
load common
load conflicts

# occ edit, with an editor that is a script, and a user who answers what is asked.

# Each line is what the editor does when it is opened once more; $1 is the file.
editor() {
    printf '%s\n' "$@" >"$BATS_TEST_TMPDIR/rounds"
    cat >"$BATS_TEST_TMPDIR/editor" <<'EOF'
#!/bin/bash
here=${0%/*}
round=$(($(cat "$here/round" 2>/dev/null || echo 0) + 1))
echo $round >"$here/round"
printf '%s\n' "$1" >>"$here/opened"
cp "$1" "$here/seen.$round"
eval "$(sed -n ${round}p "$here/rounds")"
EOF
    chmod 755 "$BATS_TEST_TMPDIR/editor"
    rm -f "$BATS_TEST_TMPDIR/round" "$BATS_TEST_TMPDIR/opened"
    export EDITOR=$BATS_TEST_TMPDIR/editor TMPDIR=$BATS_TEST_TMPDIR/private
    unset VISUAL
    mkdir -p "$TMPDIR"
}
seen() { cat "$BATS_TEST_TMPDIR/seen.$1"; }
opened() { if [ -e "$BATS_TEST_TMPDIR/opened" ]; then wc -l <"$BATS_TEST_TMPDIR/opened"; else echo 0; fi; }
nothing_left() { equal "$(ls -A "$TMPDIR")" ""; }
# On a terminal: the answers, then the arguments of occ. What is on the screen is in $output.
answering() {
    local answers=$1
    shift
    # shellcheck disable=SC2059 # \n between the answers
    run bash -c 'printf "$1" | script -qec "$2" /dev/null' bash "$answers" "$(printf '%q ' "$OCC" "$@")"
}
exits() { [ "$status" -eq "$1" ] || { printf 'exit %s: %s\n' "$status" "$output"; return 1; }; }
lines() { printf '%s\n' "$@"; }

@test "what the editor makes is the next version" {
    lines a b >f
    editor 'sed -i s/b/B/ "$1"'
    occ_exits 0 edit -m "larger" f
    equal "$(cat f)" "$(lines a B)"
    equal "$(ordinal f)" 2
    equal "$(getfattr --only-values -n user.occ.message f)" larger
    nothing_left
    equal "$(ls -A)" f
}

@test "the copy has the file's name, and nobody else can read it" {
    mkdir d && write d/Makefile a
    editor 'stat -c "%a %n" "${1%/*}" "$1" >"$here/modes"; echo b >"$1"'
    occ_exits 0 edit d/Makefile
    equal "$(sed "s,$TMPDIR/occ-......,DIRECTORY," "$BATS_TEST_TMPDIR/modes")" "$(lines "700 DIRECTORY" "600 DIRECTORY/Makefile")"
    equal "$(cat d/Makefile)" b
}

@test "an editor that saves by renaming is followed" {
    write f a
    editor 'echo b >"$1.new"; mv "$1.new" "$1"; touch "${1%/*}/backup~"'
    occ_exits 0 edit f
    equal "$(cat f)" b
    nothing_left
}

@test "VISUAL comes before EDITOR, and either may have arguments" {
    write f a
    editor 'exit 9'
    VISUAL="sed -i -e s/a/visual/" occ_exits 0 edit f
    equal "$(cat f)" visual
    EDITOR="vi -u NONE -es -c %s/visual/vi/ -c wq" occ_exits 0 edit f
    equal "$(cat f)" vi
}

@test "unchanged is no version" {
    write f a
    editor 'touch "$1"'
    occ_exits 0 edit f
    equal "$output" "occ: f: unchanged: nothing was committed"
    equal "$(ordinal f)" 1
    nothing_left
    editor 'touch "$1"'
    occ_exits 0 edit -q f
    equal "$output" ""
}

@test "a file that does not exist is created, if something was written" {
    mkdir d
    editor : 'echo new >"$1"'
    occ_exits 0 edit d/f
    equal "$(ls -A d)" ""
    occ_exits 0 edit d/f
    equal "$(cat d/f)" new
    equal "$(ls -A d)" f
    equal "$(seen 2)" ""
}

@test "an editor that fails commits nothing, and what it has made is kept" {
    write f a
    editor 'exit 3' 'echo b >"$1"; exit 3' 'echo c >"$1"; kill -TERM $$'
    occ_exits 74 edit f
    [[ $output == *"the editor failed with 3"* ]]
    nothing_left
    occ_exits 74 edit f
    [[ ${lines[1]} =~ "your text is kept in "(.*)")" ]]
    equal "$(cat "${BASH_REMATCH[1]}")" b
    occ_exits 74 edit f
    [[ $output == *"the editor was ended by signal 15"* ]]
    equal "$(cat f) $(ordinal f)" "a 1"
    EDITOR=/nonexistent/editor occ_exits 74 edit f
}

@test "an editor that removes the copy commits nothing" {
    write f a
    editor 'rm "$1"'
    occ_exits 1 edit f
    equal "$(cat f) $(ordinal f)" "a 1"
}

@test "without a terminal a conflict is 75, and the text is in the sibling" {
    write f a
    editor 'echo mine >"$1"; echo theirs | tee "$MNT/f" >/dev/null'
    export MNT
    occ_exits 75 edit f </dev/null
    equal "$output" "occ: f: was changed meanwhile (your text is kept in f.conflict; 'occ resolve f' merges it)"
    equal "$(cat f f.conflict)" "$(lines theirs mine)"
    nothing_left
}

# Somebody else changes line 1; the user changes line 3.
two_lines_apart() {
    export MNT
    lines one two three | tee f >/dev/null
    editor 'sed -i s/three/THREE/ "$1"; sed s/one/ONE/ "$MNT/f" | tee "$MNT/f.new" >/dev/null; mv "$MNT/f.new" "$MNT/f"' "$@"
}

@test "merge: what both have changed" {
    two_lines_apart
    answering 'm\n' edit -m both f
    exits 0
    [[ $output == *"-one"*"+ONE"*"[m]erge, [r]etry with the newest, [k]eep mine, [a]bort?"* ]]
    equal "$(cat f)" "$(lines ONE two THREE)"
    equal "$(ls -A)" f
    equal "$(getfattr --only-values -n user.occ.commit f | jq -r '.operation, .message, (.parents | length)')" "$(lines resolve both 2)"
    nothing_left
}

@test "merge: the same line is decided in the editor" {
    export MNT
    write f one
    editor 'echo mine >"$1"; echo theirs | tee "$MNT/f" >/dev/null' 'echo both >"$1"'
    answering 'm\n' edit f
    exits 0
    equal "$(seen 2)" "$(lines '<<<<<<< mine' mine '||||||| base' one ======= theirs '>>>>>>> theirs')"
    equal "$(cat f)" both
    equal "$(ls -A)" f
    nothing_left
}

@test "merge: as long as markers are left, it asks again" {
    export MNT
    write f one
    editor 'echo mine >"$1"; echo theirs | tee "$MNT/f" >/dev/null' 'echo more >>"$1"' :
    answering 'm\nm\na\n' edit f
    exits 75
    [[ $output == *"1 conflict is left: nothing was changed (the text is kept in "* ]]
    [[ $output == *"the conflicts are as they were"* ]]
    equal "$(opened)" 3
    equal "$(cat f f.conflict)" "$(lines theirs mine)"
}

@test "retry: the newest is edited anew" {
    two_lines_apart 'sed -i s/two/TWO/ "$1"'
    answering 'r\n' edit f
    exits 0
    equal "$(seen 2)" "$(lines ONE two three)"
    equal "$(cat f)" "$(lines ONE TWO three)"
    equal "$(ls -A)" f
    nothing_left
}

@test "retry without a change asks again" {
    two_lines_apart :
    answering 'r\nk\n' edit f
    exits 0
    equal "$(cat f)" "$(lines one two THREE)"
}

@test "keep mine: the newest is replaced and stays in history" {
    two_lines_apart
    answering 'k\n' edit f
    exits 0
    equal "$(cat f)" "$(lines one two THREE)"
    equal "$(cat "f@@/2")" "$(lines ONE two three)"
    equal "$(ls -A)" f
}

@test "abort, and the end of input: the text stays in the sibling" {
    two_lines_apart
    answering 'what\na\n' edit f
    exits 75
    equal "$(grep -o '\[m\]erge' <<<"$output" | wc -l)" 2
    [[ $output == *"your text is kept in f.conflict"* ]]
    equal "$(cat f f.conflict)" "$(lines ONE two three one two THREE)"
    rm f.conflict
    two_lines_apart
    answering '\004' edit f
    exits 75
    equal "$(cat f.conflict)" "$(lines one two THREE)"
    nothing_left
}

@test "somebody is faster again and again: it asks each time, and one sibling is left of it" {
    export MNT
    write f one
    editor 'echo mine >"$1"; echo theirs | tee "$MNT/f" >/dev/null' \
        'echo again >"$1"; echo faster | tee "$MNT/f" >/dev/null' 'echo third >"$1"; echo fastest | tee "$MNT/f" >/dev/null'
    answering 'r\nr\na\n' edit f
    exits 75
    [[ $output == *"+theirs"*"+faster"*"+fastest"* ]]
    equal "$(cat f)" fastest
    equal "$(cat ./*.conflict)" third
    answering 'k\n' edit f # the fourth round changes nothing
    exits 0
}

@test "a file that was removed meanwhile is not brought back" {
    export MNT
    write f a
    editor 'echo mine >"$1"; rm "$MNT/f"'
    occ_exits 75 edit f
    [[ $output =~ "was removed meanwhile (your text is kept in "(.*)")" ]]
    equal "$(cat "${BASH_REMATCH[1]}")" mine
    equal "$(ls -A)" ""
}

@test "a file that somebody else has made meanwhile is not replaced" {
    export MNT
    editor 'echo mine >"$1"; echo theirs | tee "$MNT/f" >/dev/null'
    occ_exits 75 edit f </dev/null
    [[ $output =~ "was changed meanwhile (your text is kept in "(.*)")" ]]
    equal "$(cat f "${BASH_REMATCH[1]}")" "$(lines theirs mine)"
    rm -r f "$TMPDIR"
    editor 'echo mine >"$1"; echo theirs | tee "$MNT/f" >/dev/null' 'echo both >"$1"'
    answering 'm\n' edit f
    exits 0
    equal "$(cat f)" both
    nothing_left
}

@test "binary content is not merged, the other ways are open" {
    export MNT
    printf 'a\0b' >f
    editor 'printf "mine\0" >"$1"; printf "theirs\0" | tee "$MNT/f" >/dev/null'
    answering 'm\nk\n' edit f
    exits 0
    [[ $output == *"Binary files differ"*"is not text that can be merged"* ]]
    equal "$(tr -d '\0' <f)" mine
}

@test "names of any bytes, and symbolic links" {
    editor 'echo b >"$1"' 'echo c >"$1"'
    write $'a \n b' a
    ln -s $'a \n b' link
    occ_exits 0 edit $'a \n b'
    equal "$(cat $'a \n b')" b
    occ_exits 0 edit link
    equal "$(cat $'a \n b')" c
    [ -L link ]
}

@test "what cannot be committed is not edited" {
    editor 'echo b >"$1"'
    mkdir "$BATS_TEST_TMPDIR/elsewhere" && echo a >"$BATS_TEST_TMPDIR/elsewhere/f"
    occ_exits 69 edit "$BATS_TEST_TMPDIR/elsewhere/f"
    occ_exits 69 edit "$BATS_TEST_TMPDIR/elsewhere/new"
    occ_exits 1 edit nodirectory/f
    write f a && chmod 644 f
    chmod 755 .
    run as_nobody env "EDITOR=$EDITOR" "$OCC" edit f
    equal "$status $output" "74 occ: f: Permission denied"
    run as_nobody env "EDITOR=$EDITOR" "$OCC" edit new
    equal "$status $output" "74 occ: new: Permission denied"
    occ_exits 2 edit f@@1
    occ_exits 2 edit
    occ_exits 2 edit f g
    occ_exits 2 edit --nonsense f
    equal "$(opened)" 0
    equal "$(cat f)" a
}
