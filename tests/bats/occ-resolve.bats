#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
load common
load conflicts

# occ resolve: each way to decide a conflict.

# An editor that puts one line in place of each conflict.
decides() {
    # shellcheck disable=SC2016 # expanded by the script
    printf '#!/bin/sh\nsed -i "/^<<<<<<<*<* mine/,/^>>>>>>>*>* theirs/c\\\\decided" "$1"\n' >"$BATS_TEST_TMPDIR/decides"
    chmod 755 "$BATS_TEST_TMPDIR/decides"
    EDITOR=$BATS_TEST_TMPDIR/decides "$@"
}
names() { find . -mindepth 1 -printf '%f\n' | LC_ALL=C sort | tr '\n' ' '; }
lines() { printf '%s\n' "$@"; }
commit_of() { getfattr --only-values --absolute-names -n user.occ.commit "$1" | jq -r "$2"; }
apart() { make_conflict "${1:-f}" "$(lines one two THREE)" "$(lines ONE two three)" "$(lines one two three)"; }
together() { make_conflict "${1:-f}" "$(lines one mine three)" "$(lines one theirs three)" "$(lines one two three)"; }
untouched() { # after `together`
    equal "$(cat f f.conflict)" "$(lines one theirs three)
$(lines one mine three)"
    equal "$(ordinal f)" 2
}
exits() { [ "$status" -eq "$1" ] || { printf 'exit %s: %s\n' "$status" "$output"; return 1; }; }

@test "changes of different lines are merged into a version with both parents" {
    local theirs mine
    apart
    theirs=$(token f) mine=$(token f.conflict)
    occ_exits 0 resolve -m "both of us" f
    equal "$output" "occ: f: f.conflict is resolved"
    equal "$(cat f)" "$(lines ONE two THREE)"
    equal "$(ls -A)" f
    equal "$(commit_of f '.operation, .message, .ordinal, .parents[0], .parents[1]')" "$(lines resolve "both of us" 3 "$theirs" "$mine")"
    occ_exits 0 conflicts
    remount
    equal "$(cat f)" "$(lines ONE two THREE)"
    equal "$(commit_of f .parents[1])" "$mine"
}

@test "changes of the same line decide nothing: 75, and all is as it was" {
    together
    occ_exits 75 resolve f
    equal "$output" "occ: f: 1 conflict with f.conflict: nothing was changed (--edit, --tool, --mine or --theirs decide)"
    untouched
    occ_exits 75 resolve --merge -q f
    untouched
    occ_exits 1 conflicts
}

@test "the marked text goes into a file or to standard output" {
    local marked
    marked=$(lines one '<<<<<<< mine' mine '||||||| base' two ======= theirs '>>>>>>> theirs' three)
    together
    occ_exits 75 resolve -o "$BATS_TEST_TMPDIR/marked" f
    equal "$(cat "$BATS_TEST_TMPDIR/marked")" "$marked"
    run --separate-stderr "$OCC" resolve --output=- f
    exits 75
    equal "$output" "$marked"
    untouched
    occ_exits 1 resolve -o nodirectory/f f
    untouched
}

@test "markers are longer than what looks like one in the text" {
    make_conflict f "$(lines '<<<<<<<' '>>>>>>>>>' mine)" "$(lines '<<<<<<<' '>>>>>>>>>' theirs)" "$(lines '<<<<<<<' '>>>>>>>>>' base)"
    run --separate-stderr "$OCC" resolve -o - f
    exits 75
    equal "${lines[2]}" "<<<<<<<<<< mine"
    equal "$(grep -c '^<<<<<<<<<<' <<<"$output")" 1
    decides occ_exits 0 resolve --edit f
    equal "$(cat f)" "$(lines '<<<<<<<' '>>>>>>>>>' decided)"
}

@test "a merge is that of git" {
    local i expected seen
    for i in $(seq 12); do
        python3 - "$i" "$BATS_TEST_TMPDIR" <<'EOF'
import random, sys
random.seed(int(sys.argv[1]))
base = [f"line {random.randrange(9)}\n" for _ in range(30)]
def changed():
    text = list(base)
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(text))
        text[at:at + random.randrange(3)] = [f"new {random.randrange(3)}\n" for _ in range(random.randrange(3))]
    return "".join(text)
for name, text in ("base", "".join(base)), ("mine", changed()), ("theirs", changed() + random.choice(["", "no newline"])):
    open(f"{sys.argv[2]}/{name}", "w").write(text)
EOF
        cd "$BATS_TEST_TMPDIR"
        expected=0
        git merge-file -p --diff3 -L mine -L base -L theirs mine base theirs >expected || expected=$?
        cd "$MNT"
        python3 -c "
import os, sys
text = lambda name: open(sys.argv[1] + '/' + name, 'rb').read()
def put(name):
    with open('f$i', 'wb') as file: file.write(text(name))
put('base'); fd = os.open('f$i', os.O_WRONLY | os.O_TRUNC); os.write(fd, text('mine')); put('theirs')
try: os.close(fd)
except BlockingIOError: pass" "$BATS_TEST_TMPDIR"
        [ -e "f$i.conflict" ] || continue # both have made the same of it
        seen=0
        "$OCC" resolve -q -o "$BATS_TEST_TMPDIR/seen" "f$i" 2>"$BATS_TEST_TMPDIR/said" || seen=$?
        if [ "$expected" -eq 0 ]; then
            equal "$seen" 0
            cmp "$BATS_TEST_TMPDIR/expected" "f$i"
        else
            equal "$seen" 75
            grep -q "$expected conflict" "$BATS_TEST_TMPDIR/said"
            cmp "$BATS_TEST_TMPDIR/expected" "$BATS_TEST_TMPDIR/seen"
        fi
    done
}

@test "--edit: the editor decides, and markers that are left are refused" {
    together
    EDITOR="sed -i -e s/theirs/THEIRS/" occ_exits 75 resolve --edit f
    [[ $output =~ "1 conflict is left: nothing was changed (the text is kept in "(.*)")" ]]
    grep -q THEIRS "${BASH_REMATCH[1]}"
    untouched
    EDITOR=true occ_exits 75 resolve --edit f
    equal "$output" "occ: f: the conflicts are as they were: nothing was changed"
    EDITOR=false occ_exits 74 resolve --edit f
    untouched
    decides occ_exits 0 resolve --edit f
    equal "$(cat f)" "$(lines one decided three)"
    equal "$(ls -A)" f
}

@test "--mine: the sibling's content, whatever the file has" {
    together
    occ_exits 0 resolve --mine f
    equal "$(cat f)" "$(lines one mine three)"
    equal "$(cat f@@/2)" "$(lines one theirs three)"
    equal "$(ls -A)" f
    equal "$(commit_of f '.operation, (.parents | length)')" "$(lines resolve 2)"
}

@test "--theirs: the file stays, in a version that says so" {
    local mine
    together
    mine=$(token f.conflict)
    occ_exits 0 resolve --theirs f
    equal "$(cat f)" "$(lines one theirs three)"
    equal "$(ls -A)" f
    equal "$(commit_of f '.operation, .ordinal, .parents[1]')" "$(lines resolve 3 "$mine")"
}

@test "--both: the sibling becomes a file like any" {
    together && write g.mine taken && together g
    occ_exits 0 resolve --both f
    equal "$output" "occ: f: stays as it is; f.conflict is now f.mine"
    equal "$(cat f f.mine)" "$(lines one theirs three one mine three)"
    equal "$(ordinal f)" 2
    occ_exits 74 resolve --both g
    [[ $output == *"g.mine: exists (choose another name with --as)"* ]]
    occ_exits 0 resolve --both --as other g
    equal "$(names)" "f f.mine g g.mine other "
    occ_exits 0 conflicts
}

@test "of several one must be named, by its number or as a file" {
    local i
    for i in 1 2 3 4; do make_conflict f "mine $i" "theirs $i"; done
    equal "$(names)" "f f.2.conflict f.3.conflict f.4.conflict f.conflict "
    occ_exits 2 resolve --mine f
    equal "$output" "occ: f: has 4 conflicts (name one: 'occ resolve f N', or all: --all)"
    occ_exits 1 resolve --mine f 7
    occ_exits 0 resolve --mine f 3
    equal "$(cat f)" "mine 3"
    occ_exits 0 resolve --mine 1 f
    equal "$(cat f)" "mine 1"
    occ_exits 0 resolve --theirs f.4.conflict
    equal "$(cat f)" "mine 1"
    occ_exits 0 resolve --mine f
    equal "$(cat f)" "mine 2"
    equal "$(ls -A)" f
    occ_exits 1 resolve f
    equal "$output" "occ: f: has no conflict"
}

@test "--all: one after the other" {
    make_conflict f "$(lines A b c d e)" "$(lines a b c d e f)" "$(lines a b c d e)"
    make_conflict f "$(lines a b c d X)" "$(lines a b c d E)" "$(lines a b c d e)"
    occ_exits 75 resolve --all f
    equal "$(names)" "f f.2.conflict "
    equal "$(cat f)" "$(lines A b c d E)"
    make_conflict f
    occ_exits 0 resolve --all --mine f
    equal "$(ls -A)" f
    equal "$(cat f)" "$(lines a b c d X)"
}

@test "many at once, each of other lines: all land" {
    python3 -c "
import os
base = ['line %d\n' % i for i in range(40)]
def put(text):
    with open('f', 'w') as file: file.write(text)
put(''.join(base))
told, tell = os.pipe(); gone, go = os.pipe()
for i in range(4):
    if os.fork() > 0: continue
    mine = list(base); mine[10 * i] = 'changed %d\n' % i
    fd = os.open('f', os.O_WRONLY | os.O_TRUNC); os.write(fd, ''.join(mine).encode())
    os.write(tell, b'x'); os.close(go); os.read(gone, 1)
    try: os.close(fd)
    except BlockingIOError: os._exit(0)
    os._exit(1)
for i in range(4): os.read(told, 1)
put(''.join(base) + 'theirs\n'); os.close(go)
for i in range(4): assert os.wait()[1] == 0"
    equal "$(names | grep -o conflict | wc -l)" 4
    local n pids=()
    for n in 1 2 3 4; do "$OCC" resolve f $n & pids+=($!); done
    for n in "${pids[@]}"; do wait "$n"; done
    equal "$(grep -c changed f)" 4
    equal "$(tail -n 1 f)" theirs
    equal "$(ls -A)" f
}

@test "what is not text is not merged" {
    python3 -c "
import os
def put(text):
    with open('b', 'wb') as file: file.write(text)
put(b'base\0'); fd = os.open('b', os.O_WRONLY | os.O_TRUNC); os.write(fd, b'mine\0'); put(b'theirs\0')
try: os.close(fd)
except BlockingIOError: pass"
    occ_exits 75 resolve b
    equal "$output" "occ: b: is not text that can be merged (use --mine, --theirs, --both or --tool)"
    occ_exits 0 resolve --mine b
    equal "$(tr '\0' . <b)" mine.
}

@test "of a file that was removed there is one side alone" {
    apart && rm f
    occ_exits 75 resolve f
    equal "$output" "occ: f: was removed by somebody else (--mine brings back yours, --theirs leaves it removed)"
    occ_exits 0 resolve --mine f
    equal "$(cat f)" "$(lines one two THREE)"
    equal "$(ls -A)" f
    equal "$(cat "f@@/2")" "$(lines ONE two three)"
    rm f && apart g && rm g
    occ_exits 0 resolve --theirs g
    equal "$(ls -A)" ""
    apart h && rm h
    occ_exits 0 resolve --both h
    equal "$(ls -A)" h.mine
}

@test "what is in lost+found is told where it belongs" {
    lose_directory d
    occ_exits 1 resolve .occ/lost+found/f.conflict
    equal "$output" "occ: .occ/lost+found/f.conflict: the directory of f has gone (move this file to where it belongs, with mv)"
    test -e .occ/lost+found/f.conflict
}

# ---- tools of git mergetool ----

tools() {
    export HOME=$BATS_TEST_TMPDIR/home
    mkdir -p "$HOME"
    cat >"$HOME/kdiff3" <<'EOF'
#!/bin/sh
while [ "$1" != -o ]; do shift; done
cat "$4" "$5" >"$2"
EOF
    chmod 755 "$HOME/kdiff3"
    git config --global mergetool.kdiff3.path "$HOME/kdiff3"
}

@test "--tool: one of those that git brings along" {
    tools && together
    occ_exits 0 resolve --tool kdiff3 f
    equal "$(cat f)" "$(lines one mine three one theirs three)"
    equal "$(ls -A)" f
    equal "$(commit_of f '.operation, (.parents | length)')" "$(lines resolve 2)"
}

@test "--tool: a command of the user's configuration" {
    tools && together
    # shellcheck disable=SC2016 # expanded by git's library
    git config --global mergetool.own.cmd 'grep -c "^<<<<<<<" "$MERGED" >"$HOME/marked"; cat "$BASE" "$LOCAL" "$REMOTE" >"$MERGED"'
    occ_exits 0 resolve --tool=own f
    equal "$(cat f)" "$(lines one two three one mine three one theirs three)"
    equal "$(cat "$HOME/marked")" 1
}

@test "--tool: vimdiff on a terminal" {
    tools && together
    run bash -c 'printf ":%%d\r:call setline(1, \"decided\")\r:wqa\r" | script -qec "$1 resolve --tool vimdiff f" /dev/null' bash "$OCC"
    equal "$(head -n 1 f)" decided
    equal "$(ls -A)" f
}

@test "--tool: one that fails, leaves markers or does not exist changes nothing" {
    tools && together
    git config --global mergetool.fails.cmd 'exit 1'
    git config --global mergetool.fails.trustExitCode true
    # shellcheck disable=SC2016
    git config --global mergetool.leaves.cmd 'echo more >>"$MERGED"'
    occ_exits 75 resolve --tool fails f
    [[ $output == *"fails: says that the merge is not done: nothing was changed"* ]]
    occ_exits 75 resolve --tool leaves f
    [[ $output == *"leaves has left 1 of the conflicts: nothing was changed"* ]]
    occ_exits 2 resolve --tool nonsense f
    [[ $output == *"no such merge tool"* ]]
    untouched
}

@test "--tool: a version that comes meanwhile is not overwritten, and the work is kept" {
    tools && together
    export MNT
    # shellcheck disable=SC2016
    git config --global mergetool.slow.cmd 'echo newest | tee "$MNT/f" >/dev/null; echo decided >"$MERGED"'
    occ_exits 75 resolve --tool slow f
    [[ $output == *"changed meanwhile (what you have made is in f.2.conflict"* ]]
    equal "$(cat f f.2.conflict)" "$(lines newest decided)"
    equal "$(cat f.conflict)" "$(lines one mine three)"
}

@test "--tool: a sibling that changes meanwhile is not lost" {
    tools && together
    export MNT
    # shellcheck disable=SC2016
    git config --global mergetool.slow.cmd 'echo newer | tee "$MNT/f.conflict" >/dev/null; echo decided >"$MERGED"'
    occ_exits 75 resolve --tool slow f
    equal "$(cat f.conflict)" newer
    equal "$(cat f)" "$(lines one theirs three)"
    [[ $output =~ "what you have made is kept in "(.*) ]]
    equal "$(cat "${BASH_REMATCH[1]}")" decided
}

# ---- rights, places, misuse ----

@test "who may not write the file, or not remove the sibling, resolves nothing" {
    mkdir -m 755 d && together d/f && chmod 644 d/f
    run as_nobody "$OCC" resolve --mine d/f
    exits 74
    chmod 666 d/f
    run as_nobody "$OCC" resolve --mine d/f
    exits 74
    equal "$(cat d/f)" "$(lines one theirs three)"
    test -e d/f.conflict
    chmod 777 d
    run as_nobody "$OCC" resolve --mine d/f
    exits 0
    equal "$(cat d/f)" "$(lines one mine three)"
}

@test "from anywhere, and names of any bytes" {
    local name
    mkdir d
    for name in $'d/a \n\u00e4' $'d/b\xff' $'d/c\xfe.2'; do
        cd "$MNT" && apart "$name" && make_conflict "$name" "and mine"
        cd /
        occ_exits 0 resolve --theirs "$MNT/$name" 1
        occ_exits 0 resolve --mine "$MNT/$name.2.conflict"
        equal "$(cat "$MNT/$name")" "and mine"
        equal "$(commit_of "$MNT/$name" .ordinal)" 6
    done
    equal "$(find "$MNT/d" -type f -printf x)" xxx
}

@test "elsewhere is 69, nothing is 1, misuse is 2" {
    echo a >"$BATS_TEST_TMPDIR/f"
    occ_exits 69 resolve "$BATS_TEST_TMPDIR/f"
    occ_exits 1 resolve nothing
    write f a
    occ_exits 1 resolve f
    occ_exits 2 resolve
    occ_exits 2 resolve f 1 2
    occ_exits 2 resolve f g
    occ_exits 2 resolve --mine --theirs f
    occ_exits 2 resolve --as x f
    occ_exits 2 resolve --both --as x/y f
    occ_exits 2 resolve --both --as x --all f
    occ_exits 2 resolve --mine --edit f
    occ_exits 2 resolve --edit -o x f
    occ_exits 2 resolve --all f 1
    occ_exits 2 resolve --tool
    occ_exits 2 resolve f@@1
    occ_exits 2 resolve --nonsense f
}
