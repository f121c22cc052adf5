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
equal(commit(fd), commit("f") | {"made": True}); equal(commit(fd)["ordinal"], 3); equal(commit(reader), head)'
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

# ---- user.occ.conflict of a draft ----

@test "a writing descriptor tells what its commit met, and where its content is" {
    client '
put("f", "base"); base = token("f"); fd = writer("f"); equal(refused(ask, fd, "conflict"), "ENODATA")
replace(fd, "mine"); put("f", "theirs"); equal(refused(ask, fd, "conflict"), "ENODATA")
equal(refused(os.fsync, fd), "EAGAIN")
met = json.loads(ask(fd, "conflict")); of_sibling = json.loads(ask("f.conflict", "conflict"))
equal(met.pop("sibling"), "f.conflict"); equal(met, of_sibling); equal([met["base"], met["head"]], [base, token("f")])
equal(refused(ask, "f", "conflict"), "ENODATA"); other = writer("f"); equal(refused(ask, other, "conflict"), "ENODATA")
equal(refused(os.setxattr, fd, "user.occ.conflict", b"x"), "EPERM")
os.unlink("f.conflict"); equal(refused(ask, fd, "conflict"), "ENODATA")'
}

@test "a writing descriptor tells of a sibling in lost+found" {
    client '
os.mkdir("d"); put("d/f", "base"); told, tell = os.pipe(); gone, go = os.pipe()
if os.fork() == 0: # its parent removes it: somebody else
    fd = writer("d/f"); replace(fd, "mine"); os.write(tell, b"x"); os.read(gone, 1)
    equal(refused(os.fsync, fd), "EAGAIN"); met = json.loads(ask(fd, "conflict"))
    equal(met["sibling"], ".occ/lost+found/f.conflict"); equal(get(met["sibling"]), "mine"); os._exit(0)
os.read(told, 1); os.unlink("d/f"); os.rmdir("d"); os.write(go, b"x"); equal(os.wait()[1], 0)'
}

# ---- user.occ.discard ----

@test "what was written is discarded: the descriptor shows what it was opened on, and its close commits nothing" {
    client '
put("f", "base"); before = os.stat("f"); head = token("f"); fd = writer("f")
say(fd, "message", "x"); os.pwrite(fd, b"longer than before", 0); equal(os.fstat(fd).st_size, 18)
say(fd, "discard"); equal(os.pread(fd, 99, 0), b"base"); now = os.fstat(fd)
equal([now.st_size, now.st_mtime_ns], [4, before.st_mtime_ns]); os.close(fd)
equal(get("f"), "base"); equal(token("f"), head)
fd = os.open("f", os.O_WRONLY | os.O_TRUNC); os.write(fd, b"partial"); say(fd, "discard", b"ignored"); os.close(fd)
equal(get("f"), "base"); equal(token("f"), head)
fd = writer("f"); say(fd, "discard"); os.close(fd); equal(token("f"), head)'
}

@test "after a discard the draft goes on: with what is written then, without what was said before" {
    client '
put("f", "base"); fd = writer("f"); say(fd, "message", "dropped"); replace(fd, "partial"); say(fd, "discard")
os.pwrite(fd, b"B", 0); saved(fd); equal(get("f"), "Base"); equal(commit("f")["message"], None)
os.pwrite(fd, b"more", 4); say(fd, "discard"); equal(os.pread(fd, 9, 0), b"Base"); os.close(fd); equal(get("f"), "Base")'
}

@test "large content, mappings and appends are discarded" {
    client '
put("f", "a" * 1000000); fd = writer("f"); os.pwrite(fd, b"b" * 3000000, 0)
m = mmap.mmap(fd, 0); m[5:9] = b"cccc"; say(fd, "discard"); m.close()
equal(os.pread(fd, 4000000, 0), b"a" * 1000000); os.close(fd); equal(ask("f", "ordinal"), "1")
for flags in os.O_WRONLY, os.O_RDWR:
    put("log", "one\n"); fd = os.open("log", flags | os.O_APPEND); os.write(fd, b"twenty-two\n"); say(fd, "discard"); os.write(fd, b"three\n"); os.close(fd)
    equal(get("log"), "one\nthree\n")'
}

@test "a conflict is discarded: the sibling stays, and the descriptor can be written to again" {
    client '
put("f", "base"); fd = writer("f"); replace(fd, "mine"); put("f", "theirs"); equal(refused(os.fsync, fd), "EAGAIN")
say(fd, "discard"); equal(refused(ask, fd, "conflict"), "ENODATA"); equal(os.pread(fd, 9, 0), b"base"); equal(get("f.conflict"), "mine")
os.fsync(fd); say(fd, "version", token("f")); replace(fd, "theirs and mine"); os.fsync(fd); os.close(fd)
equal(get("f"), "theirs and mine")
fd = writer("f"); put("f", "newer"); replace(fd, "mine again"); equal(refused(os.fsync, fd), "EAGAIN"); say(fd, "discard"); os.close(fd)'
}

@test "a file created anew whose writing is discarded is as its name left it; a new one stays empty" {
    client '
put("f", "old"); head = token("f"); os.rename("f", "f~"); fd = os.open("f", os.O_CREAT | os.O_WRONLY); os.write(fd, b"ne"); say(fd, "discard")
equal(subprocess.check_output(["cat", "f"]), b"old"); os.close(fd); equal(get("f"), "old")
fd = os.open("g", os.O_CREAT | os.O_RDWR); os.write(fd, b"ne"); say(fd, "discard"); equal(os.fstat(fd).st_size, 0); os.close(fd)
equal(get("g"), ""); equal(ask("g", "ordinal"), "0")'
}

@test "only who writes can discard" {
    client '
put("f", "one"); fd = writer("f"); reader = os.open("f", os.O_RDONLY)
for file in "f", reader, ".": equal(refused(say, file, "discard"), "EPERM")
equal(refused(ask, fd, "discard"), "ENODATA"); equal(refused(say, "f@@/1", "discard"), "EROFS")'
}

# ---- user.occ.resolves ----

conflict() { # as client, with a conflict of f: mine, theirs
    client "
def conflict(path='f'):
    put(path, 'base'); fd = writer(path); replace(fd, 'mine'); put(path, 'theirs'); equal(refused(os.close, fd), 'EAGAIN')
$1" "${@:2}"
}

@test "a commit that resolves makes a version of two parents and removes the sibling" {
    conflict '
conflict(); head = token("f"); sibling = token("f.conflict")
fd = writer("f"); say(fd, "resolves", sibling); say(fd, "message", "both"); replace(fd, "theirs, mine"); os.fsync(fd)
now = commit(fd); equal(now.pop("made"), True); equal(now, commit("f")); equal(now["parents"], [head, sibling]); equal(now["operation"], "resolve"); equal(now["message"], "both")
equal(os.listdir("."), ["f"]); equal(refused(os.stat, "f.conflict"), "ENOENT"); equal(get(".occ/conflicts"), ""); equal(get("f"), "theirs, mine")
equal(json.loads(get(".occ/status"))["conflicts"], 0)
replace(fd, "next"); os.close(fd); equal(commit("f")["parents"], [now["token"]]); equal(commit("f")["operation"], "write")'
    crash_and_remount
    client 'equal(commit("f@@/3")["operation"], "resolve"); equal(os.listdir("."), ["f"]); equal(get("f@@/3"), "theirs, mine")
equal(get("f.conflict@@/1"), "mine")'
}

@test "it makes one even where the content is the head's, or nothing is written" {
    conflict '
conflict(); fd = writer("f"); say(fd, "resolves", token("f.conflict")); replace(fd, "theirs"); os.close(fd)
equal(commit("f")["operation"], "resolve"); equal(os.listdir("."), ["f"])
conflict(); head = token("f"); fd = writer("f"); say(fd, "resolves", token("f.conflict")); os.close(fd)
equal(commit("f")["parents"][0], head); equal(get("f"), "theirs"); equal(os.listdir("."), ["f"])
assert os.stat("f").st_mtime_ns < os.stat("f").st_ctime_ns'
}

@test "only the head of a sibling of this file can be resolved" {
    conflict '
conflict(); conflict("g"); fd = writer("f"); old = token("f.conflict")
for value in "", "nonsense", token("f"), token("g"), token("g.conflict"), old[:-1] + "x": equal(refused(say, fd, "resolves", value), "EINVAL")
put("f.conflict", "mine, edited"); equal(refused(say, fd, "resolves", old), "ESTALE"); say(fd, "resolves", token("f.conflict")); os.close(fd)
equal(commit("f")["operation"], "resolve"); equal(sorted(os.listdir(".")), ["f", "g", "g.conflict"])
os.rename("g.conflict", "elsewhere"); fd = writer("g"); equal(refused(say, fd, "resolves", token("elsewhere")), "EINVAL")
equal(refused(ask, fd, "resolves"), "ENODATA")
for file in "g", os.open("g", os.O_RDONLY): equal(refused(say, file, "resolves", old), "EPERM")'
}

@test "a sibling that changed or went since makes the commit fail: the draft stays" {
    conflict '
conflict(); head = token("f"); fd = writer("f"); say(fd, "resolves", token("f.conflict")); replace(fd, "both")
put("f.conflict", "mine, edited"); equal(refused(os.fsync, fd), "ESTALE"); equal(token("f"), head); equal(os.pread(fd, 9, 0), b"both")
equal(get("f.conflict"), "mine, edited"); say(fd, "resolves", token("f.conflict"))
os.unlink("f.conflict"); equal(refused(os.fsync, fd), "ESTALE"); equal(token("f"), head)
say(fd, "discard"); os.close(fd); equal(token("f"), head); equal(os.listdir("."), ["f"])'
}

@test "what a last close could not commit is kept as a killed writer leaves it" {
    conflict '
conflict(); head = token("f"); fd = writer("f"); say(fd, "resolves", token("f.conflict")); replace(fd, "both"); os.unlink("f.conflict")
equal(refused(os.close, fd), "ESTALE"); equal(token("f"), head); equal(get("f@@/2.killed"), "both")
equal(json.loads(ask("f", "last"))["kind"], "killed")
conflict(); fd = writer("f"); say(fd, "resolves", token("f.conflict")); os.unlink("f.conflict"); equal(refused(os.close, fd), "ESTALE")
equal(sorted(os.listdir("f@@"))[-1], "4")'
}

@test "a conflict on the file is a conflict as ever, and both siblings stay" {
    conflict '
conflict(); fd = writer("f"); say(fd, "resolves", token("f.conflict")); replace(fd, "both"); put("f", "newer")
equal(refused(os.close, fd), "EAGAIN"); equal(get("f"), "newer"); equal(get("f.conflict"), "mine"); equal(get("f.2.conflict"), "both")'
}

@test "a killed writer resolves nothing" {
    conflict '
conflict(); head = token("f")
for text in "", "half":
    if os.fork() == 0:
        fd = writer("f"); say(fd, "resolves", token("f.conflict"))
        if text: replace(fd, text)
        os.kill(os.getpid(), signal.SIGKILL)
    os.wait()
    equal(token("f"), head); equal(get("f.conflict"), "mine")
equal([name for name in os.listdir("f@@") if "killed" in name], ["2.killed"])'
}

@test "who resolves needs the right to remove the sibling, when it says so and when it commits" {
    umask 0 && mkdir shared sticky listed && chmod 1777 sticky && chmod 755 listed && setfacl -m u:65534:rwx listed
    conflict '
for directory in "shared", "sticky", "listed":
    os.chdir(directory); conflict(); os.chmod("f", 0o666)
    told, tell = os.pipe(); gone, go = os.pipe()
    if os.fork() == 0:
        os.setgroups([4711]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)
        fd = writer("f"); sibling = token("f.conflict"); replace(fd, "nobody resolves it")
        if directory == "sticky": equal(refused(say, fd, "resolves", sibling), "EPERM"); say(fd, "discard"); os._exit(0)
        say(fd, "resolves", sibling); os.write(tell, b"x"); os.read(gone, 1)
        equal(refused(os.fsync, fd), "EACCES"); os.write(tell, b"x"); os.read(gone, 1)
        os.close(fd); equal(get("f"), "nobody resolves it"); equal(os.listdir("."), ["f"])
        os._exit(0)
    if directory != "sticky":
        os.read(told, 1); subprocess.check_call("chmod 700 .", shell=True); os.write(go, b"x")
        os.read(told, 1); subprocess.check_call("chgrp 4711 . && setfacl -b . && chmod 775 .", shell=True); os.write(go, b"x")
    equal(os.wait()[1], 0); os.chdir("..")'
}

@test "resolving in a file created anew, and as somebody unlinks its name at the same time" {
    conflict '
import threading
conflict(); head = token("f"); os.unlink("f")
fd = os.open("f", os.O_CREAT | os.O_RDWR); say(fd, "resolves", token("f.conflict")); os.write(fd, b"both"); saved(fd)
equal(commit("f")["parents"][0], head); equal(commit("f")["operation"], "resolve"); os.close(fd); equal(os.listdir("."), ["f"])
for i in range(20):
    conflict("g"); os.unlink("g")
    fd = os.open("g", os.O_CREAT | os.O_RDWR); say(fd, "resolves", token("g.conflict")); os.write(fd, b"both%d" % i)
    thread = threading.Thread(target=lambda: subprocess.call(["rm", "g"])); thread.start()
    try: os.fsync(fd)
    except BlockingIOError: pass
    thread.join()
    try: os.close(fd)
    except BlockingIOError: pass
    for name in os.listdir("."): os.unlink(name)'
}

# ---- user.occ.request ----

@test "a request is done once: again it succeeds with the first outcome, whatever the head is by then" {
    client '
put("f", "one")
def request(id, text, flags=0):
    fd = writer("f", flags); say(fd, "request", id); replace(fd, text); made = saved(fd); equal(os.pread(fd, 99, 0).decode(), text); os.close(fd); return made
made = request("r-1", "two"); equal(made, token("f")); equal(request("r-1", "two"), made); equal(token("f"), made)
put("f", "three"); head = token("f"); equal(request("r-1", "two"), made); equal(token("f"), head); equal(get("f"), "three")
fd = writer("f"); base = "%s" % token("f@@/1"); say(fd, "version", base); say(fd, "request", "r-1"); replace(fd, "two"); equal(saved(fd), made)
os.pwrite(fd, b"more", 3); equal(refused(os.fsync, fd), "EAGAIN"); equal(refused(os.close, fd), "EAGAIN"); equal(get("f.conflict"), "twomore")
fd = writer("f"); say(fd, "request", "r-2"); replace(fd, "three"); equal(saved(fd), head); put("f", "four"); equal(request("r-2", "three"), head)
equal(get("f"), "four"); equal(os.listdir("f@@")[-1], ask("f", "ordinal"))'
}

@test "a request survives the death of the daemon with its commit" {
    client '
put("f", "one"); fd = writer("f"); say(fd, "request", "r"); say(fd, "message", "x"); replace(fd, "two"); put("../made", saved(fd))'
    crash_and_remount
    client '
made = get("../made"); equal(token("f"), made)
fd = writer("f"); say(fd, "request", "r"); replace(fd, "two"); equal(saved(fd), made); os.close(fd)
equal(ask("f", "ordinal"), "2"); put("f", "three")
fd = writer("f"); say(fd, "request", "r"); replace(fd, "two"); equal(saved(fd), made); os.close(fd)
equal(ask("f", "ordinal"), "3"); equal(os.listdir("."), ["f"])'
}

@test "the same id with other content is EEXIST, and nothing is lost" {
    client '
put("f", "one"); fd = writer("f"); say(fd, "request", "r"); replace(fd, "two"); saved(fd); os.close(fd); head = token("f")
fd = writer("f"); say(fd, "request", "r"); replace(fd, "three"); equal(refused(os.fsync, fd), "EEXIST"); equal(refused(os.fsync, fd), "EEXIST")
equal(token("f"), head); equal(os.listdir("."), ["f"]); equal(os.pread(fd, 9, 0), b"three")
say(fd, "request", "s"); saved(fd); equal(get("f"), "three"); os.close(fd); head = token("f")
fd = writer("f"); say(fd, "request", "r"); replace(fd, "four"); equal(refused(os.fsync, fd), "EEXIST"); say(fd, "discard"); os.close(fd); equal(token("f"), head)
fd = writer("f"); say(fd, "request", "r"); replace(fd, "five"); equal(refused(os.close, fd), "EEXIST"); equal(token("f"), head)
equal(get("f@@/3.killed"), "five"); last = json.loads(ask("f", "last")); equal([last["kind"], last["sibling"]], ["killed", None])
equal(os.listdir("."), ["f"])'
}

@test "what was appended is appended once" {
    client '
put("log", "one\n")
def append():
    fd = os.open("log", os.O_WRONLY | os.O_APPEND); say(fd, "request", "r"); os.write(fd, b"line\n"); made = saved(fd); os.write(fd, b""); os.close(fd); return made
made = append(); equal(append(), made); equal(get("log"), "one\nline\n")
with open("log", "a") as log: log.write("two\n")
equal(append(), made); equal(get("log"), "one\nline\ntwo\n")
fd = os.open("log", os.O_RDWR | os.O_APPEND); say(fd, "request", "r"); os.write(fd, b"line\n"); equal(saved(fd), made)
fd2 = os.open("log", os.O_WRONLY | os.O_APPEND); say(fd2, "request", "r"); os.write(fd2, b"line\n"); equal(saved(fd2), made); os.write(fd2, b"three\n"); os.close(fd2)
equal(get("log"), "one\nline\ntwo\nthree\n")'
}

@test "a request that is not finished claims nothing: conflicts, killed writers, five seconds of appending" {
    remount allow_other,append_commit=1
    client '
put("f", "one"); fd = writer("f"); say(fd, "request", "r"); replace(fd, "two"); put("f", "theirs"); equal(refused(os.close, fd), "EAGAIN")
if os.fork() == 0: fd = os.open("new", os.O_CREAT | os.O_WRONLY); say(fd, "request", "r"); os.write(fd, b"ha"); os.kill(os.getpid(), signal.SIGKILL)
os.wait(); equal(get("new"), "ha")
for name in "f", "new": fd = writer(name); say(fd, "request", "r"); replace(fd, "whole"); saved(fd); os.close(fd); equal(get(name), "whole")
fd = os.open("f", os.O_WRONLY | os.O_APPEND); say(fd, "request", "s"); os.write(fd, b"a"); time.sleep(2.5); equal(get("f"), "whole"); os.write(fd, b"b"); os.close(fd)
equal(get("f"), "wholeab"); fd = os.open("f", os.O_WRONLY | os.O_APPEND); say(fd, "request", "s"); os.write(fd, b"ab"); os.close(fd); equal(get("f"), "wholeab")'
}

@test "an id has 1 to 128 visible characters, and needs a writing descriptor" {
    client '
put("f", "one"); fd = writer("f")
for id in b"", b"a b", b"a\0", b"\xe9", b"a\n", b"\x7f": equal(refused(say, fd, "request", id), "EINVAL")
equal(refused(say, fd, "request", b"x" * 129), "E2BIG"); say(fd, "request", "~" * 128); say(fd, "request", "!")
for file in "f", os.open("f", os.O_RDONLY), ".": equal(refused(say, file, "request", "r"), "EPERM")
equal(refused(ask, fd, "request"), "ENODATA"); os.fsync(fd); os.close(fd); equal(ask("f", "ordinal"), "1")'
}

@test "a request that emptied the file is known when nothing is left to empty" {
    client '
put("f", "one")
def request(): fd = os.open("f", os.O_WRONLY | os.O_TRUNC); say(fd, "request", "r"); made = saved(fd); os.close(fd); return made
made = request(); equal(request(), made); put("f", "two"); put("f", ""); equal(request(), made); equal(ask("f", "ordinal"), "4")'
}

# ---- .occ/watch ----

watched() { # as client, with conflicts and killed writers to be watched
    client "
def watch(): return os.open('.occ/watch', os.O_RDONLY)
def lines(fd):
    text = b''
    while piece := os.read(fd, 65536): text += piece
    return [json.loads(line) for line in text.splitlines()]
def conflict(path='f'):
    put(path, 'base'); fd = writer(path); replace(fd, 'mine'); put(path, 'theirs'); equal(refused(os.close, fd), 'EAGAIN')
def killed(path='f'):
    if os.fork() == 0: fd = writer(path); replace(fd, 'half'); os.kill(os.getpid(), signal.SIGKILL)
    os.wait()
def child(action):
    if os.fork() == 0: action(); os._exit(0)
    equal(os.wait()[1], 0)
$1" "${@:2}"
}

@test "who has watch open reads what went wrong in its process and in its descendants" {
    watched '
fd = watch(); equal(os.read(fd, 100), b""); os.mkdir("d"); put("d/f", "base"); equal(lines(fd), [])
conflict("d/f"); child(lambda: child(lambda: conflict("g"))); killed("d/f")
a, b, c = lines(fd); equal(lines(fd), []); base = token("d/f@@/2")
equal([a[k] for k in ("kind", "path", "sibling", "operation", "head")], ["conflict", "d/f", "d/f.conflict", "write", token("d/f")])
equal(a["writer"]["pid"], os.getpid()); equal(sorted(a), sorted(["kind"] + list(json.loads(get(".occ/conflicts").splitlines()[0]))))
equal([b["path"], b["sibling"]], ["g", "g.conflict"])
equal([c[k] for k in ("kind", "path", "sibling", "operation", "base", "size")], ["killed", "d/f", None, "write", token("d/f"), 4])
equal(os.pread(fd, 8, 0), b"{\"kind\":"); later = watch(); equal(lines(later), []); conflict("h"); equal(lines(later)[0]["path"], "h"); equal(lines(fd)[0]["path"], "h")'
}

@test "what a rename, a truncate and a descendant without its parent met is told, too; others are not" {
    watched '
told, tell = os.pipe(); done, finish = os.pipe()
if os.fork() == 0: os.read(told, 1); conflict("others"); os.write(finish, b"x"); os._exit(0) # opened before anybody watched, its parent watches: told
fd = watch(); os.write(tell, b"x"); os.read(done, 1); os.wait(); equal([line["path"] for line in lines(fd)], ["others"])
put("f", "one"); old = token("f"); put("f", "two"); put("tmp", "three"); subprocess.check_call(["setfattr", "-n", "user.occ.version", "-v", old, "tmp"])
equal(subprocess.call(["mv", "tmp", "f"], stderr=subprocess.DEVNULL), 1); line, = lines(fd); equal([line["operation"], line["path"]], ["rename", "f"])
def orphan():
    opened, tell_opened = os.pipe()
    if os.fork() > 0: os.read(opened, 1); os._exit(0) # its child loses its parent while it writes
    handle = writer("f"); parent = os.getppid(); replace(handle, "mine"); os.write(tell_opened, b"x"); os.write(finish, b"o")
    while os.getppid() == parent: time.sleep(0.01)
    os.read(told, 1); refused(os.close, handle); os.write(finish, b"c"); os._exit(0)
child(orphan); os.read(done, 1); put("f", "theirs"); os.write(tell, b"x"); os.read(done, 1); equal([line["path"] for line in lines(fd)], ["f"])
go, start = os.pipe()
if os.fork() == 0: # a child that watches is not told of its parent
    mine = watch(); os.write(finish, b"w"); os.read(go, 1); equal(lines(mine), []); os._exit(0)
os.read(done, 1); conflict("g"); os.write(start, b"x"); equal(os.wait()[1], 0); equal(lines(fd)[0]["path"], "g")'
}

@test "any user may watch, and is told of what is theirs; the file itself is empty and cannot be written" {
    chmod 777 . && umask 0
    watched '
equal(os.stat(".occ/watch").st_mode & 0o777, 0o444); equal(os.stat(".occ/watch").st_size, 0); equal(refused(os.open, ".occ/watch", os.O_WRONLY), "EPERM")
equal(refused(os.lseek, watch(), 0, os.SEEK_DATA), "EINVAL")
def nobody():
    os.setgroups([]); os.setresgid(65534, 65534, 0); os.setresuid(65534, 65534, 0)
    fd = watch(); conflict("theirs"); equal(lines(fd)[0]["path"], "theirs")
    def root(): os.setresuid(0, 0, 0); conflict("roots")
    child(root); equal(lines(fd), [{"kind": "conflict", "path": None, "sibling": None}])
child(nobody)'
}

@test "what a handle holds is bounded, and says so" {
    watched '
fd = watch(); name = "n" * 240; put(name, "base")
while True:
    conflict(name)
    for sibling in os.listdir("."):
        if sibling.endswith("conflict"): os.unlink(sibling)
    if os.pread(fd, 1, 1000000): break
for i in range(80): conflict(name)
text = b""
while piece := os.read(fd, 1 << 20): text += piece
assert len(text) <= 1 << 20, len(text); equal(text.splitlines()[-1], b"{\"kind\":\"overflow\"}"); equal(text.count(b"overflow"), 1)'
}
