#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
load common

# What client programs are offered beyond files: attributes that are set on a writing descriptor, and .occ/watch.

client() { # like py, with what a client of occfs has
    py "import json
def ask(file, name): return os.getxattr(file, 'user.occ.' + name).decode()
def say(file, name, value=b''): os.setxattr(file, 'user.occ.' + name, value if isinstance(value, bytes) else value.encode())
def commit(file): return json.loads(ask(file, 'commit'))
def writer(path, flags=0): return os.open(path, os.O_RDWR | flags)
def replace(fd, text): os.ftruncate(fd, 0); os.pwrite(fd, text.encode(), 0)
def saved(fd): os.fsync(fd); return ask(fd, 'version')
$1" "${@:2}"
}

# ---- user.occ.commit ----

@test "the commit is one object that says all of a version: by path, by descriptor, in history" {
    client '
put("f", "one"); put("f", "three")
head = commit("f")
equal(sorted(head), sorted("token ordinal parents operation uid gid pid command time size hash message".split()))
equal(head["token"], token("f")); equal(head["ordinal"], 2); equal(head["parents"], [token("f@@/1")])
equal([head[k] for k in ("operation", "uid", "gid", "pid", "command", "size", "message")], ["write", 0, 0, os.getpid(), "python3", 5, None])
equal(head["hash"], ask("f", "hash")); equal(head["time"], json.loads(ask("f", "author"))["time"])
equal(commit("f@@/2"), head); equal(commit("f@@/" + head["token"]), head)
equal(commit("f@@/0")["parents"], []); equal(commit("f@@/0")["operation"], "create")
reader = os.open("f", os.O_RDONLY); fd = writer("f"); equal(commit(reader), head); equal(commit(fd), head)
replace(fd, "four"); equal(commit(fd), head); equal(saved(fd), token("f"))
equal(commit(fd), commit("f")); equal(commit(fd)["ordinal"], 3); equal(commit(reader), head)'
}

@test "the commit of a killed writer, of a save by rename and of a sibling" {
    client '
put("f", "one")
if os.fork() == 0: fd = writer("f"); os.write(fd, b"half"); os.kill(os.getpid(), signal.SIGKILL)
os.wait()
killed = commit("f@@/1.killed"); equal(killed["operation"], "killed"); equal(killed["parents"], [token("f@@/1")])
put("g", "new"); moved = token("g"); before = token("f"); os.rename("g", "f")
equal(commit("f")["parents"], [before, moved]); equal(commit("f")["operation"], "rename")
fd = writer("f"); put("f", "theirs"); replace(fd, "mine"); equal(refused(os.close, fd), "EAGAIN")
equal(commit("f.conflict")["operation"], "conflict"); equal(commit("f.conflict")["parents"][0], token("f@@/2"))'
}

@test "the commit is not listed, cannot be set, and other files have none" {
    client '
put("f", "a"); os.mkdir("d"); os.mkfifo("p"); fd = writer("f")
for file in "f", fd: equal(refused(say, file, "commit", b"x"), "EPERM"); equal(os.listxattr(file), ["user.occ.version"])
for file in "d", "f@@": equal(refused(ask, file, "commit"), "ENODATA")'
}

# ---- user.occ.message ----

@test "a message goes into the next version, and into that one alone" {
    client '
put("f", "one"); fd = writer("f")
say(fd, "message", "first thought"); say(fd, "message", "second\nthought \xe9 \"quoted\"")
equal(refused(ask, fd, "message"), "ENODATA"); equal(refused(ask, "f", "message"), "ENODATA")
replace(fd, "two"); saved(fd)
text = "second\nthought \xe9 \"quoted\""
for file in "f", fd, "f@@/2": equal(ask(file, "message"), text); equal(commit(file)["message"], text)
replace(fd, "three"); saved(fd)
for file in "f", fd: equal(refused(ask, file, "message"), "ENODATA"); equal(commit(file)["message"], None)
equal(ask("f@@/2", "message"), text); equal(os.listxattr("f"), ["user.occ.version"])'
    remount
    client 'equal(ask("f@@/2", "message"), "second\nthought \xe9 \"quoted\"")'
}

@test "a message goes along: to the sibling of a conflict, to what a killed writer left, with a rename" {
    client '
put("f", "one"); fd = writer("f"); say(fd, "message", "mine"); replace(fd, "mine"); put("f", "two")
equal(refused(os.fsync, fd), "EAGAIN"); equal(ask("f.conflict", "message"), "mine")
os.pwrite(fd, b"more", 4); equal(refused(os.close, fd), "EAGAIN"); equal(ask("f.conflict", "message"), "mine")
if os.fork() == 0: fd = writer("f"); say(fd, "message", "half"); os.write(fd, b"half"); os.kill(os.getpid(), signal.SIGKILL)
os.wait(); equal(ask("f@@/2.killed", "message"), "half")
fd = os.open("tmp", os.O_CREAT | os.O_WRONLY); say(fd, "message", "saved"); os.write(fd, b"three"); os.close(fd); os.rename("tmp", "f")
equal(ask("f", "message"), "saved")'
}

@test "a message has 1 to 4096 bytes without NUL, and needs a writing descriptor of its own process" {
    client '
put("f", "one"); fd = writer("f"); reader = os.open("f", os.O_RDONLY)
equal(refused(say, fd, "message", b""), "EINVAL"); equal(refused(say, fd, "message", b"a\0b"), "EINVAL")
equal(refused(say, fd, "message", b"x" * 4097), "E2BIG")
say(fd, "message", b"\xff" * 4096); os.write(fd, b"two"); os.close(fd)
equal(os.getxattr("f", "user.occ.message"), b"\xff" * 4096); equal(commit("f")["message"], "?" * 4096)
os.mkdir("d")
for file in "f", reader, "d": equal(refused(say, file, "message", b"x"), "EPERM"); equal(refused(os.removexattr, file, "user.occ.message"), "EPERM")
equal(refused(say, "f@@/1", "message", b"x"), "EROFS")
fd = writer("f"); equal(refused(os.removexattr, fd, "user.occ.message"), "EPERM")
os.setxattr("d", "user.occ.policy", b"live"); put("d/live", "a"); fd = writer("d/live"); equal(refused(say, fd, "message", b"x"), "EPERM")'
}
