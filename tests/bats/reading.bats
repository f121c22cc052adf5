#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
load common

@test "an open descriptor shows one version until it is closed, however it is read" {
    py '
put("f", "a" * 300000)
fd = os.open("f", os.O_RDONLY); part = os.read(fd, 100)
put("f", "b" * 400000)
equal(os.fstat(fd).st_size, 300000)
equal(os.pread(fd, 400000, 0), b"a" * 300000)
with mmap.mmap(fd, 0, prot=mmap.PROT_READ) as map: equal(map[:], b"a" * 300000)
equal(get("f"), "b" * 400000)'
}

@test "open, stat and getxattr after a commit see it" {
    py '
for i in range(300):
    put("f", str(i) * (i + 1))
    equal(os.stat("f").st_size, len(str(i)) * (i + 1))
    assert token("f").startswith(f"{i + 1}.")
    equal(get("f"), str(i) * (i + 1))'
}

@test "another process sees a commit as soon as it was answered" {
    py '
put("f", "0")
ask, asked = os.pipe(); told, tell = os.pipe()
if os.fork() == 0:
    os.close(asked)
    while (n := os.read(ask, 4)): os.write(tell, get("f").zfill(4).encode())
    os._exit(0)
for i in range(500):
    put("f", str(i))
    os.write(asked, b"next")
    equal(int(os.read(told, 4)), i)'
}

@test "both names of a file are fresh after a commit" {
    echo a >f
    ln f g
    cat g f
    echo bb >f
    equal "$(cat g)" bb
    equal "$(token f)" "$(token g)"
    equal "$(stat -c %s g)" 3
    echo ccc >g
    equal "$(cat f)" ccc
}

@test "lookups across commits end with every name fresh" {
    py '
names = [f"d{i}" for i in range(50)]
for name in names: put(name, "x")
children = []
for worker in range(4):
    if (pid := os.fork()) == 0:
        end = time.time() + 2
        while time.time() < end:
            for name in names: os.stat(name); get(name)
        os._exit(0)
    children.append(pid)
end, count = time.time() + 2, 0
while time.time() < end:
    count += 1
    for name in names: put(name, str(count))
for name in names: equal(get(name), str(count)); assert token(name).startswith(f"{count + 1}.")
for pid in children: equal(os.waitpid(pid, 0)[1], 0)'
}
