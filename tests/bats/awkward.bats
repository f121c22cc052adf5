#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Who opens, holds and ends in ways that are not open, write, close.
load common

# ---- ends of processes ----

@test "a program of eight threads commits however it ends, without a close" {
    ulimit -c 0
    for how in return exit leaderless each; do
        write f whole
        before=$(ordinal f)
        "$OCCFS_TEST_BIN/threads" f "$how"
        equal "$how: $(stat -c %s f) $(ordinal f)" "$how: 800 $((before + 1))"
        equal "$(head -c 101 f | tail -c 2)" ab
    done
}

@test "a program of eight threads that a signal ends replaces nothing" {
    ulimit -c 0
    for how in kill abort; do
        write f whole
        before=$(ordinal f)
        run "$OCCFS_TEST_BIN/threads" f "$how"
        [ "$status" -gt 128 ]
        equal "$how: $(cat f) $(ordinal f)" "$how: whole $before"
    done
}

@test "a pipeline that SIGPIPE ends: the writer that it kills replaces nothing, a new file gets what is there" {
    echo old >f
    run bash -c 'yes | tee f | head -n 1'
    equal "$(cat f)" old
    run bash -c 'yes | tee new | head -n 1'
    equal "$(head -n 1 new)" y
    # The writer is the one that lives on.
    run bash -c 'yes | head -n 2 >f'
    equal "$(cat f)" $'y\ny'
    run bash -c '{ yes; echo after; } | head -n 1 >f; (yes; true) 2>/dev/null | head -n 3 | sort >f'
    equal "$(cat f)" $'y\ny\ny'
}

@test "a large new file's killed writer leaves what is there; of an old one the head stays" {
    py '
if (pid := os.fork()) == 0:
    fd = os.open("new", os.O_WRONLY | os.O_CREAT); os.write(fd, b"x" * 5000000); os.kill(os.getpid(), signal.SIGKILL)
os.waitpid(pid, 0); equal(os.stat("new").st_size, 5000000); equal(get("new"), "x" * 5000000)
if (pid := os.fork()) == 0:
    fd = os.open("new", os.O_WRONLY); os.write(fd, b"y" * 6000000); os.kill(os.getpid(), signal.SIGKILL)
os.waitpid(pid, 0); equal(get("new"), "x" * 5000000); equal(os.listdir("."), ["new"])'
}

@test "what exec closes is committed before the new program begins" {
    echo old >f
    py '
fd = os.open("f", os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC); os.write(fd, b"new\n")
os.execvp("sh", ["sh", "-c", "cat f; sleep 0.1"])' >"$BATS_TEST_TMPDIR/out"
    equal "$(cat "$BATS_TEST_TMPDIR/out")" new
    # Many descriptors, threads, and several programs at once.
    py '
import threading
for round in range(20):
    pids = []
    for i in range(4):
        put(f"g{i}", "old")
        if (pid := os.fork()) == 0:
            for j in range(10): os.write(os.open(f"h{i}.{j}", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC), b"x")
            fd = os.open(f"g{i}", os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC); os.write(fd, b"%d" % round)
            threading.Thread(target=time.sleep, args=(9,), daemon=True).start()
            os.execvp("true", ["true"])
        pids.append(pid)
    for pid in pids: equal(os.waitpid(pid, 0)[1], 0)
    for i in range(4): equal(get(f"g{i}"), str(round)); equal(get(f"h{i}.9"), "x")'
}

# ---- descriptors that travel ----

@test "writers that were inherited by fork and exec: the last one commits" {
    echo old >f
    py '
fd = os.open("f", os.O_WRONLY | os.O_TRUNC); os.set_inheritable(fd, True); go, gone = os.pipe(); os.set_inheritable(go, True)
child = subprocess.Popen(["sh", "-c", f"read x <&{go}; echo child >&{fd}"], close_fds=False); os.close(go)
os.write(fd, b"parent\n"); equal(get("f"), "old\n")
os.write(gone, b"go\n"); child.wait(); equal(get("f"), "old\n")
os.close(fd); equal(get("f"), "parent\nchild\n"); assert token("f").startswith("2.")'
    # The one who opened it goes first: what is there commits, and the rest with the heir.
    py '
fd = os.open("f", os.O_WRONLY | os.O_TRUNC); os.set_inheritable(fd, True); go, gone = os.pipe(); os.set_inheritable(go, True)
child = subprocess.Popen(["sh", "-c", f"read x <&{go}; echo heir >&{fd}"], close_fds=False); os.close(go)
os.write(fd, b"one\n"); os.close(fd); equal(get("f"), "one\n")
os.write(gone, b"go\n"); child.wait(); equal(get("f"), "one\nheir\n")
equal(os.listdir("."), ["f"])'
    # A job that outlives its shell.
    bash -c '(sleep 0.3; echo late) >f &'
    late() { [ "$(cat f)" = late ]; }
    eventually late
}

@test "a descriptor that was sent through a socket" {
    echo old >f
    py '
import socket
a, b = socket.socketpair()
fd = os.open("f", os.O_WRONLY | os.O_TRUNC); os.write(fd, b"sender\n")
if (pid := os.fork()) == 0:
    os.close(fd); a.close()
    _, fds, _, _ = socket.recv_fds(b, 1, 1); b.send(b"x"); b.recv(1)
    os.write(fds[0], b"receiver\n"); os.close(fds[0]); os._exit(0)
b.close(); socket.send_fds(a, [b"x"], [fd]); a.recv(1)
equal(get("f"), "old\n")
os.close(fd)  # as far as can be seen the last one: who holds it by a socket is not looked for
equal(get("f"), "sender\n"); a.send(b"x"); equal(os.waitpid(pid, 0)[1], 0)
equal(get("f"), "sender\nreceiver\n"); equal(os.listdir("."), ["f"])'
    # The sender keeps it: it says when.
    py '
import socket
a, b = socket.socketpair(); fd = os.open("f", os.O_WRONLY | os.O_TRUNC); os.write(fd, b"1\n"); socket.send_fds(a, [b"x"], [fd])
if (pid := os.fork()) == 0:
    os.close(fd); _, fds, _, _ = socket.recv_fds(b, 1, 1); os.write(fds[0], b"2\n"); os.close(fds[0]); os._exit(0)
equal(os.waitpid(pid, 0)[1], 0); equal(get("f"), "sender\nreceiver\n")
os.write(fd, b"3\n"); os.close(fd); a.close(); b.close(); equal(get("f"), "1\n2\n3\n")'
}

@test "two drafts in one process, with duplicates of both" {
    py '
put("f", "base"); a, b = os.open("f", os.O_WRONLY), os.open("f", os.O_WRONLY); a2, b2 = os.dup(a), os.dup(b)
os.pwrite(a, b"A", 0); os.pwrite(b, b"B", 0)
os.close(a); os.close(b); equal(get("f"), "base"); equal(os.listdir("."), ["f"])
os.pwrite(a2, b"A", 1); os.close(a2); equal(get("f"), "AAse")
equal(refused(os.close, b2), "EAGAIN"); equal(get("f.conflict"), "Base"); equal(get("f"), "AAse")
# The same flags and position, and a reader and an appender among them.
put("g", "base"); r = os.open("g", os.O_RDONLY); w = [os.open("g", os.O_WRONLY) for _ in range(3)]; x = os.open("g", os.O_WRONLY | os.O_APPEND)
os.write(w[1], b"one"); os.close(w[0]); os.close(w[1]); equal(get("g"), "onee"); equal(os.read(r, 9), b"base")
os.write(x, b"+"); os.close(x); equal(get("g"), "onee+"); os.close(w[2]); assert token("g").startswith("3.")'
}

@test "writers in another pid namespace commit at close as others do" {
    echo old >f
    unshare --pid --fork bash -c 'echo a >f; cat f; (echo b; /bin/echo c) >f; cat f' >"$BATS_TEST_TMPDIR/out"
    equal "$(cat "$BATS_TEST_TMPDIR/out")" $'a\nb\nc'
    equal "$(ordinal f)" 3
    unshare --pid --fork --kill-child python3 -c "
import os; fd = os.open('f', os.O_WRONLY | os.O_TRUNC); os.write(fd, b'x')
if os.fork() == 0: os.kill(os.getpid(), 9)
os.wait(); os._exit(0)"
    equal "$(cat f)" x
}

@test "writers that the daemon cannot see commit at release; fsync tells" {
    cd / && unmount_fs
    unshare --pid --fork "$OCCFS" "$STORE" "$MNT" -f -o allow_other 2>>"$LOG" 3>&- 4>&- &
    DAEMON=$!
    eventually mountpoint -q "$MNT"
    cd "$MNT"
    echo old >f
    is() { [ "$(cat f)" = "$1" ]; }
    eventually is old
    (echo a; /bin/echo b; (echo c)) >f
    eventually is $'a\nb\nc'
    equal "$(ordinal f)" 2
    py '
fd = os.open("f", os.O_WRONLY); put("g", "x")
with open("f", "w") as file: file.write("theirs"); file.flush(); os.fsync(file.fileno())
equal(get("f"), "theirs"); os.write(fd, b"mine"); equal(refused(os.fsync, fd), "EAGAIN"); equal(get("f.conflict"), "minec\n")'
    cat f f >"$BATS_TEST_TMPDIR/out"
    equal "$(cat "$BATS_TEST_TMPDIR/out")" theirstheirs
}

# ---- opens that do not look a name up ----

@test "reopening a draft through /proc/self/fd joins it; others see the head" {
    mkfifo "$BATS_TEST_TMPDIR/end" "$BATS_TEST_TMPDIR/number"
    echo old >f
    py '
fd = os.open("f", os.O_WRONLY | os.O_TRUNC); os.write(fd, b"draft"); again = f"/proc/self/fd/{fd}"
equal(get(again), "draft")
second = os.open(again, os.O_WRONLY); os.pwrite(second, b"D", 0); equal(get(again), "Draft")
equal(subprocess.run(["cat", f"/proc/{os.getpid()}/fd/{fd}"], capture_output=True).stdout, b"Draft")  # a child of the writer
equal(get("f"), "old\n"); os.close(second); equal(get("f"), "old\n"); os.close(fd); equal(get("f"), "Draft")
assert token("f").startswith("2.")'
    # Who does not descend from the writer.
    python3 -c "
import os, sys
fd = os.open('f', os.O_WRONLY | os.O_TRUNC); os.write(fd, b'theirs'); print(fd, flush=True); sys.stdin.read()" \
        <"$BATS_TEST_TMPDIR/end" >"$BATS_TEST_TMPDIR/number" 3>&- 4>&- &
    local writer=$! number
    exec 7>"$BATS_TEST_TMPDIR/end"
    read -r number <"$BATS_TEST_TMPDIR/number"
    equal "$(cat "/proc/$writer/fd/$number")" Draft
    printf + >>"/proc/$writer/fd/$number"
    equal "$(cat f)" Draft+
    exec 7>&-
    wait $writer
    equal "$(cat f f.conflict)" Draft+theirs
}

@test "an O_PATH descriptor opens what the file is then" {
    py '
put("f", "1"); path = os.open("f", os.O_PATH); link = f"/proc/self/fd/{path}"
equal(get(link), "1"); put("f", "22"); equal(get(link), "22"); equal(os.fstat(path).st_size, 2); put("f", "333")
fd = os.open(link, os.O_RDONLY); put("f", "4444"); equal(os.read(fd, 9), b"333"); equal(get(link), "4444"); os.close(fd)
with open(link, "w") as file: file.write("through"); file.flush(); equal(get("f"), "4444")
equal(get("f"), "through"); put(link, "again"); equal(get("f"), "again"); assert token("f").startswith("6."), token("f")
fd = os.open(link, os.O_RDWR); put("f", "theirs"); os.pwrite(fd, b"mine", 0); equal(os.pread(fd, 9, 0), b"minen")
equal(refused(os.close, fd), "EAGAIN"); equal(get("f.conflict"), "minen"); equal(get("f"), "theirs")
with open(link, "a") as file: file.write("+")
equal(get("f"), "theirs+"); os.truncate(link, 3); equal(get("f"), "the"); os.chmod(link, 0o600); equal(os.stat("f").st_mode & 0o777, 0o600)
os.unlink("f"); equal(get(link), "the")'
}

@test "reopening a reader's descriptor shows the head, the descriptor its version" {
    py '
put("f", "1"); fd = os.open("f", os.O_RDONLY); link = f"/proc/self/fd/{fd}"; put("f", "22")
equal(os.pread(fd, 9, 0), b"1"); equal(get(link), "22"); equal(os.pread(fd, 9, 0), b"1")
with open(link, "r+") as file: file.write("x")
equal(get("f"), "x2"); equal(os.pread(fd, 9, 0), b"1")'
}

@test "a bind mount of a single file follows the file" {
    touch "$BATS_TEST_TMPDIR/bound"
    py '
import ctypes
bound = sys.argv[1]; put("f", "1"); ctypes.CDLL(None).unshare(0x20000)  # mounts of its own: they go with the process
for arguments in ["--make-rprivate", "/"], ["--bind", "f", bound]: subprocess.run(["mount"] + arguments, check=True)
for text in "22", "333", "4444":
    put("f", text); equal(get(bound), text); equal(os.stat(bound).st_size, len(text)); equal(token(bound), token("f"))
for text in "a", "bb", "ccc": put(bound, text); equal(get("f"), text); equal(get(bound), text)
assert token("f").startswith("7."); reader = os.open(bound, os.O_RDONLY)
with open(bound, "a") as file: file.write("more")
equal(get("f"), "cccmore"); fd = os.open(bound, os.O_RDWR)
put("f", "theirs"); os.write(fd, b"mine"); equal(refused(os.close, fd), "EAGAIN"); equal(get("f"), "theirs"); equal(get("f.conflict"), "mineore")
equal(os.read(reader, 99), b"ccc"); equal(get(bound), "theirs")
os.truncate(bound, 2); equal(get("f"), "th"); os.chmod("f", 0o604); equal(os.stat(bound).st_mode & 0o777, 0o604)
equal(subprocess.run(["sh", "-c", "(echo a; /bin/echo b) >" + bound]).returncode, 0); equal(get("f"), "a\nb\n"); assert token("f").startswith("11.")
told, tell = os.pipe(); go, gone = os.pipe()
if os.fork() == 0:
    os.close(gone); fd = os.open(bound, os.O_WRONLY); os.write(fd, b"mine"); os.write(tell, b"x"); os.read(go, 1)
    os._exit(0 if refused(os.close, fd) == "EAGAIN" else 1)
os.read(told, 1); os.truncate(bound, 1); equal(get("f"), "a"); os.close(gone); equal(os.wait()[1], 0); equal(get(bound), "a")' \
        "$BATS_TEST_TMPDIR/bound"
}

# ---- what others see ----

@test "attributes that change through a draft's descriptor are on every view at once" {
    echo a >f
    ln f g
    py '
reader = os.open("f", os.O_RDONLY); put("f", "newer\n"); newer = os.open("f", os.O_RDONLY); a = os.open("f", os.O_RDWR); b = os.open("g", os.O_WRONLY)
os.write(a, b"x"); views = ["f", "g", reader, newer, a, b]
def all_see(what, value): equal([what(os.stat(v)) for v in views], [value] * 6)
os.fchmod(a, 0o640); all_see(lambda s: s.st_mode & 0o777, 0o640); os.fchown(b, 1, 2); all_see(lambda s: (s.st_uid, s.st_gid), (1, 2))
os.link("f", "h"); all_see(lambda s: s.st_nlink, 3); os.unlink("h"); all_see(lambda s: s.st_nlink, 2)
os.setxattr(b, "user.x", b"y"); equal([os.getxattr(v, "user.x") for v in views], [b"y"] * 6)
os.removexattr("g", "user.x"); equal([refused(os.getxattr, v, "user.x") for v in views], ["ENODATA"] * 6)
os.fchmod(reader, 0o600); all_see(lambda s: s.st_mode & 0o777, 0o600)'
    as_nobody cat f && false
    chmod 644 f
    as_nobody cat f >/dev/null
}

@test "truncate by path while readers and writers hold the file" {
    py '
put("f", "0123456789" * 1000); reader = os.open("f", os.O_RDONLY); map = mmap.mmap(reader, 0, prot=mmap.PROT_READ)
writer = os.open("f", os.O_WRONLY); os.pwrite(writer, b"x", 0)
os.truncate("f", 5000); equal(os.stat("f").st_size, 5000); equal(len(get("f")), 5000)
equal(map[:], b"0123456789" * 1000); equal(os.pread(reader, 20000, 0), b"0123456789" * 1000); equal(os.fstat(writer).st_size, 10000)
equal(refused(os.close, writer), "EAGAIN"); equal(os.stat("f").st_size, 5000); equal(os.stat("f.conflict").st_size, 10000)
for size in 0, 70000, 3, 3: os.truncate("f", size); equal(os.stat("f").st_size, size)
equal(get("f"), "\0\0\0"); equal(map[9999:], b"9")'
}

@test "a child, and its child, read an unfinished new file of theirs by its name; others see it empty" {
    py '
import tempfile
with tempfile.NamedTemporaryFile("w", dir=".") as file:
    file.write("int x;\n"); file.flush()
    run = lambda *c: subprocess.run(c, capture_output=True, text=True).stdout
    equal(run("cat", file.name), "int x;\n"); equal(run("sh", "-c", f"(cat {file.name}; true)"), "int x;\n")
    equal(run("stat", "-c", "%s", file.name), "7\n"); equal(run("cp", file.name, "copy"), ""); equal(get("copy"), "int x;\n")
    equal(get(file.name), "int x;\n")
    file.write("int y;\n"); file.flush(); equal(run("wc", "-l", file.name).split()[0], "2")
equal(os.listdir("."), ["copy"])
told, tell = os.pipe(); go, gone = os.pipe()
if os.fork() == 0:
    fd = os.open("new", os.O_WRONLY | os.O_CREAT, 0o644); os.write(fd, b"draft"); os.write(tell, b"x"); os.close(gone); os.read(go, 1); os._exit(0)
os.read(told, 1); equal(get("new"), ""); equal(os.stat("new").st_size, 0); equal(token("new")[:2], "0.")
os.close(gone); os.wait(); equal(get("new"), "draft")'
}

@test "lookups of several links across commits, renames and conflicts end with every name fresh" {
    py '
names = [f"d{i}/n{i}" for i in range(8)]
for i in range(8): os.mkdir(f"d{i}")
put(names[0], "0")
for name in names[1:]: os.link(names[0], name)
children = []
for worker in range(3):
    if (pid := os.fork()) == 0:
        end = time.time() + 3
        while time.time() < end:
            for name in names:
                try: os.stat(name); get(name); os.listdir(os.path.dirname(name)); os.path.exists(name + ".conflict")
                except FileNotFoundError: pass
        os._exit(0)
    children.append(pid)
end, count = time.time() + 3, 0
while time.time() < end:
    for name in names:
        count += 1; put(name, str(count))
        for other in names: equal(get(other), str(count))
    os.rename(names[0], "moved"); equal(get("moved"), str(count)); os.rename("moved", names[0]); equal(get(names[0]), str(count))
    if count % 80 == 0:
        fd = os.open(names[3], os.O_WRONLY); put(names[5], f"0{count}"); os.write(fd, b"m" * 20); equal(refused(os.close, fd), "EAGAIN")
        assert os.path.exists("d3/n3.conflict"); os.unlink("d3/n3.conflict"); assert not os.path.exists("d3/n3.conflict")
        for other in names: equal(get(other), f"0{count}")
for pid in children: equal(os.waitpid(pid, 0)[1], 0)
equal(len({token(n) for n in names}), 1)'
}

@test "the kernel forgets in the middle of the work" {
    [ -w /proc/sys/vm/drop_caches ] || skip "no right to drop the kernel's caches"
    py '
import threading
for d in range(10):
    os.makedirs(f"d{d}/e")
    for i in range(30): put(f"d{d}/e/{i}", f"{d}.{i}")
stop = False
def forget():
    while not stop:
        with open("/proc/sys/vm/drop_caches", "w") as file: file.write("2")
        time.sleep(0.05)
thread = threading.Thread(target=forget); thread.start()
try:
    reader = os.open("d0/e/0", os.O_RDONLY); writer = os.open("d0/e/1", os.O_WRONLY); os.write(writer, b"draft"); map = mmap.mmap(reader, 0, prot=mmap.PROT_READ)
    end, count = time.time() + 4, 0
    while time.time() < end:
        count += 1
        for d in range(10):
            for i in range(2, 30):
                path = f"d{d}/e/{i}"
                if (i + count) % 3 == 0: put(path, f"{d}.{i}.{count}")
                elif i == 7: os.rename(path, path + "x"); os.rename(path + "x", path)
                elif i == 8: os.unlink(path); put(path, f"{d}.{i}")
                assert get(path).startswith(f"{d}.{i}"), path; os.stat(path); equal(len(os.listdir(f"d{d}/e")), 30)
finally: stop = True; thread.join()
equal(map[:], b"0.0"); equal(os.pread(reader, 9, 0), b"0.0"); equal(get("d0/e/1"), "0.1"); os.close(writer); equal(get("d0/e/1"), "draft")'
}

# ---- sizes ----

@test "a file of 4 GiB is written and read with the daemon under 512 MiB" {
    [ -z "${ASAN_OPTIONS:-}" ] || skip "a sanitizer takes memory of its own"
    free=$(($(stat -f -c '%a * %S' "$STORE") / 1024 / 1024))
    [ "$free" -gt 12000 ] || skip "12 GB of disk are needed, $free MB are free"
    py '
block = bytearray(os.urandom(1 << 20) * 4); fd = os.open("f", os.O_WRONLY | os.O_CREAT)
for i in range(1024): block[0:8] = i.to_bytes(8, "big"); os.write(fd, block)
os.close(fd); equal(os.stat("f").st_size, 4 << 30)
fd = os.open("f", os.O_RDONLY)
for i in range(0, 1024, 7): equal(os.pread(fd, 8, i << 22), i.to_bytes(8, "big")); equal(os.pread(fd, 99, (i << 22) + 5000), block[5000:5099])'
    peak=$(awk '/^VmHWM/ { print $2 }' "/proc/$DAEMON/status")
    echo "peak: $peak kB"
    [ "$peak" -lt $((512 * 1024)) ]
    # One byte of it: the rest is shared with the version before.
    before=$(du -sm "$STORE" | cut -f1)
    py 'fd = os.open("f", os.O_WRONLY); os.pwrite(fd, b"x", 3 << 30); os.close(fd); equal(os.stat("f").st_size, 4 << 30)'
    equal "$(ordinal f)" 2
    [ $(($(du -sm "$STORE" | cut -f1) - before)) -lt 100 ]
}

@test "a sparse file of 1 TiB stores nothing but what was written" {
    before=$(du -sk "$STORE" | cut -f1)
    truncate -s 1T f
    py '
fd = os.open("f", os.O_RDWR); os.pwrite(fd, b"middle", 1 << 39); equal(os.pread(fd, 8, (1 << 39) - 1), b"\0middle\0"); os.close(fd)
equal(os.stat("f").st_size, 1 << 40); fd = os.open("f", os.O_RDONLY); equal(os.pread(fd, 8, (1 << 39) - 1), b"\0middle\0")
equal(os.pread(fd, 4, (1 << 40) - 2), b"\0\0")'
    [ $(($(du -sk "$STORE" | cut -f1) - before)) -lt 2000 ]
    [ "$(stat -c %b f)" -lt 2000 ]
    remount
    equal "$(stat -c %s f)" $((1 << 40))
    truncate -s 5 f
    equal "$(tr '\0' 0 <f)" 00000
}

# ---- crashes ----

@test "after kill -9 of the daemon every commit that had returned 0 is there, and no draft" {
    py '
for i in range(200): put(f"f{i}", f"first {i}")
for i in range(0, 200, 2): put(f"f{i}", "x" * i * 3000 + "second")
os.mkdir("d"); os.rename("f1", "d/moved"); os.unlink("f3"); os.setxattr("f5", "user.x", b"y"); os.chmod("f7", 0o600); os.symlink("f5", "l"); os.link("f9", "h")
os.truncate("f11", 3); fd = os.open("f13", os.O_WRONLY); put("f13", "theirs"); os.write(fd, b"mine"); refused(os.close, fd)
fd = os.open("f15", os.O_WRONLY | os.O_TRUNC); os.write(fd, b"draft" * 100000)
new = os.open("new", os.O_WRONLY | os.O_CREAT); os.write(new, b"draft")
gone = os.open("gone", os.O_RDWR | os.O_CREAT); os.unlink("gone"); os.write(gone, b"x" * 1000000)
put(sys.argv[1], ""); time.sleep(60)' "$BATS_TEST_TMPDIR/done" 3>&- 4>&- &
    local writer=$!
    eventually test -e "$BATS_TEST_TMPDIR/done"
    kill_daemon
    kill $writer
    wait $writer || true
    crash_and_remount
    py '
for i in range(0, 200, 2): equal(get(f"f{i}"), "x" * i * 3000 + "second")
for i in range(17, 200, 2): equal(get(f"f{i}"), f"first {i}")
equal(get("d/moved"), "first 1"); assert not os.path.exists("f3"); equal(os.getxattr("f5", "user.x"), b"y"); equal(os.stat("f7").st_mode & 0o777, 0o600)
equal(get("l"), "first 5"); equal(os.stat("f9").st_nlink, 2); equal(get("f11"), "fir"); equal(get("f13"), "theirs"); equal(get("f13.conflict")[:4], "mine")
equal(get("f15"), "first 15"); equal(get("new"), ""); assert token("new").startswith("0."); assert not os.path.exists("gone")'
}

@test "after kill -9 of the daemon what was being created anew has what its name had" {
    py '
for name in ("removed", "moved", "made"): put(name, f"{name} before"); os.chmod(name, 0o640)
os.unlink("removed"); os.rename("moved", "moved~"); os.unlink("made")
opened = [os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666) for name in ("removed", "moved")]
for fd in opened: os.write(fd, b"draft" * 50000)
os.mknod("made"); equal([get(name) for name in ("moved~", "made")], ["moved before", ""])
os.unlink("moved~"); put(sys.argv[1], ""); time.sleep(60)' "$BATS_TEST_TMPDIR/done" 3>&- 4>&- &
    local writer=$!
    eventually test -e "$BATS_TEST_TMPDIR/done"
    kill_daemon
    kill $writer
    wait $writer || true
    crash_and_remount
    py '
for name in ("removed", "moved"):
    equal(get(name), f"{name} before"); equal(token(name).split(".")[0], "1"); equal(os.stat(name).st_mode & 0o777, 0o640)
    put(name, "after"); equal(token(name).split(".")[0], "2")
equal(get("made"), ""); put("made", "made after"); equal(token("made").split(".")[0], "2")'
    remount
    py 'equal([get(name) for name in ("removed", "moved", "made")], ["after", "after", "made after"])'
}

@test "the daemon is killed again and again under writers; what was acknowledged stays" {
    for round in 1 2 3 4; do
        py '
n = int(sys.argv[2]); acknowledged = open(sys.argv[3], "a", buffering=1)
try:
    for i in range(100000):
        put(f"f{i % 50}", f"{n} {i} " + "x" * (i % 7) * 30000); acknowledged.write(f"{i % 50} {n} {i}\n")
except OSError as error: equal(errno.errorcode[error.errno] in ("ENOTCONN", "ECONNABORTED", "EIO", "ENOENT"), True)' \
            x $round "$BATS_TEST_TMPDIR/acknowledged" 3>&- 4>&- &
        local writer=$!
        worked() { [ "$(grep -c " $round " "$BATS_TEST_TMPDIR/acknowledged")" -gt $((round * 60)) ]; }
        eventually worked
        kill_daemon
        wait $writer || true
        crash_and_remount
        py '
last = {}
for line in open(sys.argv[1]): name, n, i = map(int, line.split()); last[name] = (n, i)
for name, wrote in last.items():
    words = get(f"f{name}").split(" "); got = int(words[0]), int(words[1])
    assert got >= wrote, (name, got, wrote); equal(len(words[2]), got[1] % 7 * 30000)' "$BATS_TEST_TMPDIR/acknowledged"
    done
}

# The store on a disk image; a copy of the image is what the disk holds when the power goes.
on_a_disk() { # options of occfs
    cd / && unmount_fs
    DISK=$BATS_TEST_TMPDIR/disk STORE=$BATS_TEST_TMPDIR/disk/store
    truncate -s 200M "$DISK.image"
    mkfs.ext4 -q "$DISK.image"
    mkdir "$DISK"
    mount -o loop "$DISK.image" "$DISK" || skip "no loop devices"
    mount_fs "$@"
    cd "$MNT" || return 1
}

power_loss_and_remount() {
    cp --sparse=always "$DISK.image" "$DISK.lost"
    cd / && unmount_fs && umount "$DISK"
    mount -o loop "$DISK.lost" "$DISK"
    mount_fs allow_other && cd "$MNT"
}

power_back() {
    cd / && unmount_fs && umount "$DISK"
    STORE=$BATS_TEST_TMPDIR/none
    mount_fs allow_other
}

@test "what fsync acknowledged survives loss of power; what it did not is whole or absent" {
    on_a_disk allow_other
    py '
def synced(path, text):
    with open(path, "w") as file: file.write(text); file.flush(); os.fsync(file.fileno())
os.mkdir("d"); synced("small", "small"); synced("d/large", "x" * 3000000); put("d/unsynced", "u" * 500000); os.rename("small", "moved")
fd = os.open("d", os.O_RDONLY); os.fsync(fd); synced("moved", "again"); put("moved", "not synced"); put("late", "l" * 300000)'
    power_loss_and_remount
    py '
equal(get("d/large"), "x" * 3000000); assert get("moved") in ("again", "not synced"); assert not os.path.exists("small")
for path, text in ("d/unsynced", "u" * 500000), ("late", "l" * 300000):
    if os.path.exists(path): assert get(path) in ("", text)
put("moved", "works on"); equal(get("moved"), "works on")'
    power_back
}

@test "with -o sync every commit that was acknowledged survives loss of power" {
    on_a_disk allow_other,sync
    py '
os.mkdir("d")
for i in range(30): put(f"d/{i}", f"{i}" * i * 1000)
put("d/3", "changed"); os.truncate("d/4", 7); fd = os.open("d/5", os.O_WRONLY); put("d/5", "theirs"); os.write(fd, b"mine"); equal(refused(os.close, fd), "EAGAIN")
with open("d/6", "a") as file: file.write("appended")
put("d/tmp", "saved"); os.rename("d/tmp", "d/7")'
    power_loss_and_remount
    py '
for i in range(8, 30): equal(get(f"d/{i}"), f"{i}" * i * 1000)
equal(get("d/3"), "changed"); equal(get("d/4"), "4444444"); equal(get("d/5"), "theirs"); equal(get("d/5.conflict")[:4], "mine")
equal(get("d/6"), "6" * 6000 + "appended"); equal(get("d/tmp") if os.path.exists("d/tmp") else get("d/7"), "saved")'
    power_back
}
