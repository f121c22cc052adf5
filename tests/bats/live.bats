#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Files whose policy is live.
load common

live() { mkdir -p live && setfattr -n user.occ.policy -v live live && cd live; }

@test "every descriptor sees every write at once, and nothing conflicts" {
    live
    py '
put("f", "base")
a, b, c = os.open("f", os.O_RDWR), os.open("f", os.O_RDWR), os.open("f", os.O_RDONLY)
os.pwrite(a, b"A", 0); equal(os.pread(b, 9, 0), b"Aase"); equal(os.pread(c, 9, 0), b"Aase"); equal(get("f"), "Aase")
os.pwrite(b, b"longer than before", 0); equal(os.fstat(c).st_size, 18); equal(os.stat("f").st_size, 18)
os.ftruncate(a, 3); equal(os.pread(c, 9, 0), b"lon"); equal(os.fstat(b).st_size, 3)
os.truncate("f", 1); equal(os.pread(c, 9, 0), b"l")
os.close(a); os.pwrite(b, b"xyz", 0); os.close(b); os.close(c); equal(get("f"), "xyz")
equal(os.listdir("."), ["f"])'
}

@test "a redirection of the shell is one version" {
    live
    for shell in bash dash; do
        before=$(ordinal f 2>/dev/null || echo 0)
        $shell -c "echo $shell >f"
        equal "$(cat f) $(ordinal f)" "$shell $((before + 1))"
    done
}

@test "mappings and descriptors of several processes are one content" {
    live
    py '
put("f", "\0" * 10000)
ready, go = os.pipe(); done, told = os.pipe()
fd = os.open("f", os.O_RDWR); map = mmap.mmap(fd, 0)
if os.fork() == 0:
    other = os.open("f", os.O_RDWR); seen = mmap.mmap(other, 0)
    os.read(ready, 1); assert seen[5000] == 7; seen[9999] = 9; os.pwrite(other, b"w", 1); os.write(told, b".")
    os._exit(0)
map[5000] = 7; os.write(go, b"."); os.read(done, 1)
equal(map[9999], 9); equal(map[1], ord("w")); equal(os.wait()[1], 0)'
}

@test "the last writer's close makes a version; a reader's does not" {
    live
    py '
put("f", "1"); assert token("f").startswith("1."), token("f")
a, b = os.open("f", os.O_WRONLY), os.open("f", os.O_WRONLY)
os.pwrite(a, b"2", 0); os.close(a); assert token("f").startswith("1.")
os.pwrite(b, b"3", 0); os.close(b); assert token("f").startswith("2.")
get("f"); assert token("f").startswith("2.")'
}

@test "what fsync has made durable survives a crash, and becomes a version" {
    live
    py '
import random
size = 3000000; content = bytearray(os.urandom(size))
with open("f", "wb") as f: f.write(content)
pid = os.fork()
if pid == 0:
    fd = os.open("f", os.O_RDWR)
    for i in range(60): # chunks of 128 KiB: more at once than fit into memory, then anywhere
        at = (i * 7 % 22) * 131072 + 1000 if i < 22 else random.randrange(size - 5000)
        piece = os.urandom(5000)
        os.pwrite(fd, piece, at); content[at:at+5000] = piece
        if i % 20 == 19: os.fsync(fd)
    os.ftruncate(fd, 2500000); os.ftruncate(fd, 2600000); os.pwrite(fd, b"end", 2599997)
    os.fsync(fd)
    content[2500000:] = bytes(99997) + b"end"
    open("'"$BATS_TEST_TMPDIR"'/expected", "wb").write(content)
    os.kill(os.getpid(), signal.SIGSTOP)
os.waitpid(pid, os.WUNTRACED)
open("'"$BATS_TEST_TMPDIR"'/pid", "w").write(str(pid))'
    crash_and_remount
    kill -9 "$(cat "$BATS_TEST_TMPDIR/pid")"
    cmp live/f "$BATS_TEST_TMPDIR/expected"
    equal "$(ordinal live/f)" 2
    equal "$(find "$STORE/live" -type f | wc -l)" 0
}

@test "the policy is inherited, the nearest counts, and it takes effect when nobody has the file open" {
    mkdir -p d/e
    setfattr -n user.occ.policy -v live d
    setfattr -n user.occ.policy -v reject d/e
    py '
def conflicts(path):
    put(path, "x"); a, b = os.open(path, os.O_RDWR), os.open(path, os.O_RDWR)
    os.write(a, b"a"); os.write(b, b"b")
    return [refused(os.close, a), refused(os.close, b)].count("EAGAIN")
equal(conflicts("d/f"), 0); equal(conflicts("d/e/f"), 1); equal(conflicts("f"), 1)
os.setxattr("f", "user.occ.policy", b"live"); equal(conflicts("f"), 0)
equal(os.getxattr("f", "user.occ.policy"), b"live")
fd = os.open("f", os.O_RDONLY); os.setxattr("f", "user.occ.policy", b"reject"); equal(conflicts("f"), 0)
os.close(fd); equal(conflicts("f"), 1)
os.removexattr("d", "user.occ.policy"); equal(conflicts("d/f"), 1)
os.mkdir("l"); os.setxattr("l", "user.occ.policy", b"live"); os.rename("d", "l/d"); equal(conflicts("l/d/f"), 0)
equal(refused(os.setxattr, "f", "user.occ.policy", b"nonsense"), "EINVAL")'
    touch mine && chown 65534 mine && chmod 777 . && chmod 666 f
    as_nobody setfattr -n user.occ.policy -v live mine
    run as_nobody setfattr -n user.occ.policy -v live f
    [[ $output == *"not permitted"* ]]
}

@test "a whole mount may be live" {
    cd / && unmount_fs && mount_fs allow_other,policy=live && cd "$MNT"
    py '
a = os.open("new", os.O_CREAT | os.O_RDWR); os.write(a, b"half")
equal(get("new"), "half"); equal(os.stat("new").st_size, 4); os.close(a)
os.rename("new", "moved"); equal(get("moved"), "half")
put("tmp", "over"); os.rename("tmp", "moved"); equal(get("moved"), "over")
fd = os.open("moved", os.O_RDWR); os.unlink("moved"); os.write(fd, b"gone"); equal(os.pread(fd, 9, 0), b"gone"); os.close(fd)
equal(os.listdir("."), [])'
    equal "$(find "$STORE/live" -type f | wc -l)" 0
}

@test "tail -f follows, and appends of many processes all arrive" {
    live
    touch log
    timeout 20 tail -f -n +1 log >"$BATS_TEST_TMPDIR/seen" 2>/dev/null 3>&- &
    local tail=$!
    for i in 1 2 3 4; do (for j in $(seq 50); do echo "$i $j" >>log; done) & pids+=($!); done
    wait "${pids[@]}"
    equal "$(sort -u log | wc -l)" 200
    eventually cmp log "$BATS_TEST_TMPDIR/seen"
    kill $tail
    wait $tail || true
}
