#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
load common

@test "a close after another's commit returns EAGAIN and keeps both" {
    py '
put("f", "base"); fd = os.open("f", os.O_RDWR); os.read(fd, 9)
put("f", "theirs"); os.pwrite(fd, b"mine", 0)
equal(refused(os.close, fd), "EAGAIN"); equal(get("f"), "theirs"); equal(get("f.conflict"), "mine")'
}

@test "fsync and fdatasync return EAGAIN; the draft stays conflicted and its sibling follows" {
    py '
put("f", "base"); fd = os.open("f", os.O_WRONLY); put("f", "theirs")
os.pwrite(fd, b"mine", 0); equal(refused(os.fsync, fd), "EAGAIN"); equal(get("f.conflict"), "mine")
os.pwrite(fd, b"more", 4); equal(refused(os.fdatasync, fd), "EAGAIN"); equal(get("f.conflict"), "minemore")
equal(refused(os.close, fd), "EAGAIN")
equal(sorted(os.listdir(".")), ["f", "f.conflict"])'
}

@test "the sibling's record says what happened" {
    py '
put("f", "base"); old = token("f"); fd = os.open("f", os.O_WRONLY); put("f", "theirs")
os.pwrite(fd, b"mine!", 0); refused(os.close, fd)
import json
record = json.loads(os.getxattr("f.conflict", "user.occ.conflict"))
equal(record["target"], "f"); equal(record["operation"], "write")
equal(record["base"], old); equal(record["head"], token("f"))
equal(record["writer"], {"uid": 0, "gid": 0, "pid": os.getpid(), "command": "python3"})
equal(record["size"], 5); assert len(record["hash"]) == 32; assert record["retry_after_ms"] >= 0
assert record["time"].startswith("20") and record["time"].endswith("Z")'
    run getfattr -n user.occ.conflict f
    [ "$status" -ne 0 ]
}

@test "siblings of several writers: f.conflict, f.2.conflict, f.3.conflict" {
    py '
put("f", "base"); told, tell = os.pipe(); go, gone = os.pipe(); children = []
for i in range(3):
    if os.fork() == 0:
        os.close(gone)
        fd = os.open("f", os.O_WRONLY); os.pwrite(fd, b"mine %d" % i, 0); os.write(tell, b"x"); os.read(go, 1)
        os._exit(0 if refused(os.close, fd) == "EAGAIN" else 1)
for i in range(3): os.read(told, 1)
put("f", "theirs"); os.close(gone)
for i in range(3): equal(os.wait()[1], 0)
equal(sorted(os.listdir(".")), ["f", "f.2.conflict", "f.3.conflict", "f.conflict"])
equal(sorted(get(n) for n in os.listdir(".") if n != "f"), ["mine 0", "mine 1", "mine 2"])'
}

@test "a conflict on a sibling takes the next number; names that are taken are left alone" {
    py '
put("f", "base"); fd = os.open("f", os.O_WRONLY); put("f", "theirs"); os.write(fd, b"mine"); equal(refused(os.close, fd), "EAGAIN")
fd = os.open("f.conflict", os.O_WRONLY); put("f.conflict", "x"); os.write(fd, b"y"); equal(refused(os.close, fd), "EAGAIN")
equal(sorted(os.listdir(".")), ["f", "f.2.conflict", "f.conflict"]); equal(get("f.conflict"), "x"); equal(get("f.2.conflict"), "yine")
put("g", "base"); put("g.conflict", "a file of the user"); fd = os.open("g", os.O_WRONLY); put("g", "theirs")
os.write(fd, b"mine"); equal(refused(os.close, fd), "EAGAIN")
equal(get("g.conflict"), "a file of the user"); equal(get("g.2.conflict"), "mine")'
}

@test "a blind retry loop makes one sibling; the same bytes are not kept twice" {
    py '
put("f", "base"); fds = [os.open("f", os.O_WRONLY) for _ in range(6)]; put("f", "theirs")
for i, fd in enumerate(fds): os.pwrite(fd, b"try %d" % (i // 2), 0); equal(refused(os.close, fd), "EAGAIN")
equal(sorted(os.listdir(".")), ["f", "f.conflict"]); equal(get("f.conflict"), "try 2")
assert token("f.conflict").startswith("3."), token("f.conflict")'
}

@test "a sibling is seen although its name was looked for before" {
    py '
put("f", "base"); assert not os.path.exists("f.conflict"); equal(os.listdir("."), ["f"])
fd = os.open("f", os.O_WRONLY); put("f", "theirs"); os.write(fd, b"mine"); refused(os.close, fd)
assert os.path.exists("f.conflict"); equal(sorted(os.listdir(".")), ["f", "f.conflict"])'
}

@test "a long name is cut at a character for its sibling" {
    py '
name = "é" * 127
put(name, "base"); fd = os.open(name, os.O_WRONLY); put(name, "theirs"); os.write(fd, b"mine"); refused(os.close, fd)
sibling, = [n for n in os.listdir(".") if n != name]
assert sibling.endswith(".conflict") and len(sibling.encode()) <= 255 and sibling.startswith("é" * 122), sibling'
}

@test "the sibling is the writer's, with the file's group and permissions but no set-id" {
    echo base >f && chown 1:7 f && chmod 6777 f && chmod 777 .
    as_nobody python3 -c "
import os
fd = os.open('f', os.O_WRONLY)
open('f', 'w').write('theirs'); os.write(fd, b'mine')
try: os.close(fd)
except BlockingIOError: pass"
    equal "$(stat -c '%u %g %a' f.conflict)" "65534 7 777"
}

@test "a file with several names: the sibling stands beside the one that was opened" {
    py '
put("f", "base"); os.mkdir("d"); os.link("f", "d/g")
for name, other in ("f", "d/g"), ("d/g", "f"):
    os.stat(name); get(other); fd = os.open(name, os.O_WRONLY); os.stat(other); put(other, "theirs " + name)
    os.write(fd, b"mine " + name.encode()); equal(refused(os.close, fd), "EAGAIN")
    assert get(name + ".conflict").startswith("mine " + name); equal(os.path.exists(other + ".conflict"), other == "f")
equal(sorted(os.listdir(".")), ["d", "f", "f.conflict"]); equal(sorted(os.listdir("d")), ["g", "g.conflict"])'
}

@test "a large conflict is whole" {
    py '
put("f", "b" * 1000000); fd = os.open("f", os.O_RDWR); put("f", "t" * 900000)
os.pwrite(fd, b"m" * 10, 500000); equal(refused(os.close, fd), "EAGAIN")
equal(get("f.conflict"), "b" * 500000 + "m" * 10 + "b" * 499990)'
}

@test "a token on the writing descriptor is the base" {
    py '
put("f", "1"); first = os.getxattr("f", "user.occ.version"); put("f", "2"); second = os.getxattr("f", "user.occ.version")
fd = os.open("f", os.O_WRONLY); os.setxattr(fd, "user.occ.version", first); os.write(fd, b"x")
equal(refused(os.close, fd), "EAGAIN"); equal(get("f"), "2")
fd = os.open("f", os.O_WRONLY); os.setxattr(fd, "user.occ.version", second); os.write(fd, b"x")
equal(refused(os.close, fd), "no error"); equal(get("f"), "x")
fd = os.open("f", os.O_WRONLY | os.O_APPEND); os.setxattr(fd, "user.occ.version", second); os.write(fd, b"y")
equal(refused(os.close, fd), "EAGAIN")'
}

drafts_open() { [ "$(jq .drafts_open .occ/status)" -eq "$1" ]; }

@test "two writers read, one commits: programs that check say so" {
    mkfifo "$BATS_TEST_TMPDIR/input"
    for tool in "dd of=f conv=notrunc status=none" "tee f" "python3 -c 'import sys; f = open(\"f\", \"r+\"); f.write(sys.stdin.read()); f.close()'"; do
        write f base
        bash -c "$tool" <"$BATS_TEST_TMPDIR/input" >"$BATS_TEST_TMPDIR/output" 2>&1 &
        exec 9>"$BATS_TEST_TMPDIR/input"
        eventually drafts_open 1
        write f theirs
        echo mine >&9
        exec 9>&-
        wait $! && { echo "$tool has not noticed"; false; }
        grep "temporarily unavailable" "$BATS_TEST_TMPDIR/output"
        equal "$(cat f)" theirs
    done
}

@test "a draft whose file was removed by another is kept as a sibling; its own process may drop it" {
    py '
put("f", "base"); fd = os.open("f", os.O_WRONLY); os.write(fd, b"mine")
os.unlink("f"); equal(refused(os.close, fd), "no error"); equal(os.listdir("."), [])'
    echo base >g
    python3 -c "
import os, time
fd = os.open('g', os.O_WRONLY); os.write(fd, b'mine'); open('ready', 'w').close()
while os.path.exists('g'): time.sleep(0.01)
try: os.close(fd)
except BlockingIOError: open('told', 'w').close()" &
    eventually test -e ready
    rm g
    wait $!
    [ -e told ]
    equal "$(cat g.conflict)" mine
}

# Creates f anew, waits for the file "go", and tells what its close returned. Not the parent of who writes meanwhile: children see the draft.
create_anew() {
    py '
os.unlink("f"); fd = os.open("f", os.O_WRONLY | os.O_CREAT | os.O_EXCL); os.write(fd, b"mine"); put("ready", "")
while not os.path.exists("go"): time.sleep(0.01)
print(refused(os.close, fd))' >"$BATS_TEST_TMPDIR/told" &
    eventually test -e ready
}
was_told() { touch go && wait $! && equal "$(cat "$BATS_TEST_TMPDIR/told")" "$1"; }

@test "who creates a name anew that another one writes first conflicts on what the name had" {
    echo base >f
    base=$(token f)
    create_anew
    echo theirs >f
    was_told EAGAIN
    equal "$(cat f)" theirs
    equal "$(ordinal f)" 2
    equal "$(conflict_field f.conflict .base)" "$base"
}

@test "who creates a name anew commits although another one that wrote there was killed" {
    echo base >f
    create_anew
    py 'os.write(os.open("f", os.O_WRONLY | os.O_TRUNC), b"half"); os.kill(os.getpid(), signal.SIGKILL)' || true
    equal "$(cat f)" base
    was_told "no error"
    equal "$(cat f)" mine
    equal "$(ordinal f)" 2
}
