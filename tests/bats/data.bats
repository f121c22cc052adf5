#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a file's bytes are, by every call that changes or looks at them: as on ext4, and private until the commit.
load common

CHUNK=131072 # holes and shared pieces are chunks

# Runs the text on the mount and in a plain directory, and compares what it prints.
same_as_plain() {
    local plain=$BATS_TEST_TMPDIR/plain
    mkdir -p "$plain"
    (cd "$plain" && py "$PROLOGUE$1") >"$BATS_TEST_TMPDIR/expected"
    py "$PROLOGUE$1" >"$BATS_TEST_TMPDIR/got"
    diff "$BATS_TEST_TMPDIR/expected" "$BATS_TEST_TMPDIR/got"
}

PROLOGUE='
import ctypes, hashlib, resource
C = 131072
libc = ctypes.CDLL(None, use_errno=True)
libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_long, ctypes.c_long]
KEEP, PUNCH, COLLAPSE, ZERO, INSERT = 1, 2, 8, 16, 32
def fallocate(fd, mode, offset, length):
    return "ok" if libc.fallocate(fd, mode, offset, length) == 0 else errno.errorcode[ctypes.get_errno()]
def seek(fd, offset, whence):
    try: return os.lseek(fd, offset, whence)
    except OSError as error: return errno.errorcode[error.errno]
def digest(path):
    with open(path, "rb") as file: return hashlib.md5(file.read()).hexdigest()
def pattern(size, seed=1): return b"".join(b"%07d\n" % (i * 7 + seed) for i in range(size // 8 + 1))[:size]
def make(path, data):
    with open(path, "wb") as file: file.write(data)
'

# ---- fallocate ----

@test "fallocate does to sizes and bytes what it does on ext4" {
    same_as_plain '
for size in 0, 10, 1000, C, 3 * C + 17:
    for mode in 0, KEEP, PUNCH | KEEP, ZERO, ZERO | KEEP:
        for offset, length in (0, 1), (5, 100), (4096, 4096), (C // 2, C), (C, C), (0, 4 * C), (2 * C, 1 << 22), (1 << 30, 10):
            make("f", pattern(size))
            fd = os.open("f", os.O_RDWR)
            print(size, mode, offset, length, fallocate(fd, mode, offset, length), os.fstat(fd).st_size)
            if os.fstat(fd).st_size < 1 << 24: print(hashlib.md5(os.pread(fd, 1 << 24, 0)).hexdigest())
            os.close(fd)
            print(os.stat("f").st_size, digest("f") if os.stat("f").st_size < 1 << 24 else "")'
}

@test "what fallocate cannot do is refused as the kernel has it" {
    py "$PROLOGUE"'
make("f", pattern(4 * C))
fd = os.open("f", os.O_RDWR)
equal(fallocate(fd, COLLAPSE, C, C), "ENOTSUP"); equal(fallocate(fd, INSERT, C, C), "ENOTSUP")
equal(fallocate(fd, PUNCH, 0, 10), "ENOTSUP")
equal(fallocate(fd, 0, 0, 0), "EINVAL"); equal(fallocate(fd, 0, -1, 10), "EINVAL")
equal(fallocate(fd, 0, 1 << 62, 1 << 62), "EFBIG")
equal(fallocate(os.open("f", os.O_RDONLY), 0, 0, 10), "EBADF")
equal(fallocate(os.open(".", os.O_RDONLY), 0, 0, 10), "EBADF")
os.mkfifo("p"); equal(fallocate(os.open("p", os.O_RDWR), 0, 0, 10), "ESPIPE")
os.close(fd); equal(digest("f"), hashlib.md5(pattern(4 * C)).hexdigest())'
}

@test "a punched hole is the writer's alone until the commit, and gives back what it took" {
    py "$PROLOGUE"'
make("f", pattern(8 * C)); before = os.stat("f").st_blocks; old = digest("f")
reader = os.open("f", os.O_RDONLY)
fd = os.open("f", os.O_RDWR)
equal(fallocate(fd, PUNCH | KEEP, C, 6 * C), "ok")
equal(os.pread(fd, 6 * C, C), bytes(6 * C)); equal(digest("f"), old)
equal(os.fstat(fd).st_blocks, before // 4)
os.close(fd)
equal(digest("f"), hashlib.md5(pattern(C) + bytes(6 * C) + pattern(8 * C)[7 * C:]).hexdigest())
equal(os.stat("f").st_blocks, before // 4)
equal(hashlib.md5(os.pread(reader, 8 * C, 0)).hexdigest(), old)'
}

@test "posix_fallocate of what a descriptor has makes no version" {
    py '
put("f", "x" * 1000); before = token("f")
fd = os.open("f", os.O_RDWR); os.posix_fallocate(fd, 0, 500); os.close(fd)
equal(token("f"), before)'
}

# ---- SEEK_DATA, SEEK_HOLE ----

@test "data and holes are found in versions and in drafts" {
    py "$PROLOGUE"'
D, H = os.SEEK_DATA, os.SEEK_HOLE
fd = os.open("f", os.O_CREAT | os.O_RDWR)
equal(seek(fd, 0, D), "ENXIO"); equal(seek(fd, 0, H), "ENXIO")
os.pwrite(fd, b"x" * 10, 3 * C + 5); os.ftruncate(fd, 10 * C + 7)
reader = None
for where in fd, None:
    if where is None: os.close(fd); where = os.open("f", os.O_RDONLY)
    equal(seek(where, 0, H), 0); equal(seek(where, 0, D), 3 * C); equal(seek(where, 3 * C + 7, D), 3 * C + 7)
    equal(seek(where, 3 * C + 7, H), 4 * C); equal(seek(where, 4 * C, D), "ENXIO"); equal(seek(where, 5 * C, H), 5 * C)
    equal(seek(where, 10 * C + 7, H), "ENXIO"); equal(seek(where, 10 * C + 7, D), "ENXIO"); equal(seek(where, -1, D), "ENXIO")
    equal(seek(where, 10 * C + 6, H), 10 * C + 6)
make("small", b"abc"); fd = os.open("small", os.O_RDONLY)
equal(seek(fd, 1, D), 1); equal(seek(fd, 1, H), 3); equal(seek(fd, 3, D), "ENXIO")'
}

@test "what a mapping has stored in a hole is data" {
    py "$PROLOGUE"'
fd = os.open("f", os.O_CREAT | os.O_RDWR); os.ftruncate(fd, 8 * C)
map = mmap.mmap(fd, 0); map[5 * C + 100] = 65
equal(seek(fd, 0, os.SEEK_DATA), 5 * C); equal(seek(fd, 5 * C, os.SEEK_HOLE), 6 * C)
map[100] = 66
os.close(os.open("copy", os.O_CREAT | os.O_RDWR))
out = os.open("copy", os.O_RDWR); copied = 0
while copied < 8 * C: copied += os.copy_file_range(fd, out, 8 * C, copied, copied)
os.close(out); data = open("copy", "rb").read()
equal(len(data), 8 * C); equal((data[5 * C + 100], data[100]), (65, 66)); equal(data.count(0), 8 * C - 2)
map.close(); os.close(fd)'
}

# ---- copy_file_range ----

@test "copying ranges gives the bytes that it gives on ext4, aligned or not" {
    same_as_plain '
source = pattern(5 * C + 1000)
make("s", source)
for at, start, length in ((0, 0, 1 << 30), (0, 0, C), (C, 0, 2 * C), (0, C, 3 * C), (2 * C, C, 1 << 30), (1, 0, 3 * C), (0, 1, 3 * C),
                          (4096, 4096, 2 * C), (4096, 8192, 4096), (10 * C, 4 * C, 1 << 30), (0, 1 << 30, 10), (7, 5 * C, 1 << 20)):
    for target in b"", pattern(3 * C + 5, 3), pattern(9 * C, 5):
        make("t", target)
        i, o = os.open("s", os.O_RDONLY), os.open("t", os.O_RDWR)
        done = 0
        while done < length:
            got = os.copy_file_range(i, o, length - done, start + done, at + done)
            if got == 0: break
            done += got
        print(at, start, length, done, hashlib.md5(os.pread(o, 1 << 24, 0)).hexdigest())
        os.close(i); os.close(o); print(digest("t"))'
}

@test "copy_file_range fails as on ext4" {
    same_as_plain '
make("f", pattern(4 * C))
rw, ro, wo = os.open("f", os.O_RDWR), os.open("f", os.O_RDONLY), os.open("g", os.O_CREAT | os.O_WRONLY)
append, other = os.open("h", os.O_CREAT | os.O_WRONLY | os.O_APPEND), os.open("f", os.O_RDWR)
for what in ((rw, rw, C, 0, 10), (rw, rw, C, 0, C), (ro, rw, C, 0, 10), (other, rw, 2 * C, C, 0), (wo, rw, 10, 0, 0), (rw, ro, 10, 0, 2 * C),
             (ro, append, 10, 0, 0), (ro, wo, 0, 0, 0), (ro, wo, 10, 4 * C, 0), (os.open(".", os.O_RDONLY), wo, 10, 0, 0)):
    try: print(os.copy_file_range(*what))
    except OSError as error: print(errno.errorcode[error.errno])
print(os.copy_file_range(rw, rw, C, 0, 2 * C)); os.close(rw); print(digest("f"))'
}

@test "a copy of a large file is a matter of its metadata" {
    dd if=/dev/urandom of=big bs=1M count=64 status=none
    before=$(du -s "$STORE" | cut -f 1)
    for i in 1 2 3 4 5; do timeout 10 cp big "copy$i"; done
    cmp big copy5
    (($(du -s "$STORE" | cut -f 1) < before + 130000)) # five times 65536 otherwise
    equal "$(stat -c '%s %b' copy1)" "$(stat -c '%s %b' big)"
    dd if=/dev/zero of=copy1 bs=1M count=1 seek=10 conv=notrunc status=none
    cmp big copy2
    run ! cmp -s big copy1
    rm big
    remount
    equal "$(md5sum <copy2)" "$(md5sum <copy3)"
    equal "$(stat -c %s copy1)" $((64 << 20))
}

@test "a copied range is the writer's alone until the commit, and nothing if it is dropped" {
    py "$PROLOGUE"'
make("s", pattern(20 * C)); make("t", b"old")
i, o = os.open("s", os.O_RDONLY), os.open("t", os.O_RDWR)
equal(os.copy_file_range(i, o, 20 * C, 0, 0), 20 * C)
equal(open("t", "rb").read(), b"old"); equal(os.fstat(o).st_size, 20 * C)
os.ftruncate(o, 0); os.pwrite(o, b"new", 0); os.close(o)
equal(open("t", "rb").read(), b"new"); equal(digest("s"), hashlib.md5(pattern(20 * C)).hexdigest())
# Of a draft, too: what it is at the time.
d = os.open("s", os.O_RDWR); os.pwrite(d, b"draft", 3 * C)
o = os.open("u", os.O_CREAT | os.O_RDWR); equal(os.copy_file_range(d, o, 20 * C, 0, 0), 20 * C)
equal(os.pread(o, 5, 3 * C), b"draft"); os.close(o)
os.pwrite(d, b"DRAFT", 3 * C); os.close(d)
data = pattern(20 * C); equal(digest("u"), hashlib.md5(data[:3 * C] + b"draft" + data[3 * C + 5:]).hexdigest())'
}

@test "a copy keeps the holes, and cp --sparse makes them" {
    py 'with open("sparse", "wb") as file: file.seek(50 << 20); file.write(b"end"); file.truncate(1 << 33)'
    timeout 20 cp sparse copy
    equal "$(stat -c %s copy)" $((1 << 33))
    (($(stat -c %b copy) <= CHUNK / 512))
    cmp -n $((60 << 20)) sparse copy
    head -c 20M /dev/zero >zeros
    cp --sparse=always --reflink=never zeros holes
    equal "$(stat -c '%s %b' holes)" "$((20 << 20)) 0"
    cmp zeros holes
    timeout 20 cp --reflink=auto --sparse=auto sparse copy2
    cmp -n $((60 << 20)) sparse copy2
    run -1 cp --reflink=always sparse copy3
}

# ---- sizes ----

@test "a file is sparse up to 2^63-1 bytes" {
    py "$PROLOGUE"'
last = (1 << 63) - 2
fd = os.open("f", os.O_CREAT | os.O_RDWR)
os.ftruncate(fd, last + 1); equal(os.fstat(fd).st_size, last + 1); equal(os.fstat(fd).st_blocks, 0)
equal(os.pwrite(fd, b"z", last), 1); equal(os.pread(fd, 1, last), b"z")
os.close(fd)
equal(os.stat("f").st_size, last + 1); assert os.stat("f").st_blocks <= C // 512
fd = os.open("f", os.O_RDWR)
equal(os.pread(fd, 1, last), b"z"); equal(seek(fd, 0, os.SEEK_DATA), last - last % C)
equal(fallocate(fd, PUNCH | KEEP, 0, last + 1), "ok"); equal(seek(fd, 0, os.SEEK_DATA), "ENXIO")
os.ftruncate(fd, 1 << 40); os.pwrite(fd, b"m", 1 << 39); os.close(fd)
equal(os.stat("f").st_size, 1 << 40)'
    remount
    equal "$(stat -c %s f)" $((1 << 40))
}

@test "what is cut off and grown again is zeros" {
    same_as_plain '
make("f", pattern(3 * C))
for sizes in (2 * C + 50, 3 * C), (100, 200), (50, 4 * C), (0, 10), (10, 5, 10), (5 * C, 3, C, 2 * C):
    fd = os.open("f", os.O_RDWR)
    os.pwrite(fd, b"mark", os.fstat(fd).st_size // 2)
    for size in sizes:
        os.ftruncate(fd, size)
        print(hashlib.md5(os.pread(fd, 1 << 24, 0)).hexdigest())
    os.close(fd); print(digest("f"))
    for size in sizes: os.truncate("f", size); print(digest("f"))
fd = os.open("f", os.O_RDWR); map = mmap.mmap(fd, C); map[10:20] = b"0123456789"
os.ftruncate(fd, 15); os.ftruncate(fd, C); print(bytes(map[10:20])); map.close(); os.close(fd); print(digest("f"))'
}

@test "RLIMIT_FSIZE stops a writer as on ext4" {
    same_as_plain '
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
make("f", b"x" * 10)
fd = os.open("f", os.O_RDWR)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
print(os.pwrite(fd, b"y" * 10000, 0), refused(os.pwrite, fd, b"y", 5000), refused(os.ftruncate, fd, 5001), refused(os.truncate, "f", 6000),
      fallocate(fd, 0, 0, 6000), fallocate(fd, KEEP, 0, 6000))
os.ftruncate(fd, 5000); os.close(fd); print(os.stat("f").st_size)'
}

@test "st_blocks counts what is there, in drafts too" {
    py "$PROLOGUE"'
fd = os.open("f", os.O_CREAT | os.O_RDWR)
os.ftruncate(fd, 1 << 30); equal(os.fstat(fd).st_blocks, 0)
os.pwrite(fd, pattern(4 * C), 10 * C); equal(os.fstat(fd).st_blocks, 4 * C // 512)
os.fsync(fd); equal(os.fstat(fd).st_blocks, 4 * C // 512)
os.pwrite(fd, pattern(4 * C, 2), 10 * C); equal(os.fstat(fd).st_blocks, 4 * C // 512)
os.close(fd); equal(os.stat("f").st_blocks, 4 * C // 512)'
}

# ---- ways to read and write ----

@test "large and misaligned pieces arrive whole" {
    same_as_plain '
import random
random.seed(7); data = bytearray()
fd = os.open("f", os.O_CREAT | os.O_RDWR)
for i in range(60):
    at, size = random.randrange(6 * C), random.choice((1, 511, 4097, C - 1, C, C + 1, 3 * C + 3))
    piece = pattern(size, i)
    assert os.pwrite(fd, piece, at) == size
    if len(data) < at + size: data.extend(bytes(at + size - len(data)))
    data[at:at + size] = piece
    a, n = random.randrange(6 * C), random.randrange(2 * C)
    assert os.pread(fd, n, a) == data[a:a + n]
os.close(fd); assert open("f", "rb").read() == data
fd = os.open("v", os.O_CREAT | os.O_RDWR)
print(os.pwritev(fd, [b"a" * 70000, b"", b"b" * 70001, b"c"], 33)); os.close(fd); print(digest("v"))
make("big", pattern(40 << 20)); print(digest("big"))'
}

@test "O_DIRECT" {
    py "$PROLOGUE"'
page = mmap.mmap(-1, 4 * C); page[:] = pattern(4 * C)
fd = os.open("f", os.O_CREAT | os.O_RDWR | os.O_DIRECT)
equal(os.pwritev(fd, [memoryview(page)[:3 * C]], 0), 3 * C); equal(os.pwritev(fd, [memoryview(page)[:4096]], 3 * C), 4096)
got = mmap.mmap(-1, 4 * C); equal(os.preadv(fd, [got], 0), 3 * C + 4096); equal(got[:3 * C], page[:3 * C])
os.close(fd)
data = page[:3 * C] + page[:4096]; equal(digest("f"), hashlib.md5(data).hexdigest())
fd = os.open("f", os.O_RDONLY | os.O_DIRECT); equal(os.preadv(fd, [got], 4096), 3 * C); equal(got[:3 * C], data[4096:]); os.close(fd)
fd = os.open("f", os.O_RDWR)
os.pwrite(fd, b"buffered", 0); direct = os.open("/proc/self/fd/%d" % fd, os.O_RDONLY | os.O_DIRECT)
equal(os.preadv(direct, [memoryview(got)[:4096]], 0), 4096); equal(got[:8], b"buffered")'
}

@test "O_APPEND appends, also by pwrite, and O_SYNC commits nothing by itself that POSIX would not show" {
    same_as_plain '
make("f", b"0123456789")
fd = os.open("f", os.O_RDWR | os.O_APPEND)
print(os.write(fd, b"ab"), os.pwrite(fd, b"cd", 0), os.lseek(fd, 0, os.SEEK_CUR), os.pread(fd, 20, 0))
os.ftruncate(fd, 3); print(os.write(fd, b"x"), os.pread(fd, 20, 0))
os.close(fd); print(open("f", "rb").read())
fd = os.open("f", os.O_WRONLY | os.O_SYNC); os.write(fd, b"S"); os.close(fd); print(open("f", "rb").read())'
}

@test "mappings, shared and private, of drafts and of versions" {
    py "$PROLOGUE"'
make("f", pattern(3 * C))
v = os.open("f", os.O_RDONLY)
shared, private = mmap.mmap(v, 0, mmap.MAP_SHARED, mmap.PROT_READ), mmap.mmap(v, 0, mmap.MAP_PRIVATE)
private[0:3] = b"PPP"; equal(private[0:4], b"PPP" + pattern(4)[3:4]); equal(shared[:3 * C], pattern(3 * C))
fd = os.open("f", os.O_RDWR); draft = mmap.mmap(fd, 0)
draft[2 * C:2 * C + 4] = b"DDDD"
equal(os.pread(fd, 4, 2 * C), b"DDDD")
os.pwrite(fd, b"WWWW", C); equal(draft[C:C + 4], b"WWWW")
own = mmap.mmap(fd, 0, mmap.MAP_PRIVATE); own[0:1] = b"!"; equal(draft[0:1], pattern(1))
os.fsync(fd)
equal(open("f", "rb").read()[2 * C:2 * C + 4], b"DDDD"); equal(shared[2 * C:2 * C + 4], pattern(3 * C)[2 * C:2 * C + 4])
draft.close(); own.close(); os.close(fd)
equal(shared[:3 * C], pattern(3 * C)); equal(refused(mmap.mmap, v, 0, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE), "EACCES")'
}

@test "programs run from the mount and cannot be written while they run" {
    cp /bin/sleep sleeper && chmod 755 sleeper
    py "$PROLOGUE"'
running = subprocess.Popen(["./sleeper", "100"])  # returns when it is running
equal(refused(os.open, "sleeper", os.O_WRONLY), "ETXTBSY"); equal(refused(os.truncate, "sleeper", 0), "ETXTBSY")
equal(refused(os.open, "sleeper", os.O_RDWR | os.O_TRUNC), "ETXTBSY")
running.kill(); running.wait()
# A draft keeps nobody from running the version.
fd = os.open("sleeper", os.O_RDWR); os.ftruncate(fd, 0)
equal(subprocess.run(["./sleeper", "0"]).returncode, 0)
os.pwrite(fd, b"#!/bin/sh\nexit 7\n", 0); os.close(fd)
equal(subprocess.run(["./sleeper", "0"]).returncode, 7)'
    printf '#!/bin/sh\necho ran "$1"\n' >script && chmod 755 script
    equal "$(./script it)" "ran it"
}

# ---- times ----

@test "times of files and directories change as on ext4" {
    same_as_plain '
def snap(paths):
    out = {}
    for path in paths:
        try: s = os.lstat(path); out[path] = (s.st_mtime_ns, s.st_ctime_ns)
        except FileNotFoundError: out[path] = None
    return out
COARSE = 5  # CLOCK_REALTIME_COARSE, what ext4 takes for its stamps
def tick():
    now = time.clock_gettime_ns(COARSE)
    while time.clock_gettime_ns(COARSE) == now: time.sleep(0.001)
def change(what, call, *paths):
    before = snap(paths); tick()
    try: call(); error = ""
    except OSError as problem: error = errno.errorcode[problem.errno]
    tick(); after = snap(paths)
    def told(path):
        b, a = before[path], after[path]
        if b is None or a is None: return "gone" if b else "new" if a else "none"
        return "".join(letter for letter, x, y in zip("mc", b, a) if x != y) or "-"
    print(what, error, *(path + ":" + told(path) for path in paths))
def with_fd(path, flags, call):
    fd = os.open(path, flags); call(fd); os.close(fd)
RW = os.O_RDWR
make("f", b"yy")
change("create", lambda: make("new", b""), "new", ".")
change("write", lambda: make("f", b"xxx"), "f", ".")
change("write the same", lambda: make("f", b"xxx"), "f", ".")
change("overwrite the same", lambda: with_fd("f", RW, lambda fd: os.pwrite(fd, b"x", 0)), "f", ".")
change("open and close", lambda: with_fd("f", RW, lambda fd: 0), "f", ".")
change("write nothing", lambda: with_fd("f", RW, lambda fd: os.write(fd, b"")), "f")
change("O_TRUNC", lambda: with_fd("f", RW | os.O_TRUNC, lambda fd: 0), "f", ".")
change("O_TRUNC of nothing", lambda: with_fd("f", RW | os.O_TRUNC, lambda fd: 0), "f", ".")
for size in 0, 10000, 10000, 100, C * 3, C * 3:
    change("truncate %d" % size, lambda: os.truncate("f", size), "f", ".")
    change("ftruncate %d" % size, lambda: with_fd("f", RW, lambda fd: os.ftruncate(fd, size)), "f", ".")
change("fallocate", lambda: with_fd("f", RW, lambda fd: fallocate(fd, 0, 0, 4 * C)), "f")
change("punch", lambda: with_fd("f", RW, lambda fd: fallocate(fd, PUNCH | KEEP, 0, 50)), "f")
change("zero", lambda: with_fd("f", RW, lambda fd: fallocate(fd, ZERO, 0, 50)), "f")
def store(fd): map = mmap.mmap(fd, 0); map[0:1] = b"z"; map.flush(); map.close()
change("mmap", lambda: with_fd("f", RW, store), "f")
change("chmod", lambda: os.chmod("f", 0o600), "f", ".")
change("chmod again", lambda: os.chmod("f", 0o600), "f", ".")
change("chown", lambda: os.chown("f", 1, 1), "f", ".")
change("chown to nobody else", lambda: os.chown("f", -1, -1), "f", ".")
change("setxattr", lambda: os.setxattr("f", "user.a", b"1"), "f", ".")
change("removexattr", lambda: os.removexattr("f", "user.a"), "f", ".")
change("removexattr of none", lambda: os.removexattr("f", "user.a"), "f", ".")
change("utime", lambda: os.utime("f", (1, 1)), "f", ".")
change("touch", lambda: os.utime("f"), "f", ".")
change("link", lambda: os.link("f", "l"), "f", "l", ".")
change("unlink of one", lambda: os.unlink("l"), "f", "l", ".")
change("mkdir", lambda: os.mkdir("d"), "d", ".")
change("rename", lambda: os.rename("f", "g"), "f", "g", ".")
change("rename into a directory", lambda: os.rename("g", "d/f"), "d/f", "d", ".")
change("rename to itself", lambda: os.rename("d/f", "d/f"), "d/f", "d", ".")
make("g", b"1"); os.link("g", "h")
change("rename onto a link of itself", lambda: os.rename("g", "h"), "g", "h", ".")
make("i", b"1"); os.link("i", "j"); make("k", b"2")
change("rename over one of two", lambda: os.rename("k", "i"), "i", "j", ".")
os.mkdir("e"); tick(); os.mkdir("x")
change("rename a directory", lambda: os.rename("d", "c"), "c", ".")
change("move a directory", lambda: os.rename("e", "c/e"), "c/e", "c", ".")
change("move it over another", lambda: os.rename("c/e", "x"), "x", "c", ".")
change("symlink", lambda: os.symlink("x", "s"), "s", ".")
change("readlink", lambda: os.readlink("s"), "s", ".")
change("touch a symlink", lambda: os.utime("s", (5, 5), follow_symlinks=False), "s", "x", ".")
change("mkfifo", lambda: os.mkfifo("p"), "p", ".")
change("rmdir", lambda: os.rmdir("x"), "x", ".")
change("rmdir of a full one", lambda: os.rmdir("c"), "c", ".")
change("unlink", lambda: os.unlink("c/f"), "c/f", "c", ".")
fd = os.open("g", RW); before = os.fstat(fd); tick(); os.write(fd, b"22"); after = os.fstat(fd)
print(after.st_mtime_ns > before.st_mtime_ns, after.st_ctime_ns > before.st_ctime_ns)
before = after; tick(); os.unlink("g"); os.unlink("h"); after = os.fstat(fd)
print(after.st_mtime_ns > before.st_mtime_ns, after.st_ctime_ns > before.st_ctime_ns, after.st_nlink)'
}

@test "times from 1901 to 2446, to the nanosecond, survive a remount" {
    py '
for i, second in enumerate((-2177452800, -2147483648, -1, 0, 1, 1 << 31, 1 << 32, 1 << 33, 15032385535)):
    for j, ns in enumerate((0, 1, 999999999)):
        name = "f%d.%d" % (i, j); put(name, "")
        os.utime(name, ns=(second * 10**9 + ns, (second + 1) * 10**9 - 1 - ns))'
    remount
    py '
for i, second in enumerate((-2177452800, -2147483648, -1, 0, 1, 1 << 31, 1 << 32, 1 << 33, 15032385535)):
    for j, ns in enumerate((0, 1, 999999999)):
        s = os.stat("f%d.%d" % (i, j)); equal((s.st_atime_ns, s.st_mtime_ns), (second * 10**9 + ns, (second + 1) * 10**9 - 1 - ns))'
}

@test "UTIME_NOW and UTIME_OMIT, by path and by descriptor" {
    py "$PROLOGUE"'
class T(ctypes.Structure): _fields_ = [("s", ctypes.c_long), ("ns", ctypes.c_long)]
NOW, OMIT = (1 << 30) - 1, (1 << 30) - 2
def utimens(path, a, m):
    return libc.utimensat(-100, path.encode(), (T * 2)(T(*a), T(*m)), 0)
put("f", "x"); os.utime("f", (1000, 2000))
equal(utimens("f", (0, OMIT), (3000, 5)), 0); s = os.stat("f"); equal((s.st_atime_ns, s.st_mtime_ns), (1000 * 10**9, 3000 * 10**9 + 5))
equal(utimens("f", (7, 0), (0, OMIT)), 0); s = os.stat("f"); equal((s.st_atime, s.st_mtime_ns), (7, 3000 * 10**9 + 5))
ctime = s.st_ctime_ns; equal(utimens("f", (0, OMIT), (0, OMIT)), 0); equal(os.stat("f").st_ctime_ns, ctime)
now = time.time(); equal(utimens("f", (0, NOW), (9, 0)), 0); s = os.stat("f"); assert abs(s.st_atime - now) < 5; equal(s.st_mtime, 9)
fd = os.open("f", os.O_RDWR); os.write(fd, b"y"); equal(libc.futimens(fd, (T * 2)(T(11, 1), T(12, 2))), 0)
equal((os.fstat(fd).st_atime_ns, os.fstat(fd).st_mtime_ns), (11 * 10**9 + 1, 12 * 10**9 + 2)); os.close(fd)
equal((os.stat("f").st_atime_ns, os.stat("f").st_mtime_ns), (11 * 10**9 + 1, 12 * 10**9 + 2))'
}

ATIME='
def read(path):
    before = os.stat(path).st_atime_ns; time.sleep(0.01)
    with open(path, "rb") as file: file.read()
    return os.stat(path).st_atime_ns > before
'

@test "the time of access changes as with relatime, and is kept" {
    py "$ATIME"'
put("f", "x" * 100000)
equal((read("f"), read("f")), (True, False))
put("f", "y"); equal((read("f"), read("f")), (True, False))
os.chmod("f", 0o600); equal((read("f"), read("f")), (True, False))
t = time.time() - 100000; os.utime("f", (t, t - 10)); time.sleep(0.01); equal((read("f"), read("f")), (True, False))
os.utime("f", (5, 4)); fd = os.open("f", os.O_RDONLY | os.O_NOATIME); os.read(fd, 1); os.close(fd); equal(os.stat("f").st_atime, 5)
os.close(os.open("f", os.O_RDONLY)); equal(os.stat("f").st_atime, 5)
equal(read("f"), True); assert os.stat("f").st_ctime < os.stat("f").st_atime
os.mkdir("d"); before = os.stat("d").st_atime_ns; time.sleep(0.01); os.listdir("d"); assert os.stat("d").st_atime_ns > before
put("times", " ".join(str(os.stat(name).st_atime_ns) for name in ("f", "d")))'
    remount
    py 'equal(" ".join(str(os.stat(name).st_atime_ns) for name in ("f", "d")), get("times"))'
}

@test "the time of access of a live file changes as well" {
    setfattr -n user.occ.policy -v live .
    py "$ATIME"'
put("f", "x" * 100000); equal((read("f"), read("f")), (True, False))
put("f", "y"); equal((read("f"), read("f")), (True, False))
with open("f", "r+") as file: file.write("z"); file.flush(); equal((read("f"), read("f")), (True, False))'
}

@test "with noatime nothing changes the time of access" {
    remount allow_other,noatime
    py "$ATIME"'
put("f", "x"); equal(read("f"), False)
os.mkdir("d"); before = os.stat("d").st_atime_ns; time.sleep(0.01); os.listdir("d"); equal(os.stat("d").st_atime_ns, before)'
}
