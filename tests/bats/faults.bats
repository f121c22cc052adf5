#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The store fails while it is mounted, as a plan says: every call tells its own failure, nothing that was acknowledged is
# lost, and when the plan is empty again everything works, without a remount.
load common

mount_with_faults() {
    export PLAN=$BATS_TEST_TMPDIR/plan
    remount "allow_other,fault_plan=$PLAN"
}

plan() { # rules
    printf '%s\n' "$@" >"$PLAN.new" && mv "$PLAN.new" "$PLAN"
}

# Waits for the error lines that a test has asked for, and takes them out of the log.
expect_errors() { # pattern, how many at least (1)
    local others
    eventually logged "$1" "${2:-1}"
    others=$(grep -v "occfs: error: .*$1" "$LOG" || true)
    echo "$others" >"$LOG"
}
logged() { [ "$(grep -c "occfs: error: .*$1" "$LOG")" -ge "$2" ]; }

# As py, with plan().
faulty_py() {
    py "
def plan(*rules):
    put(os.environ['PLAN'] + '.new', '\n'.join(rules)); os.rename(os.environ['PLAN'] + '.new', os.environ['PLAN'])
$1" "${@:2}"
}

@test "a close returns the store's error, and the file keeps its version" {
    mount_with_faults
    local name errno
    for name in NOSPC:ENOSPC IO:EIO ROFS:EROFS; do
        errno=${name#*:} name=${name%:*}
        echo old >f
        plan "commit error $name"
        ERRNO=$errno faulty_py '
fd = os.open("f", os.O_WRONLY | os.O_TRUNC); os.write(fd, b"new")
equal(refused(os.close, fd), os.environ["ERRNO"])
equal(get("f"), "old\n")'
        run -1 cp "$PLAN" f
        expect_errors "is lost" 2 # said when the descriptors are released
        plan
        equal "$(cat f)" old
        echo new >f
        equal "$(cat f)" new
    done
    expect_errors "commit of inode"
}

@test "a file created anew whose commit fails gets back what its name had" {
    mount_with_faults
    faulty_py '
put("f", "old"); os.chmod("f", 0o640); os.unlink("f")
fd = os.open("f", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666); os.write(fd, b"new")
plan("commit error NOSPC times=2") # of the close and of the release
equal(refused(os.close, fd), "ENOSPC")
for _ in range(500):
    if get("f") == "old": break
    time.sleep(0.01)
equal(get("f"), "old"); equal(os.stat("f").st_mode & 0o777, 0o640); put("f", "next"); equal(get("f"), "next")'
    expect_errors "is lost"
    expect_errors "commit of inode"
}

@test "an fsync that fails keeps the draft, and the next one commits it" {
    mount_with_faults
    faulty_py '
put("f", "old")
fd = os.open("f", os.O_RDWR | os.O_TRUNC); os.write(fd, b"first ")
plan("commit error NOSPC")
equal(refused(os.fsync, fd), "ENOSPC"); equal(refused(os.fdatasync, fd), "ENOSPC")
equal(get("f"), "old"); equal(os.pread(fd, 100, 0), b"first ")
os.write(fd, b"second")
plan("commit error IO")
equal(refused(os.fsync, fd), "EIO"); equal(get("f"), "old")
plan()
os.fsync(fd); equal(get("f"), "first second")
os.write(fd, b" third"); os.close(fd); equal(get("f"), "first second third")
assert token("f").startswith("3.")'
    expect_errors "commit of inode"
}

@test "a sync that fails fails the fsync that has nothing else to do" {
    mount_with_faults
    faulty_py '
put("f", "x"); fd = os.open("f", os.O_RDWR)
plan("sync error IO"); equal(refused(os.fsync, fd), "EIO")
plan(); os.fsync(fd); os.close(fd)'
}

@test "create, mkdir, symlink, mknod and link fail and leave no name" {
    mount_with_faults
    faulty_py '
put("f", "x")
calls = [lambda: os.open("new", os.O_CREAT | os.O_WRONLY), lambda: os.mkdir("new"), lambda: os.symlink("f", "new"),
         lambda: os.mkfifo("new"), lambda: os.link("f", "new")]
for error in "NOSPC", "IO":
    plan("commit error " + error)
    for call in calls:
        equal(refused(call), "E" + error)
        assert not os.path.lexists("new"); equal(os.listdir("."), ["f"])
    equal(os.stat("f").st_nlink, 1)
    plan()
    for call in calls:
        call(); assert os.path.lexists("new")
        os.rmdir("new") if os.path.isdir("new") else os.unlink("new")'
}

@test "rename fails and moves nothing" {
    mount_with_faults
    faulty_py '
put("a", "A"); put("b", "B"); os.mkdir("d")
for error in "NOSPC", "IO":
    plan("commit error " + error)
    for target in "new", "b", "d/a":
        equal(refused(os.rename, "a", target), "E" + error)
        equal(sorted(os.listdir(".")), ["a", "b", "d"]); equal(os.listdir("d"), [])
        equal(get("a"), "A"); equal(get("b"), "B")
    plan()
    for target in "new", "b", "d/a":
        os.rename("a", target); equal(get(target), "A"); os.rename(target, "a")
        put("b", "B")'
}

@test "unlink, rmdir and attributes fail and change nothing" {
    mount_with_faults
    faulty_py '
put("f", "x"); os.mkdir("d"); os.chmod("f", 0o644); os.setxattr("f", "user.a", b"1")
calls = [lambda: os.chmod("f", 0o600), lambda: os.chown("f", 1, 1), lambda: os.utime("f", (1, 1)),
         lambda: os.setxattr("f", "user.a", b"2"), lambda: os.removexattr("f", "user.a"), lambda: os.rmdir("d"),
         lambda: os.unlink("f")]
before = os.stat("f")
plan("commit error NOSPC")
for call in calls: equal(refused(call), "ENOSPC")
after = os.stat("f")
equal((after.st_mode, after.st_uid, after.st_mtime_ns), (before.st_mode, before.st_uid, before.st_mtime_ns))
equal(os.getxattr("f", "user.a"), b"1"); equal(get("f"), "x"); equal(sorted(os.listdir(".")), ["d", "f"])
plan()
for call in calls: call()
equal(os.listdir("."), [])'
}

@test "truncate by path fails and cuts nothing" {
    mount_with_faults
    faulty_py '
put("f", "0123456789")
plan("commit error NOSPC"); equal(refused(os.truncate, "f", 4), "ENOSPC")
equal(get("f"), "0123456789"); equal(os.stat("f").st_size, 10)
plan(); os.truncate("f", 4); equal(get("f"), "0123"); assert token("f").startswith("2.")'
    expect_errors "inode"
}

@test "a large draft survives a store without space for its content" {
    mount_with_faults
    faulty_py '
put("f", "old")
content = os.urandom(8 << 20)
fd = os.open("f", os.O_RDWR | os.O_TRUNC); os.write(fd, content)
plan("blob_put error NOSPC"); equal(refused(os.fsync, fd), "ENOSPC")
equal(get("f"), "old"); equal(os.pread(fd, len(content), 0), content)
plan("blob_put error IO after=3"); equal(refused(os.fsync, fd), "EIO"); equal(get("f"), "old")
plan(); os.close(fd)
with open("f", "rb") as file: equal(file.read(), content)
assert token("f").startswith("2.")'
    expect_errors "commit of inode"
    crash_and_remount
    equal "$(stat -c %s f)" $((8 << 20))
}

@test "an append that fails at close has appended nothing" {
    mount_with_faults
    faulty_py '
put("log", "1\n")
plan("commit error NOSPC")
fd = os.open("log", os.O_WRONLY | os.O_APPEND); os.write(fd, b"2\n"); equal(refused(os.close, fd), "ENOSPC")
equal(get("log"), "1\n")'
    expect_errors "is lost"
    plan
    echo 3 >>log
    equal "$(cat log)" $'1\n3'
    expect_errors "commit of inode"
}

@test "a conflict whose sibling cannot be kept is the store's error, and no conflict until it can" {
    mount_with_faults
    faulty_py '
put("f", "old")
fd = os.open("f", os.O_RDWR); put("f", "theirs"); os.pwrite(fd, b"mine!!", 0)
plan("commit error NOSPC"); equal(refused(os.fsync, fd), "ENOSPC"); equal(os.listdir("."), ["f"])
plan(); equal(refused(os.fsync, fd), "EAGAIN"); equal(get("f.conflict"), "mine!!"); equal(get("f"), "theirs")
equal(refused(os.close, fd), "EAGAIN")'
    expect_errors "commit of inode"
}

@test "reads fail while the store cannot be read, and not later" {
    mount_with_faults
    head -c 3000000 /dev/urandom >big
    cp big "$BATS_TEST_TMPDIR/expected"
    remount "allow_other,fault_plan=$PLAN" # nothing is cached
    plan "blob_get error IO" "get error IO"
    run -1 cat big
    [[ $output == *"Input/output error"* ]]
    plan "* error DAMAGED"
    run -2 ls -l .
    [[ $output == *"Input/output error"* ]]
    plan
    cmp big "$BATS_TEST_TMPDIR/expected"
    ls -l .
}

@test "an answer that was lost is no error: the commit is there once" {
    mount_with_faults
    faulty_py '
put("f", "0"); put("log", "")
for rule in "commit unknown times=1", "commit lost times=1", "commit lost times=3", "commit unknown after=1 times=1":
    plan(rule)
    before = int(token("f").split(".")[0])
    put("f", rule); equal(get("f"), rule); equal(token("f").split(".")[0], str(before + 1))
    plan(rule)
    with open("log", "a") as log: log.write("x")
    plan(rule); os.rename("f", "g"); equal(sorted(os.listdir(".")), ["g", "log"])
    plan(rule); os.rename("g", "f"); equal(sorted(os.listdir(".")), ["f", "log"])
plan()
equal(get("log"), "x" * 4)'
}

@test "an outcome that stays unknown is EIO, and the file is whole" {
    mount_with_faults
    faulty_py '
put("f", "old")
plan("commit lost"); fd = os.open("f", os.O_WRONLY | os.O_TRUNC); os.write(fd, b"new"); equal(refused(os.fsync, fd), "EIO")
plan(); equal(get("f"), "old"); os.fsync(fd); equal(get("f"), "new")
plan("commit unknown"); os.pwrite(fd, b"newer", 0); equal(refused(os.fsync, fd), "EIO")
plan(); assert get("f") in ("new", "newer"); os.close(fd)'
    expect_errors "commit of inode"
}

@test "nothing that was acknowledged is lost among errors that come and go, nor by a crash" {
    mount_with_faults
    faulty_py '
import random
random.seed(7)
acknowledged = {}
rules = ["", "commit error NOSPC", "commit error IO after=1 times=1", "commit error IO times=1", "commit lost times=2",
         "commit unknown times=1", "blob_put error NOSPC times=1", "sync error IO", "commit delay 1"]
def write(fd, text):
    try:
        os.write(fd, text); os.fsync(fd)
        return True
    except OSError as error:
        assert error.errno in (errno.EIO, errno.ENOSPC), error
        return False
for round in range(300):
    name = "f%d" % random.randrange(8)
    text = (b"%d " % round) * random.choice((1, 100, 100000))
    plan(random.choice(rules))
    try: fd = os.open(name, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    except OSError as error:
        assert error.errno in (errno.EIO, errno.ENOSPC), error
        continue
    done = write(fd, text)
    plan()
    if not done: os.fsync(fd)  # the draft is still there
    os.close(fd)
    acknowledged[name] = text
    for other, expected in acknowledged.items():
        with open(other, "rb") as file: assert file.read() == expected, (round, other)
import pickle
with open(os.environ["PLAN"] + ".acknowledged", "wb") as file: pickle.dump(acknowledged, file)'
    ! grep -q 'occfs: error' "$LOG" || expect_errors "commit of inode"
    crash_and_remount
    faulty_py '
import pickle
with open(os.environ["PLAN"] + ".acknowledged", "rb") as file: acknowledged = pickle.load(file)
assert len(acknowledged) == 8
for name, expected in acknowledged.items():
    with open(name, "rb") as file: assert file.read() == expected, name'
}

@test "a late store makes calls late, not wrong" {
    mount_with_faults
    echo old >f
    plan "commit delay 300"
    py '
start = time.monotonic(); put("f", "new"); assert time.monotonic() - start >= 0.3; equal(get("f"), "new")'
}

@test "a file that is no plan is refused at the start and ignored later" {
    mount_with_faults
    plan "commit error NOSPC"
    run -1 touch g
    plan "commit erorr IO"
    run -1 touch g
    [[ $output == *"No space left"* ]]
    grep -q "plan: not used as a fault plan: invalid argument" "$LOG"
    plan
    touch g
    cd / && unmount_fs
    plan "nonsense"
    run -2 "$OCCFS" "$STORE" "$MNT" -f -o "fault_plan=$PLAN"
    [[ $output == *"plan: cannot be used as a fault plan: invalid argument"* ]]
    run -2 mountpoint "$MNT" || run -32 mountpoint "$MNT"
    rm "$PLAN"
    mount_fs "allow_other,fault_plan=$PLAN"
    test -e "$MNT/g"
}
