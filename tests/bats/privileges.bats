#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Set-id bits, capabilities of programs, access control lists and namespaces of attributes, by tables: as on the plain directory
# beside.
load common

# Runs python in a directory of the mount and in a plain one, and compares what it prints. The differences that occfs means to have
# are left out: its own attributes.
alike() {
    local place
    mkdir -p "$BATS_TEST_TMPDIR/plain" "$MNT/here"
    for place in "$BATS_TEST_TMPDIR/plain" "$MNT/here"; do
        chmod 777 "$place"
        (cd "$place" && umask 022 && python3 -c "$PRELUDE$1") 2>&1 | grep -v 'user\.occ\.' >"$BATS_TEST_TMPDIR/told.${place##*/}"
    done
    [ -s "$BATS_TEST_TMPDIR/told.here" ]
    diff "$BATS_TEST_TMPDIR/told.plain" "$BATS_TEST_TMPDIR/told.here"
}

# ann and bob: each has a group of its own and a supplementary one.
# shellcheck disable=SC2089
PRELUDE='
import errno, itertools, mmap, os, stat, subprocess, struct
ROOT, ANN, BOB, NOBODY = (0, 0, [0]), (1001, 1001, [1001, 3001]), (1002, 1002, [1002, 3002]), (65534, 65534, [])
USERS = {"root": ROOT, "ann": ANN, "bob": BOB, "nobody": NOBODY}
def attempt(who, call, *arguments, umask=0o022):
    # What the call returns, or the name of its errno, in a process of that user.
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups(who[2]); os.setresgid(who[1], who[1], who[1]); os.setresuid(who[0], who[0], who[0]); os.umask(umask)
            result = call(*arguments)
        except OSError as error: result = errno.errorcode[error.errno]
        except BaseException as error: result = repr(error)
        os.write(write, str(result).encode()[:65000])
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe: result = pipe.read()
    os.waitpid(child, 0)
    return result
def sh(who, script): print(attempt(who, lambda: subprocess.run(["sh", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout))
def make_here(path, mode, uid, gid, text):
    if os.path.lexists(path): os.unlink(path)
    with open(path, "w") as file: file.write(text)
    os.chown(path, uid, gid); os.chmod(path, mode)
def make(path, mode, uid=1001, gid=1001, text="text"):
    # In a process of its own: this one has not read what others made of the file meanwhile.
    result = attempt(ROOT, make_here, path, mode, uid, gid, text)
    if result != "None": raise SystemExit("make: " + result)
def shown(path):
    status = os.lstat(path)
    return "%o %d:%d" % (status.st_mode, status.st_uid, status.st_gid)
'

@test "a change of content takes set-id bits as elsewhere" {
    alike '
def change(flags, what):
    def call(path):
        fd = os.open(path, flags, 0o600)
        what(fd)
        seen = "%o" % os.fstat(fd).st_mode
        os.close(fd)
        return seen
    return call
def copy(fd):
    source = os.open("source", os.O_RDONLY)
    os.copy_file_range(source, fd, 3)
CHANGES = {
    "write": change(os.O_WRONLY, lambda fd: os.write(fd, b"y")),
    "append": change(os.O_WRONLY | os.O_APPEND, lambda fd: os.write(fd, b"y")),
    "pwrite": change(os.O_RDWR, lambda fd: os.pwrite(fd, b"y", 1)),
    "truncate": lambda path: os.truncate(path, 0),
    "ftruncate": change(os.O_RDWR, lambda fd: os.ftruncate(fd, 2)),
    "O_TRUNC": change(os.O_WRONLY | os.O_TRUNC, lambda fd: None),
    "O_CREAT": change(os.O_WRONLY | os.O_TRUNC | os.O_CREAT, lambda fd: None),
    "fallocate": change(os.O_RDWR, lambda fd: os.posix_fallocate(fd, 0, 100)),
    "copy_file_range": change(os.O_RDWR, copy),
    "nothing": change(os.O_RDWR, lambda fd: None),
}
make("source", 0o644)
for mode, gid in itertools.product((0o6777, 0o6767, 0o2777, 0o2666, 0o4777), (1001, 3001, 3002)):
    for user, (name, call) in itertools.product(USERS, CHANGES.items()):
        make("f", mode, 1001, gid)
        print("%o" % mode, gid, user, name, attempt(USERS[user], call, "f"), shown("f"))
for name in ("truncate", "O_TRUNC"):
    make("f", 0o6777, text="")
    print("empty", name, attempt(ANN, CHANGES[name], "f"), shown("f"))'
}

@test "set-id bits that are given again while the file is written go again" {
    alike '
def call(path, flags):
    fd = os.open(path, flags)
    seen = []
    for _ in range(3):
        os.write(fd, b"x")
        seen.append("%o" % os.stat(path).st_mode)
        os.chmod(path, 0o6755)
    os.close(fd)
    return seen, "%o" % os.stat(path).st_mode
for flags in (os.O_WRONLY, os.O_RDWR):
    make("f", 0o6755)
    print(attempt(ANN, call, "f", flags), shown("f"))
# Who may keep them leaves them to the next one.
make("f", 0o6755)
fd = os.open("f", os.O_WRONLY)
os.write(fd, b"x"); print(shown("f"))
print(attempt(ANN, os.write, fd, b"x"), shown("f"))'
}

@test "chown takes set-id bits as elsewhere" {
    alike '
IDS = ((-1, -1), (1001, -1), (-1, 1001), (-1, 3001), (-1, 3002), (1002, -1), (1001, 3001), (0, 0))
for mode, gid, user, (u, g) in itertools.product((0o6777, 0o6767, 0o2777, 0o2666, 0o4777, 0o1777), (1001, 3001, 3002), ("root", "ann", "bob"), IDS):
    if user == "bob" and (u, g) == (-1, -1): continue  # in occfs(7)
    make("f", mode, 1001, gid)
    print("%o" % mode, gid, user, u, g, attempt(USERS[user], os.chown, "f", u, g), shown("f"))
for mode, user, (u, g) in itertools.product((0o6777, 0o3755), ("root", "ann"), IDS):
    os.mkdir("d"); os.chown("d", 1001, 1001); os.chmod("d", mode)
    print("directory %o" % mode, user, u, g, attempt(USERS[user], os.chown, "d", u, g), shown("d"))
    os.rmdir("d")
for user in ("root", "ann"):
    os.mkfifo("p"); os.chown("p", 1001, 1001); os.chmod("p", 0o6777); os.symlink("x", "l"); os.lchown("l", 1001, 1001)
    for path in ("p", "l"):
        print(path, user, attempt(USERS[user], os.lchown, path, -1, 3001), shown(path))
        os.unlink(path)'
}

@test "a chown that changes nothing, by who may change nothing, takes no bits" {
    echo x >f && chown 1001:1001 f && chmod 6755 f
    setpriv --reuid 1002 --regid 1002 --clear-groups python3 -c 'import os; os.chown("f", -1, -1)'
    equal "$(stat -c %a f)" 6755
    setpriv --reuid 1001 --regid 1001 --clear-groups python3 -c 'import os; os.chown("f", -1, -1)'
    equal "$(stat -c %a f)" 755
}

@test "chmod gives the set-group-id bit to the members of the group" {
    alike '
for user, gid, mode in itertools.product(("root", "ann", "bob"), (1001, 3001, 3002), (0o2777, 0o6755, 0o2666, 0o1777, 0o7000)):
    make("f", 0o600, 1001, gid); os.mkdir("d"); os.chown("d", 1001, gid)
    for path in ("f", "d"):
        print(user, gid, "%o" % mode, path, attempt(USERS[user], os.chmod, path, mode), shown(path))
    os.rmdir("d")'
}

@test "what is created in a set-group-id directory" {
    alike '
def create(path, mode): os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
MAKERS = {"file": create, "directory": os.mkdir, "fifo": os.mkfifo,
          "node": lambda path, mode: os.mknod(path, stat.S_IFREG | mode),
          "device": lambda path, mode: os.mknod(path, stat.S_IFCHR | mode, os.makedev(1, 3)),
          "symlink": lambda path, mode: os.symlink("target", path)}
for directory_mode, gid in ((0o2777, 3001), (0o2777, 3002), (0o2777, 0), (0o777, 3001)):
    os.mkdir("d"); os.chown("d", 0, gid); os.chmod("d", directory_mode)
    for user, mode, umask, (name, call) in itertools.product(USERS, (0o644, 0o2755, 0o2666, 0o7777), (0, 0o027), MAKERS.items()):
        print("%o" % directory_mode, gid, user, "%o %o" % (mode, umask), name, attempt(USERS[user], call, "d/x", mode, umask=umask),
              shown("d/x") if os.path.lexists("d/x") else "")
        if os.path.lexists("d/x"): os.rmdir("d/x") if name == "directory" else os.unlink("d/x")
    os.rmdir("d")'
}

@test "a capability of a program goes with its content, also where root changes it" {
    alike '
def change(flags, what):
    def call(path):
        fd = os.open(path, flags, 0o600)
        what(fd)
        os.close(fd)
    return call
def given_again(flags):
    def call(path):
        fd = os.open(path, flags)
        os.write(fd, b"x")
        subprocess.run(["setcap", "cap_net_raw+ep", path], stderr=subprocess.DEVNULL)
        os.write(fd, b"x")
        seen = capability(path)
        os.close(fd)
        return seen
    return call
def copy(fd): os.copy_file_range(os.open("source", os.O_RDONLY), fd, 3)
def store(fd):
    with mmap.mmap(fd, 1) as map: map[0:1] = b"x"
CHANGES = {
    "write": change(os.O_WRONLY, lambda fd: os.write(fd, b"y")),
    "append": change(os.O_WRONLY | os.O_APPEND, lambda fd: os.write(fd, b"y")),
    "pwrite": change(os.O_RDWR, lambda fd: os.pwrite(fd, b"y", 1)),
    "truncate": lambda path: os.truncate(path, 0),
    "ftruncate": change(os.O_RDWR, lambda fd: os.ftruncate(fd, 2)),
    "O_TRUNC": change(os.O_WRONLY | os.O_TRUNC, lambda fd: None),
    "fallocate": change(os.O_RDWR, lambda fd: os.posix_fallocate(fd, 0, 100000)),
    "copy_file_range": change(os.O_RDWR, copy),
    "mmap": change(os.O_RDWR, store),
    "given again": given_again(os.O_WRONLY), "given again, RDWR": given_again(os.O_RDWR),
    "chown": lambda path: os.chown(path, 1001, -1), "chown -1": lambda path: os.chown(path, -1, -1),
    "chmod": lambda path: os.chmod(path, 0o755), "utime": lambda path: os.utime(path, (1, 1)),
    "rename": lambda path: os.rename(path, "g") or os.rename("g", path), "nothing": change(os.O_RDWR, lambda fd: None),
}
def capability(path):
    try: return os.getxattr(path, "security.capability").hex()
    except OSError as error: return errno.errorcode[error.errno]
make("source", 0o644)
for user, (name, call) in itertools.product(("root", "ann"), CHANGES.items()):
    make("f", 0o777)
    subprocess.run(["setcap", "cap_net_raw+ep", "f"], check=True)
    print(user, name, attempt(USERS[user], call, "f"), capability("f"))
make("f", 0o755)
subprocess.run(["setcap", "cap_net_raw+ep", "f"], check=True)
sh(ROOT, "cp -a f g; cp -p f h; getcap f g h; setcap -r f; getcap f")'
}

@test "what is no list is refused as elsewhere" {
    alike '
NONE = 2 ** 32 - 1
U, G, M, O = (1, 6, NONE), (4, 4, NONE), (16, 7, NONE), (32, 4, NONE)
def value(*entries, version=2): return struct.pack("<I", version) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
VALUES = {
    "good": value(U, G, O), "empty": value(), "nothing": b"", "short": b"\2\0", "version": value(U, G, O, version=1),
    "no other": value(U, G), "no mask": value(U, (2, 7, 5), G, O), "mask": value(U, G, M, O), "order": value(G, U, O),
    "twice": value(U, U, G, O), "permission": value((1, 8, 1), G, O), "tag": value(U, G, O, (64, 1, 1)),
    "odd": value(U, G, O) + b"x", "nobody": value(U, (2, 7, NONE), G, M, O), "id": value((1, 6, 77), G, O),
    "same id": value(U, (2, 7, 5), (2, 6, 5), G, M, O), "ids": value(U, (2, 7, 9), (2, 6, 5), G, M, O),
    "400": value(U, *((2, 7, id) for id in range(400)), G, M, O),
}
make("f", 0o644); os.mkdir("d"); os.chown("d", 1001, 1001); os.symlink("f", "l"); os.lchown("l", 1001, 1001)
for (name, bytes), path, list in itertools.product(VALUES.items(), ("f", "d", "l"), ("system.posix_acl_access", "system.posix_acl_default")):
    print(name, path, list,
          attempt(ANN, lambda: os.setxattr(path, list, bytes, follow_symlinks=False)), shown(path), [x for x in os.listxattr(path, follow_symlinks=False) if "occ" not in x],
          attempt(ANN, lambda: os.getxattr(path, list, follow_symlinks=False)),
          attempt(BOB, lambda: os.removexattr(path, list, follow_symlinks=False)),
          attempt(ANN, lambda: os.removexattr(path, list, follow_symlinks=False)), shown(path))
for flags in (os.XATTR_CREATE, os.XATTR_REPLACE):
    print(attempt(ANN, lambda: os.setxattr("f", "system.posix_acl_access", VALUES["ids"], flags)), shown("f"))'
}

@test "a change of mode or list holds at once on every view" {
    py '
def may(path, flags=os.O_RDONLY):
    child = os.fork()
    if child == 0:
        os.setgroups([]); os.setresgid(1002, 1002, 1002); os.setresuid(1002, 1002, 1002)
        try: os.close(os.open(path, flags)); os._exit(0)
        except PermissionError: os._exit(1)
    return os.waitpid(child, 0)[1] == 0
put("f", "one"); os.chmod("f", 0o600)
old = os.open("f", os.O_RDONLY)  # a view of its own for each of these
draft = os.open("f", os.O_RDWR); os.write(draft, b"draft")
put("f", "two")
new = os.open("f", os.O_RDONLY)
paths = ["f"] + [f"/proc/{os.getpid()}/fd/{fd}" for fd in (old, new)]
def through(fd):
    for target in ("f", fd):
        subprocess.run(["setfacl", "-m", "u:1002:r", target if target == "f" else f"/dev/fd/{fd}"], pass_fds=(old, new, draft), check=True)
        for fd_seen in (old, draft, new): equal(os.fstat(fd_seen).st_mode & 0o777, 0o640)
        assert may("f") and not may("f", os.O_WRONLY)
        if target == "f": os.chmod("f", 0o600)
        else: os.fchmod(fd, 0o600)
        for fd_seen in (old, draft, new): equal(os.fstat(fd_seen).st_mode & 0o777, 0o600)
        assert not may("f")
        os.removexattr(target, "system.posix_acl_access")
for _ in range(20):
    for fd in (old, draft, new): through(fd)'
}

@test "each namespace of extended attributes is for whom it is elsewhere" {
    alike '
make("f", 0o666); os.mkdir("d"); os.chmod("d", 0o777); os.mkdir("s"); os.chmod("s", 0o1777); os.symlink("nowhere", "l"); os.mkfifo("p"); os.chmod("p", 0o666)
os.mknod("c", stat.S_IFCHR | 0o666, os.makedev(1, 3)); os.chmod("c", 0o666)
NAMES = ("user.a", "trusted.a", "security.a", "security.capability", "system.a", "user.", "trusted.", "foo", "foo.bar", "user." + "n" * 250, "user." + "n" * 251, "")
def tried(call, *arguments, **keywords):
    try: return call(*arguments, follow_symlinks=False, **keywords)
    except OSError as error: return errno.errorcode[error.errno]
def listed(path): return sorted(name for name in os.listxattr(path, follow_symlinks=False) if "occ" not in name)
def everything(path, name):
    return [tried(os.setxattr, path, name, b"v"), tried(os.getxattr, path, name), tried(os.setxattr, path, name, b"w", flags=os.XATTR_CREATE),
            tried(os.setxattr, path, name, b"w", flags=os.XATTR_REPLACE), listed(path), tried(os.removexattr, path, name),
            tried(os.setxattr, path, name, b"w", flags=os.XATTR_REPLACE)]
for path, name, (user, who) in itertools.product("fdslpc", NAMES, USERS.items()):
    print(path, name, user, attempt(who, everything, path, name), tried(os.removexattr, path, name))
for name in ("user.x", "trusted.x", "security.x"): os.setxattr("f", name, b"v")
for who in USERS.values(): print(attempt(who, listed, "f"), attempt(who, os.getxattr, "f", "trusted.x"), attempt(who, os.removexattr, "f", "trusted.x"))'
}

@test "sizes of extended attributes: ERANGE and E2BIG" {
    alike '
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def told(result): return result if result >= 0 else errno.errorcode[ctypes.get_errno()]
make("f", 0o644)
os.setxattr("f", "user.five", b"12345"); os.setxattr("f", "user.none", b"")
for name, size in itertools.product((b"user.five", b"user.none", b"user.absent"), (0, 1, 4, 5, 6, 70000)):
    print(name, size, told(libc.getxattr(b"f", name, ctypes.create_string_buffer(size or 1), size)))
print(attempt(ROOT, os.setxattr, "f", "user.large", b"x" * 65537))'
    py '
put("f", "")
for i in range(1000): os.setxattr("f", "user.m%04d" % i, b"%d" % i)
equal(len(os.listxattr("f")), 1001)
large = [os.urandom(65536) for _ in range(5)]
for i, value in enumerate(large): os.setxattr("f", "user.m%04d" % i, value)
for i, value in enumerate(large): equal(os.getxattr("f", "user.m%04d" % i), value)
for i in range(300): os.setxattr("f", "user." + str(i).ljust(240, "x"), b"")
equal(refused(os.listxattr, "f"), "E2BIG")
equal(os.getxattr("f", "user.m0999"), b"999")
for i in range(300): os.removexattr("f", "user." + str(i).ljust(240, "x"))
equal(len(os.listxattr("f")), 1001)'
}

@test "what is occfs's own cannot be set or removed" {
    py '
put("f", "x")
for name in ("user.occ.conflict", "user.occ.anything", "user.occ."): equal(refused(os.setxattr, "f", name, b"v"), "EPERM")
for name in ("user.occ.conflict", "user.occ.anything"): equal(refused(os.removexattr, "f", name), "EPERM")
equal(refused(os.removexattr, "f", "user.occ.version"), "ENODATA")  # no token was set
equal(refused(os.getxattr, "f", "user.occ.anything"), "ENODATA")
equal(os.listxattr("f"), ["user.occ.version"])'
}
