#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What occ tells of the versions of a file: log, diff, annotate.
load common

versions() { local text; for text in "${@:2}"; do write "$1" "$text"; done; }
conflict() { # file, theirs, mine
    py 'fd = os.open(sys.argv[1], os.O_WRONLY | os.O_TRUNC); put(sys.argv[1], sys.argv[2] + "\n")
os.write(fd, sys.argv[3].encode() + b"\n"); equal(refused(os.close, fd), "EAGAIN")' "$@"
}
message() { # file, text, message
    py 'fd = os.open(sys.argv[1], os.O_WRONLY | os.O_TRUNC); os.setxattr(fd, "user.occ.message", sys.argv[3].encode())
os.write(fd, sys.argv[2].encode() + b"\n"); os.close(fd)' "$@"
}
# Runs a command with a terminal, and prints what it wrote there, without the carriage returns.
on_terminal() { script -qec "$1" /dev/null </dev/null | tr -d '\r'; }
fails() { # status, text, command
    run "${@:3}"
    [[ $status -eq $1 && $output == *"$2"* ]] || { echo "$status: $output"; return 1; }
}

@test "log shows each version, the newest first, with parents, author, operation, size and message" {
    versions f one three
    message f four $'why\n\nat length'
    run -0 "$OCC" log f
    equal "${lines[0]}" "version 3 $(token f)"
    equal "${lines[1]}" "Parent:  $(token f@@/2)"
    [[ ${lines[2]} == "Author:  root (uid 0), with python3 (pid "* && ${lines[3]} == "Date:    "* ]]
    equal "${lines[4]},${lines[5]},${lines[7]}" "Change:  write, 5 bytes,    why,    at length"
    equal "$("$OCC" log f | grep ^version | cut -d' ' -f2 | tr '\n' ' ')" "3 2 1 0 "
    equal "$("$OCC" log -n 2 f | grep -c ^version)" 2
    equal "$("$OCC" log --oneline -n1 f | cut -d' ' -f1,4-)" "3 root python3 write 5 why"
}

@test "log --json is a stable object a line" {
    versions f one
    message f three 'a "reason"'
    equal "$("$OCC" log --json f | jq -c '[.ordinal, .operation, .size, .uid, .gid, .command, .message]' | tr '\n' ' ')" \
        '[2,"write",6,0,0,"python3","a \"reason\""] [1,"write",4,0,0,"tee",null] [0,"create",0,0,0,"tee",null] '
    equal "$("$OCC" log --json f | jq -r '.token, .parents[0]' | head -n 4)" \
        "$(printf '%s\n' "$(token f)" "$(token f@@/1)" "$(token f@@/1)" "$(token f@@/0)")"
    equal "$("$OCC" log --json -n1 f | jq -r keys_unsorted[] | tr '\n' ' ')" \
        "token ordinal parents operation uid gid pid command time size hash message "
    equal "$("$OCC" log --json -n1 f | jq -r .time)" "$(getfattr --only-values -n user.occ.author f | jq -r .time)"
}

@test "log --graph draws the second parent, log -p the difference to the first one" {
    versions f one two
    write new three && source=$(token new) && mv new f
    equal "$("$OCC" log --graph --oneline f | sed 's/ 20.*//')" "$(printf '* 3\n|\\\n| o %s of another file\n* 2\n* 1\n* 0' "$source")"
    "$OCC" log --graph f | grep -v '^[*|]' && return 1
    equal "$("$OCC" log -p -n 1 f | grep '^[-+@]')" "$(printf -- '--- f\tbefore\n+++ f\tversion 3\n@@ -1 +1 @@\n-two\n+three')"
    conflict f theirs mine
    equal "$("$OCC" log -p -n 1 f.conflict | grep '^[-+][^-+]')" "$(printf -- '-three\n+mine')"
}

@test "log begins to print at once, of ten thousand versions" {
    py 'import time
for n in range(10000):
    fd = os.open("f", os.O_WRONLY | os.O_CREAT | os.O_TRUNC); os.write(fd, b"%d" % n); os.close(fd)
def first_line(*command):
    began = time.monotonic()
    with subprocess.Popen([sys.argv[1], *command], stdout=subprocess.PIPE, text=True) as occ:
        line = occ.stdout.readline(); taken = time.monotonic() - began
        occ.kill()
    return taken, line
assert first_line("log", "f")[1].startswith("version 10000 ")
# A busy machine may be late now and then, and where sanitizers are built in, programs begin slowly.
assert any(first_line("log", "f")[0] < 0.05 + first_line("help")[0] for _ in range(20))
equal(len(subprocess.run([sys.argv[1], "log", "--json", "f"], capture_output=True, check=True).stdout.splitlines()), 10001)' "$OCC"
}

@test "log and diff of a removed file, through symbolic links, in other directories, of awkward names" {
    mkdir -p d/e && versions d/f one two && ln -s ../f d/e/link && ln -s link d/e/again
    for name in d/f d/e/link d/e/again "$MNT/d/f"; do equal "$("$OCC" log --oneline "$name" | wc -l)" 3; done
    rm d/f
    for name in d/f d/e/again; do
        equal "$("$OCC" log --oneline "$name" | wc -l)" 3
        equal "$("$OCC" diff "$name" | grep '^[-+][^-+]')" "$(printf -- '-one\n+two')"
    done
    (cd d && equal "$("$OCC" log --oneline f | wc -l)" 3)
    name=$'two\nlines \x1b[31m-- \xff@@x'
    py 'put(sys.argv[1], "one\n"); put(sys.argv[1], "two\n")' "$name"
    "$OCC" log "$name" | grep -q '^version 2'
    run -1 "$OCC" diff -- "$name"
    equal "$("$OCC" diff "$name" | grep -acE '^(---|[+]{3}) two[?]lines [?]')" 2
}

@test "diff: the last change, from a version to the newest, from one to another" {
    versions f one two three
    changes() { "$OCC" diff "$@" | grep '^[-+][^-+]' | tr '\n' ' '; }
    equal "$(changes f)" "-two +three "
    equal "$(changes f 1)" "-one +three "
    equal "$(changes f@@1)" "-one +three "
    equal "$(changes f 2 1)" "-two +one "
    equal "$(changes f@@/2 1)" "-two +one "
    equal "$(changes f "$(token f@@/1)" "f@@$(token f@@/2)")" "-one +two "
    versions g other
    equal "$(changes f g@@1)" "-other +three "
    run -1 "$OCC" diff f
    run -0 "$OCC" diff f 3 3
    equal "$output" ""
    equal "$(head -n 2 <("$OCC" diff f 1 2) | cut -f 1 | tr '\n' ,)" "--- f,+++ f,"
    cp f "$BATS_TEST_TMPDIR/copy" && "$OCC" diff f | patch -sR "$BATS_TEST_TMPDIR/copy"
    equal "$(cat "$BATS_TEST_TMPDIR/copy")" two
}

@test "diff says where a line has no end, and that binary contents differ" {
    printf 'a\nb' | tee f >/dev/null && printf 'a\nb\n' | tee f >/dev/null
    equal "$("$OCC" diff f | tail -n +3)" "$(printf '@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b')"
    printf 'a\0b' | tee f >/dev/null
    fails 1 "Binary files differ: 4 and 3 bytes" "$OCC" diff f
}

@test "diff --conflict compares the base with theirs and with mine" {
    versions f base
    conflict f theirs mine
    for name in f f.conflict; do
        run -1 "$OCC" diff --conflict "$name"
        equal "$(printf '%s\n' "${lines[@]}" | grep '^[-+]' | sed 's/, [^,]*$//')" "$(printf -- \
            '--- f\tbase, version 1\n+++ f\ttheirs, version 2\n-base\n+theirs\n--- f\tbase, version 1\n+++ f.conflict\tmine, version 1\n-base\n+mine')"
    done
    rm f.conflict
    fails 0 "f: has no conflict" "$OCC" diff --conflict f
}

@test "annotate tells which version each line came with" {
    lines() { printf '%s\n' "$@" | tee f >/dev/null; }
    blamed() { "$OCC" annotate --json "$1" | jq -r '"\(.ordinal):\(.text)"' | tr '\n' ' '; }
    lines a b c
    equal "$(blamed f)" "1:a 1:b 1:c "
    lines a B c d
    lines new a B c d
    equal "$(blamed f)" "3:new 1:a 2:B 1:c 2:d "
    equal "$(blamed f@@2)" "1:a 2:B 1:c 2:d "
    lines a c
    lines a b c
    equal "$(blamed f)" "1:a 5:b 1:c "
    message f x 'a reason'
    write new x && printf 'y' >>new && mv new f
    equal "$(blamed f)" "6:x 7:y "
    equal "$("$OCC" annotate --json f | head -n 1 | jq -c '[.line, .token, .uid, .command, .message]')" \
        "[1,\"$(token f@@/6)\",0,\"python3\",\"a reason\"]"
    run -0 "$OCC" annotate f
    [[ ${lines[0]} =~ ^6\ \(root\ 20[0-9-]+\ [0-9:]+\ 1\)\ x$ ]]
    rm f
    equal "$(blamed f)" "6:x 7:y "
    : | tee empty >/dev/null
    equal "$("$OCC" annotate empty)" ""
    printf 'a\0b' | tee f >/dev/null
    fails 1 "it is binary" "$OCC" annotate f
    fails 2 "too few" "$OCC" annotate
    fails 69 "not a file of an occfs mount" "$OCC" annotate /etc/passwd
}

@test "annotate agrees with a model, over many versions" {
    py 'import json, random
random.seed(int(sys.argv[2])); lines = []
for n in range(1, 120):
    if random.random() < .3 and lines: at = random.randrange(len(lines)); del lines[at:at + random.randint(1, 3)]
    at = random.randint(0, len(lines)); lines[at:at] = [f"{n} {i} {random.random()}" for i in range(random.randint(1, 4))]
    put("f", "".join(line + "\n" for line in lines))
told = subprocess.run([sys.argv[1], "annotate", "--json", "f"], capture_output=True, check=True, text=True).stdout
told = [json.loads(line) for line in told.splitlines()]
equal([line["text"] for line in told], lines)
equal([line["ordinal"] for line in told], [int(line.split()[0]) for line in lines])' "$OCC" 7
}

@test "log and diff: misuse, files of other filesystems, no rights, a daemon that is gone" {
    versions f one two
    echo x >"$BATS_TEST_TMPDIR/elsewhere"
    chmod 755 "$BATS_TEST_TMPDIR"
    for verb in log diff; do
        fails 2 "too few arguments (see 'occ help $verb')" "$OCC" $verb
        fails 2 "--frobnicate: no such option" "$OCC" $verb --frobnicate f
        fails 69 "not a file of an occfs mount" "$OCC" $verb "$BATS_TEST_TMPDIR/elsewhere"
        fails 1 "nothing: no such file or version" "$OCC" $verb nothing
    done
    fails 2 "a number from 1 to" "$OCC" log -n 0 f
    fails 2 "not one of its versions" "$OCC" log f@@1
    fails 2 "--json goes with none" "$OCC" log --json -p f
    fails 2 "more than two" "$OCC" diff f@@1 2 3
    fails 1 "9: no such file or version" "$OCC" diff f 9
    if as_nobody test -x "$OCC"; then
        chmod 600 f
        fails 74 "Permission denied" as_nobody "$OCC" log f
        fails 74 "Permission denied" as_nobody "$OCC" diff f
    fi
    cd / && kill_daemon
    if mountpoint -q "$MNT" || grep -qF " $MNT " /proc/self/mountinfo; then
        fails 69 "the daemon of this mount is gone" "$OCC" log "$MNT/f"
        umount -l "$MNT"
    fi
}

@test "on a terminal there is colour and a pager, elsewhere neither" {
    versions f one two
    "$OCC" log f | grep -q $'\x1b' && return 1
    "$OCC" diff f | grep -q $'\x1b' && return 1
    export TERM=xterm OCC_PAGER='sed s/^/paged:/'
    on_terminal "$OCC log --oneline -n1 f" | grep -q $'^paged:\x1b\\[33m2\x1b\\[m'
    on_terminal "$OCC diff f" | grep -q $'^paged:\x1b\\[32m+two\x1b\\[m'
    equal "$(NO_COLOR=1 on_terminal "$OCC diff f" | grep two)" "paged:+two"
    equal "$(OCC_PAGER='' NO_COLOR=1 on_terminal "$OCC diff f" | grep two)" "+two"
    equal "$(OCC_PAGER=true on_terminal "$OCC log f; echo ended with \$?")" "ended with 0"
    mkdir bin && ln -s "$(command -v cat)" "$(command -v sh)" bin # no less
    equal "$(unset OCC_PAGER PAGER; on_terminal "NO_COLOR=1 PATH=$PWD/bin $OCC diff f" | grep two)" "+two"
}
