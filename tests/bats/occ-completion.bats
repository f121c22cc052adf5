#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the shells complete on a command line of occ.
load common

versions() { local text; for text in "${@:2}"; do write "$1" "$text"; done; }
offered() { "$OCC" complete "$@" | tr '\n' ' '; }

# Starts a shell on a terminal, types lines there one after the other, and says what the programs print that they run: each line ends
# with a tab before its newline, and what it runs as `occ` prints its arguments between brackets.
typed() { # begin, line..., -- shell...
    mkdir -p "$BATS_TEST_TMPDIR/bin" && cat >"$BATS_TEST_TMPDIR/bin/occ" <<'END'
#!/bin/bash
[ "$1" != complete ] || exec "$OCC" "$@"
printf '{%s}' "$@" && echo '{end}'
END
    chmod +x "$BATS_TEST_TMPDIR/bin/occ"
    OCC=$OCC PATH=$BATS_TEST_TMPDIR/bin:$PATH HOME=$BATS_TEST_TMPDIR TERM=dumb py '
import pty, re, select, time
arguments = sys.argv[1:]; at = arguments.index("--"); begin, *lines = arguments[:at]
pid, terminal = pty.fork()
if pid == 0: os.execvp(arguments[at + 1], arguments[at + 1:])
shown = b""
def wait_for(pattern, deadline):
    global shown
    while not re.search(pattern, shown):
        if time.monotonic() > deadline: sys.exit(f"never shown: {pattern}\n" + shown.decode(errors="replace"))
        if select.select([terminal], [], [], 0.1)[0]: shown += os.read(terminal, 65536)
    shown = shown[re.search(pattern, shown).end():]
def send(text): os.write(terminal, text.encode())
deadline = time.monotonic() + 40
send(begin + "; echo rea\"\"dy\n"); wait_for(rb"\nready\r?\n|\rready\r?\n", deadline)
for line in lines:
    keys, expected = line.split(" => ")
    send(keys + "\t"); time.sleep(0.5); send("\n")
    wait_for(re.escape(expected.encode()) + rb"\{end\}", deadline)
os.kill(pid, signal.SIGKILL)' "$@"
}

@test "occ complete: verbs, options, words, versions, tokens" {
    versions f one two
    equal "$(offered un)" "nothing undelete "
    equal "$("$OCC" complete '' | tail -n +2)" "$("$OCC" help | awk '/^  [a-z]/ { print $1 }')"
    equal "$(offered log --o)" "nothing --oneline "
    equal "$(offered log -n '')" "nothing "
    equal "$(offered help an)" "nothing annotate "
    equal "$(offered policy '')" "nothing get set unset "
    equal "$(offered policy get '')" "files "
    equal "$(offered cat f)" "files "
    equal "$(offered cat f@@)" "nothing f@@0 f@@1 f@@2 "
    equal "$(offered cat f@@/1)" "nothing f@@/1 "
    equal "$(offered restore f --if-match '')" "nothing $(token f) "
    equal "$(offered restore f --if-match=)" "nothing --if-match=$(token f) "
    rm f
    equal "$(offered undelete f@@)" "nothing f@@0 f@@1 f@@2 "
    equal "$(offered frobnicate '')" ""
}

@test "bash completes verbs, options, files and versions" {
    versions file one && versions 'with space' one && mv 'with space' 'with space.txt'
    typed "source $ROOT/tools/completions/occ.bash" 'occ unde => {undelete}' 'occ log --onel => {log}{--oneline}' \
        'occ cat fi => {cat}{file}' 'occ cat file@@1 => {cat}{file@@1}' 'occ cat file@@/1 => {cat}{file@@/1}' \
        'occ restore file --if-m => {restore}{file}{--if-match=}' \
        "occ restore file --if-match= => {restore}{file}{--if-match=$(token file)}" \
        'occ cat with => {cat}{with space.txt}' -- bash --norc --noprofile
}

@test "zsh completes verbs, options, files and versions" {
    command -v zsh >/dev/null || skip "no zsh"
    versions file one
    typed "fpath=($ROOT/tools/completions \$fpath); autoload -U compinit; compinit -u -D" \
        'occ unde => {undelete}' 'occ log --onel => {log}{--oneline}' 'occ cat fi => {cat}{file}' \
        'occ cat file@@1 => {cat}{file@@1}' 'occ restore file --if-m => {restore}{file}{--if-match=}' -- zsh -f
}

@test "fish completes verbs, options, files and versions" {
    command -v fish >/dev/null || skip "no fish"
    versions file one two
    completed() { fish --no-config -c "source $ROOT/tools/completions/occ.fish; complete -C '$1'" | cut -f 1 | tr '\n' ' '; }
    mkdir bin && ln -s "$OCC" bin/occ
    PATH=$PWD/bin:$PATH HOME=$BATS_TEST_TMPDIR
    equal "$(completed 'occ unde')" "undelete "
    equal "$(completed 'occ log --onel')" "--oneline "
    equal "$(completed 'occ cat file@@')" "file@@0 file@@1 file@@2 "
    [[ $(completed 'occ cat fi') == *file* ]]
    equal "$(completed 'occ restore file --if-match=')" "--if-match=$(token file) "
}
