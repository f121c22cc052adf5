#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# flock and fcntl locks belong to the file, whatever version a descriptor shows.
load common

# Scripts in which several processes take turns: `Other` is one that evaluates what it is told.
locks() {
    py '
import atexit, ctypes, fcntl, struct
libc = ctypes.CDLL(None, use_errno=True)
EX, SH, UN, NB = fcntl.LOCK_EX, fcntl.LOCK_SH, fcntl.LOCK_UN, fcntl.LOCK_NB
def outcome(expression):
    try: return eval(expression, globals())
    except OSError as error: return errno.errorcode[error.errno]
def flock(fd, operation): return fcntl.flock(fd, operation | NB)
def record(fd, operation, start=0, length=0): return fcntl.lockf(fd, operation if operation == UN else operation | NB, length, start)
def record_wait(fd, operation, start=0, length=0): return fcntl.lockf(fd, operation, length, start)
def ask(command, fd, type, start=0, length=0, pid=0):
    got = fcntl.fcntl(fd, command, struct.pack("hhqqi4x", type, os.SEEK_SET, start, length, pid))
    type, whence, start, length, pid = struct.unpack("hhqqi4x", got)
    return "free" if type == fcntl.F_UNLCK else ("write" if type == fcntl.F_WRLCK else "read", start, length, pid)
def holder(fd, type, start=0, length=0): return ask(fcntl.F_GETLK, fd, type, start, length)
def ofd(fd, type, start=0, length=0): ask(fcntl.F_OFD_SETLK, fd, type, start, length)
class Other:
    all = []
    def __init__(self):
        ours, theirs = os.pipe(), os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(ours[1]); os.close(theirs[0])
            for line in os.fdopen(ours[0]): os.write(theirs[1], (repr(outcome(line.strip())) + "\n").encode())
            os._exit(0)
        os.close(ours[0]); os.close(theirs[1])
        self.told, self.says, self.lives = ours[1], os.fdopen(theirs[0]), True
        Other.all.append(self)
    def start(self, expression): os.write(self.told, (expression + "\n").encode())
    def result(self): return eval(self.says.readline())
    def __call__(self, expression): self.start(expression); return self.result()
    def kill(self):
        if self.lives: os.kill(self.pid, signal.SIGKILL); os.waitpid(self.pid, 0); self.lives = False
atexit.register(lambda: [other.kill() for other in Other.all])
def eventually(expression, expected):
    deadline = time.monotonic() + 20
    while (got := outcome(expression)) != expected:
        assert time.monotonic() < deadline, (expression, got)
        time.sleep(0.01)
def processes(count, work):
    children = []
    for number in range(count):
        if (child := os.fork()) == 0:
            try: work(number); os._exit(0)
            except BaseException:
                import traceback; traceback.print_exc(); os._exit(1)
        children.append(child)
    equal([os.waitpid(child, 0)[1] for child in children], [0] * count)
def increment(path):
    value = int(get(path))
    with open(path, "w") as file: file.write(str(value + 1))
'"$1" "${@:2}"
}

# ---- read-modify-write under a lock ----

@test "flock on the data file: 8 processes x 100 increments, none is lost and none conflicts" {
    locks '
put("f", "0")
def work(number):
    for _ in range(100):
        with open("f") as lock: fcntl.flock(lock, EX); increment("f")
processes(8, work)
equal(get("f"), "800"); equal(os.listdir("."), ["f"])'
}

@test "fcntl on a lock file: 8 processes x 100 increments" {
    locks '
put("f", "0")
def work(number):
    for _ in range(100):
        with open("lock", "w") as lock: fcntl.lockf(lock, EX); increment("f")
processes(8, work)
equal(get("f"), "800")'
}

@test "fcntl on the data file: the close that commits gives the lock up after the commit" {
    locks '
size = 300000  # so much that its commit takes a while
put("f", "0".ljust(size))
def work(number):
    for _ in range(25):
        lock = os.open("f", os.O_RDWR); fcntl.lockf(lock, EX)
        reading, writing = os.open("f", os.O_RDONLY), os.open("f", os.O_WRONLY)
        os.write(writing, str(int(os.read(reading, size)) + 1).ljust(size).encode())
        os.close(writing)  # any close ends the lock
        os.close(reading); os.close(lock)
processes(8, work)
equal(int(get("f")), 200)'
}

@test "flock(1) around a shell script, with the lock on the file or on another one" {
    local lock writers
    for lock in f other; do
        write f 0
        writers=()
        for _ in 1 2 3 4; do
            # shellcheck disable=SC2016 # expanded by the inner shell
            { for _ in $(seq 25); do flock $lock sh -c 'n=$(cat f); echo $((n+1)) > f' || exit; done; } &
            writers+=($!)
        done
        wait "${writers[@]}"
        equal "$lock: $(cat f)" "$lock: 100"
    done
    [ ! -e f.conflict ]
}

@test "flock 9 in a subshell" {
    local writers=()
    echo 0 >f
    for _ in 1 2 3 4; do
        { for _ in $(seq 25); do (flock 9 && n=$(cat f) && echo $((n + 1)) >f) 9>>lock || exit; done; } &
        writers+=($!)
    done
    wait "${writers[@]}"
    equal "$(cat f)" 100
}

@test "a descriptor opened before the lock was had stays at its version, and its commit is checked" {
    locks '
put("f", "0"); other = Other()
fd = os.open("f", os.O_RDWR)
equal(other("fcntl.flock(os.open(\"f\", os.O_RDONLY), EX)"), None)
equal(outcome("flock(fd, EX)"), "EAGAIN")
equal(other("increment(\"f\")"), None); other.kill()
fcntl.flock(fd, EX)
equal(os.read(fd, 9), b"0"); os.pwrite(fd, b"mine", 0)
equal(refused(os.fsync, fd), "EAGAIN"); equal(get("f"), "1"); equal(get("f.conflict"), "mine")'
}

@test "descriptors opened before locking: each conflict is told, and what committed is counted" {
    locks '
put("f", "0")
def work(number):
    done = 0
    while done < 25:
        fd = os.open("f", os.O_RDWR); fcntl.flock(fd, EX)
        value = int(os.pread(fd, 9, 0).split()[0]) + 1
        os.pwrite(fd, f"{value} {number}".encode(), 0)  # the same bytes would be no conflict
        done += refused(os.close, fd) == "no error"
processes(4, work)
equal(get("f").split()[0], "100")'
}

# ---- the file, not its versions or names ----

@test "a lock excludes a descriptor that shows another version" {
    locks '
put("f", "1"); old = os.open("f", os.O_RDONLY); other = Other(); put("f", "2")
equal(other("flock(os.open(\"f\", os.O_RDWR), EX)"), None); equal(outcome("flock(old, SH)"), "EAGAIN")
equal(other("record(os.open(\"f\", os.O_RDWR), EX)"), None); equal(outcome("record(old, SH)"), "EAGAIN")
equal(os.read(old, 9), b"1"); equal(get("f"), "2")
put("f", "3"); equal(outcome("flock(old, SH)"), "EAGAIN"); equal(outcome("record(old, SH)"), "EAGAIN")
other.kill(); eventually("flock(old, SH)", None); eventually("record(old, SH)", None)'
}

@test "a lock stays over the commits of its holder and of others" {
    locks '
put("f", "1"); other = Other(); fd = os.open("f", os.O_RDWR)
record(fd, EX); flock(fd, EX)
os.write(fd, b"2"); os.fsync(fd); equal(other("put(\"f\", \"3\")"), None)
equal(other("record(os.open(\"f\", os.O_RDWR), EX)"), "EAGAIN")
equal(other("flock(os.open(\"f\", os.O_RDWR), EX)"), "EAGAIN")'
}

@test "all names of a file have the same locks, and a rename keeps them" {
    locks '
put("a", "x"); os.link("a", "b"); fd = os.open("a", os.O_RDWR); flock(fd, EX); record(fd, EX); other = Other()
equal(other("flock(os.open(\"b\", os.O_RDWR), EX)"), "EAGAIN")
equal(other("record(os.open(\"b\", os.O_RDWR), EX)"), "EAGAIN")
os.rename("a", "c"); equal(other("flock(os.open(\"c\", os.O_RDWR), EX)"), "EAGAIN")'
}

@test "a file that replaces another has locks of its own" {
    locks '
put("f", "x"); fd = os.open("f", os.O_RDWR); flock(fd, EX); put("g", "y"); os.rename("g", "f")
equal(Other()("flock(os.open(\"f\", os.O_RDWR), EX)"), None)'
}

@test "a locked file is read through the page cache as before" {
    head -c 1000000 /dev/urandom >f
    locks '
fd = os.open("f", os.O_RDWR); record(fd, EX); content = open("f", "rb").read()
for _ in range(3):
    with open("f", "rb") as file:
        with mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as memory: equal(memory[:], content)
put("f", "new"); equal(get("f"), "new")'
}

# ---- fcntl ----

@test "F_GETLK tells who holds what" {
    locks '
put("f", "x" * 100); fd = os.open("f", os.O_RDWR); other = Other()
record(fd, EX, 10, 20); record(fd, SH, 50, 10); record(fd, SH, 60); pid = os.getpid()
def theirs(type, start, length): return other(f"holder(os.open(\"f\", os.O_RDWR), fcntl.{type}, {start}, {length})")
equal(theirs("F_RDLCK", 0, 11), ("write", 10, 20, pid))
equal(theirs("F_RDLCK", 0, 10), "free"); equal(theirs("F_RDLCK", 30, 100), "free")
equal(theirs("F_WRLCK", 55, 1), ("read", 50, 0, pid)); equal(theirs("F_WRLCK", 1 << 60, 1), ("read", 50, 0, pid))
equal(holder(fd, fcntl.F_WRLCK), "free")'
}

@test "unlocking the middle of a range splits it, locking it again joins it" {
    locks '
put("f", ""); fd = os.open("f", os.O_RDWR); other = Other(); equal(other("globals().update(fd=os.open(\"f\", os.O_RDWR))"), None)
record(fd, EX, 0, 100); record(fd, UN, 40, 20)
equal(other("record(fd, EX, 40, 20)"), None); equal(other("record(fd, EX, 39, 1)"), "EAGAIN")
equal(other("holder(fd, fcntl.F_WRLCK, 60, 1)"), ("write", 60, 40, os.getpid()))
equal(outcome("record(fd, EX, 40, 20)"), "EAGAIN")
equal(other("record(fd, UN)"), None); record(fd, SH, 40, 20)
equal(other("holder(fd, fcntl.F_RDLCK, 0, 100)"), ("write", 0, 40, os.getpid())); equal(other("record(fd, SH, 40, 20)"), None)
equal(other("record(fd, UN)"), None); record(fd, EX, 40, 20)
equal(other("holder(fd, fcntl.F_RDLCK, 70, 1)"), ("write", 0, 100, os.getpid()))'
}

@test "closing any descriptor of the file ends the process's record locks" {
    locks '
put("f", "x"); other = Other()
def free(): return other("record(os.open(\"f\", os.O_RDWR), EX) or record(os.open(\"f\", os.O_RDWR), UN)") is None
for before, flags in ((True, os.O_RDWR), (True, os.O_RDONLY), (False, os.O_RDWR), (False, os.O_RDONLY)):
    fd = os.open("f", os.O_RDWR)
    second = os.open("f", flags) if before else None
    record(fd, EX); assert not free()
    if second is None: second = os.open("f", flags)
    os.close(second); assert free(), (before, flags)
    os.close(fd)'
}

@test "a lock set through a descriptor that was opened for reading before any lock ends at its close" {
    locks '
put("f", "x"); other = Other(); fd = os.open("f", os.O_RDONLY); record(fd, SH)
equal(other("globals().update(fd=os.open(\"f\", os.O_RDWR))"), None)
equal(other("record(fd, EX)"), "EAGAIN"); equal(other("os.close(fd)"), None)
os.close(fd); other.start("eventually(\"record(os.open(\\\"f\\\", os.O_RDWR), EX)\", None)"); equal(other.result(), None)'
}

@test "record locks are not inherited and do not hold between threads of a process" {
    locks '
put("f", "x"); fd = os.open("f", os.O_RDWR); record(fd, EX); other = Other()
equal(other("record(fd, EX)"), "EAGAIN"); equal(other("os.close(fd)"), None)
equal(other("record(os.open(\"f\", os.O_RDWR), SH)"), "EAGAIN"); equal(outcome("record(fd, SH)"), None)'
}

@test "two processes that would wait for each other: the second gets EDEADLK" {
    locks '
put("f", "xy"); fd = os.open("f", os.O_RDWR); other = Other()
equal(other("globals().update(fd=os.open(\"f\", os.O_RDWR))"), None)
record(fd, EX, 0, 1); equal(other("record(fd, EX, 1, 1)"), None)
other.start("eventually(\"record_wait(fd, EX, 0, 1)\", None)")  # a deadlock may be told to either
def first_to_fail():
    # Until the other one waits this is an ordinary wait: let a signal end it.
    signal.signal(signal.SIGALRM, lambda *_: None); signal.setitimer(signal.ITIMER_REAL, 0.1)
    wanted = ctypes.create_string_buffer(struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 1, 1, 0))
    assert libc.fcntl(fd, fcntl.F_SETLKW, wanted) == -1
    return errno.errorcode[ctypes.get_errno()]
eventually("first_to_fail()", errno.errorcode[errno.EDEADLK]); signal.setitimer(signal.ITIMER_REAL, 0)
record(fd, UN, 0, 1); equal(other.result(), None)'
}

@test "open file description locks hold between descriptors, and end with their own" {
    locks '
put("f", "x"); a, b, c = (os.open("f", os.O_RDWR) for _ in range(3))
ofd(a, fcntl.F_WRLCK, 0, 10); ofd(b, fcntl.F_WRLCK, 10, 10)
equal(outcome("ofd(b, fcntl.F_WRLCK, 5, 1)"), "EAGAIN"); equal(ask(fcntl.F_OFD_GETLK, b, fcntl.F_RDLCK, 5, 1)[:3], ("write", 0, 10))
os.close(c); equal(outcome("ofd(b, fcntl.F_RDLCK, 5, 1)"), "EAGAIN")
copy = os.dup(a); os.close(a); equal(outcome("ofd(b, fcntl.F_RDLCK, 5, 1)"), "EAGAIN")
os.close(copy); eventually("ofd(b, fcntl.F_RDLCK, 5, 1)", None)'
}

# ---- flock ----

@test "flock belongs to the open file description: duplicates and children share it" {
    locks '
put("f", "x"); fd = os.open("f", os.O_RDONLY); copy = os.dup(fd); flock(fd, EX); flock(copy, EX); other = Other()
os.close(fd); equal(outcome("flock(os.open(\"f\", os.O_RDONLY), SH)"), "EAGAIN")
os.close(copy); equal(outcome("flock(os.open(\"f\", os.O_RDONLY), SH)"), "EAGAIN")
equal(other("flock(copy, SH)"), None); third = os.open("f", os.O_RDONLY); equal(outcome("flock(third, SH)"), None)
equal(outcome("flock(third, EX)"), "EAGAIN"); equal(other("flock(copy, UN)"), None); equal(outcome("flock(third, EX)"), None)'
}

@test "the lock of a closed descriptor is free at once" {
    locks '
put("f", "x")
for flags in (os.O_RDONLY, os.O_RDWR):
    for _ in range(200):
        fd = os.open("f", flags); flock(fd, EX); os.close(fd)'
}

@test "flock and fcntl do not know of each other" {
    locks '
put("f", "x"); fd = os.open("f", os.O_RDWR); record(fd, EX)
other = Other(); equal(other("flock(os.open(\"f\", os.O_RDWR), EX)"), None)'
}

# ---- waiting ----

@test "a signal interrupts who waits" {
    locks '
put("f", "x"); other = Other()
equal(other("(fd := os.open(\"f\", os.O_RDWR)) and flock(fd, EX) or record(fd, EX)"), None)
fd = os.open("f", os.O_RDWR); wanted = ctypes.create_string_buffer(struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
signal.signal(signal.SIGALRM, lambda *_: None)
for wait in (lambda: libc.flock(fd, EX), lambda: libc.fcntl(fd, fcntl.F_SETLKW, wanted)):
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
    equal((wait(), errno.errorcode[ctypes.get_errno()]), (-1, "EINTR"))
    signal.setitimer(signal.ITIMER_REAL, 0)
other.kill(); eventually("flock(fd, EX)", None); eventually("record(fd, EX)", None)'
}

@test "kill -9 of the holder hands its locks to who waits" {
    locks '
put("f", "x"); holding, waiting = Other(), Other()
for lock in ("fcntl.flock({}, EX)", "record_wait({}, EX)"):
    take = lock.format("os.open(\"f\", os.O_RDWR)")
    equal(holding(take), None); waiting.start(take); holding.kill()
    equal(waiting.result(), None); holding, waiting = waiting, Other()'
}

@test "who is killed while it waits gets no lock" {
    locks '
put("f", "x"); fd = os.open("f", os.O_RDWR)
for round in range(30):
    flock(fd, EX); record(fd, EX); waiting = Other()
    waiting.start(("fcntl.flock" if round % 2 else "record_wait") + "(os.open(\"f\", os.O_RDWR), EX)")
    time.sleep(0.001 * round)  # killed before, while or after it asks
    waiting.kill(); os.close(fd); fd = os.open("f", os.O_RDWR)
    eventually("flock(fd, EX)", None); eventually("record(fd, EX)", None)'
}

@test "any number of processes may wait, and the filesystem works on" {
    cd / && unmount_fs && mount_fs allow_other,workers=2 && cd "$MNT"
    locks '
put("f", "x"); fd = os.open("f", os.O_RDWR); flock(fd, EX); others = [Other() for _ in range(20)]
for other in others: other.start("fcntl.flock(os.open(\"f\", os.O_RDONLY), SH)")
for i in range(50): put("g", str(i)); equal(get("g"), str(i)); put("f", str(i)); equal(get("f"), str(i))
flock(fd, UN)
for other in others: equal(other.result(), None)'
}

@test "the daemon ends while somebody waits" {
    locks '
put("f", "x"); fd = os.open("f", os.O_RDWR); flock(fd, EX)
waiting = Other(); waiting.start("fcntl.flock(os.open(\"f\", os.O_RDONLY), EX)")
eventually("libc.flock(os.open(\"f\", os.O_RDONLY), EX | NB)", -1)
os.kill(int(sys.argv[1]), signal.SIGTERM); result = waiting.result()
assert result in ("EIO", "ENOTCONN", "ECONNABORTED", "EINTR"), result' "$DAEMON" || return 1
    cd / && wait "$DAEMON" && DAEMON=
    umount -l "$MNT" || true
}

# ---- live files ----

@test "in a live directory closing a reader's descriptor ends the record locks, whenever it was opened" {
    mkdir d && setfattr -n user.occ.policy -v live d && cd d
    locks '
put("f", "x"); reader = os.open("f", os.O_RDONLY); fd = os.open("f", os.O_RDWR); record(fd, EX); other = Other()
equal(other("record(os.open(\"f\", os.O_RDWR), EX)"), "EAGAIN")
os.close(reader); equal(other("record(os.open(\"f\", os.O_RDWR), EX)"), None)'
}

@test "flock in a live directory: 8 processes x 100 increments of one descriptor" {
    mkdir d && setfattr -n user.occ.policy -v live d && cd d
    locks '
put("f", "0")
def work(number):
    fd = os.open("f", os.O_RDWR)
    for _ in range(100):
        fcntl.flock(fd, EX); value = int(os.pread(fd, 9, 0)); os.pwrite(fd, str(value + 1).encode(), 0); fcntl.flock(fd, UN)
processes(8, work)
equal(get("f"), "800")'
}
