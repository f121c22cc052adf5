#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
load common

@test "what is appended to a file that stays open is committed after a while, as often as it is appended" {
    remount append_commit=1
    echo old >log
    exec 7>>log 8>>quiet
    for line in one two; do
        echo $line >&7
        shown() { [ "$(tail -n 1 log)" = "$1" ]; }
        eventually shown $line
    done
    equal "$(cat log)" $'old\none\ntwo'
    equal "$(ordinal log)" 3
    equal "$(ordinal quiet)" 0
    exec 7>&- 8>&-
}

@test "nobody else sees a draft; its writer does, in every way" {
    py '
put("f", "old")
fd = os.open("f", os.O_RDWR)
os.write(fd, b"newer")
equal(get("f"), "old"); equal(os.stat("f").st_size, 3)
equal(os.pread(fd, 100, 0), b"newer"); equal(os.fstat(fd).st_size, 5); equal(os.lseek(fd, 0, os.SEEK_END), 5)
os.ftruncate(fd, 2)
equal(os.pread(fd, 100, 0), b"ne"); equal(get("f"), "old")
os.close(fd)
equal(get("f"), "ne")'
}

@test "a shared writable mapping is part of the draft" {
    py '
put("f", "x" * 10000)
fd = os.open("f", os.O_RDWR)
map = mmap.mmap(fd, 0); map[5000:5003] = b"abc"; map.flush()
map.close(); os.close(fd)
equal(get("f")[4999:5004], "xabcx")'
}

@test "what is stored through a mapping after the close is committed too" {
    py '
put("f", "x" * 100)
fd = os.open("f", os.O_RDWR); map = mmap.mmap(fd, 0); os.close(fd)
map[0:3] = b"abc"; map.close()
end = time.time() + 10
while get("f")[:3] != "abc" and time.time() < end: time.sleep(0.01)
equal(get("f")[:3], "abc")'
}

@test "fsync and fdatasync commit, and the draft goes on" {
    py '
put("f", "0")
fd = os.open("f", os.O_WRONLY)
os.pwrite(fd, b"1", 0); os.fsync(fd); equal(get("f"), "1")
os.pwrite(fd, b"2", 0); os.fdatasync(fd); equal(get("f"), "2")
os.pwrite(fd, b"3", 0); os.close(fd); equal(get("f"), "3")
assert token("f").startswith("4.")'
}

@test "truncate by path commits at once, also while readers hold the file" {
    py '
put("f", "0123456789")
os.truncate("f", 4)
equal(get("f"), "0123"); assert token("f").startswith("2.")
fd = os.open("f", os.O_RDONLY)
os.truncate("f", 2); equal(get("f"), "01"); equal(os.read(fd, 10), b"0123")
os.truncate("f", 6); equal(get("f"), "01\0\0\0\0"); equal(os.pread(fd, 10, 0), b"0123")
os.close(fd)'
}

@test "a draft that nothing changed commits nothing" {
    echo a >f
    py 'os.close(os.open("f", os.O_RDWR)); os.close(os.open("f", os.O_WRONLY | os.O_APPEND))'
    equal "$(ordinal f)" 1
}

@test "the same bytes make no version, whatever the base" {
    echo a >f
    echo a >f
    equal "$(ordinal f)" 1
    py '
put("g", "x" * 200000); fd = os.open("g", os.O_WRONLY)
put("g", "y" * 200000)
os.write(fd, b"y" * 200000); os.close(fd)
assert token("g").startswith("2.")'
}

@test "appends through O_APPEND never conflict" {
    py '
put("log", "")
fds = [os.open("log", os.O_WRONLY | os.O_APPEND) for _ in range(5)]
for i, fd in enumerate(fds): os.write(fd, b"%d\n" % i)
for fd in reversed(fds): os.close(fd)
equal(sorted(get("log").split()), list("01234"))'
    local appenders=()
    for i in $(seq 40); do echo "$i" >>log & appenders+=($!); done
    wait "${appenders[@]}"
    equal "$(wc -l <log)" 45
}

@test "a new file is there at once, empty for others until its first commit" {
    py '
fd = os.open("f", os.O_CREAT | os.O_WRONLY, 0o644); os.write(fd, b"draft")
equal(os.listdir("."), ["f"])
out = subprocess.run(["setsid", "cat", "f"], capture_output=True).stdout
equal(out, b"draft")  # a child of the writer
os.close(fd); equal(get("f"), "draft")'
    (exec 3>g; echo draft >&3; sleep 3) 3>&- &
    local writer=$!
    eventually test -e g
    equal "$(cat g)" ""
    wait $writer
    equal "$(cat g)" draft
}

@test "times that the writer sets hold beyond its commit" {
    py '
fd = os.open("f", os.O_CREAT | os.O_WRONLY); os.write(fd, b"x"); os.utime(fd, (1000, 2000)); os.close(fd)
equal(os.stat("f").st_mtime, 2000)'
    echo a >src && touch -d '2001-02-03 04:05:06' src && cp -p src dst
    equal "$(stat -c %Y dst)" "$(stat -c %Y src)"
}

@test "fchmod and fchown through a draft are seen by path at once" {
    echo a >f
    py '
fd = os.open("f", os.O_RDWR); os.stat("f"); os.write(fd, b"x")
os.fchmod(fd, 0o600); equal(os.stat("f").st_mode & 0o777, 0o600)
os.fchown(fd, 65534, 65534); equal(os.stat("f").st_uid, 65534)
os.chmod("f", 0o640); equal(os.fstat(fd).st_mode & 0o777, 0o640)
os.close(fd)'
}

@test "a write that is not root's takes set-id bits away" {
    echo a >f && chown 65534:65534 f && chmod 6755 f
    as_nobody sh -c 'echo b >>f'
    equal "$(stat -c %a f)" 755
}

@test "two long-lived logs that commit now and then lose nothing of each other" {
    remount allow_other,append_commit=1
    py '
for flags in os.O_WRONLY, os.O_RDWR:
    put("log", "base\n"); a, b = [os.open("log", flags | os.O_APPEND) for i in range(2)]
    for i in range(3):
        os.write(a, b"a%d\n" % i); os.write(b, b"b%d, a longer line\n" % i); time.sleep(2.2)
    os.close(a); os.close(b); lines = get("log").split("\n")
    equal(sorted(lines), sorted(["", "base"] + ["a%d" % i for i in range(3)] + ["b%d, a longer line" % i for i in range(3)]))
equal(os.listdir("."), ["log"])'
}
