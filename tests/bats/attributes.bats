#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
load common

# Attributes that occfs gives by name. They are not listed: user.occ.ordinal, hash, author, last.
attribute() { getfattr --only-values --absolute-names -n "user.occ.$1" "$2"; } # name, file
last() { attribute last f | jq -r "$1"; }                                        # jq filter

@test "the ordinal counts versions" {
    : >f
    equal "$(attribute ordinal f)" 0
    echo a >f
    echo b >f
    equal "$(attribute ordinal f)" 2
    equal "$(attribute ordinal f)" "$(ordinal f)"
}

@test "the hash of up to 48 KiB is XXH3's of 128 bits; the same content has the same hash" {
    py '
import ctypes
class hash128(ctypes.Structure): _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]
xxh3 = ctypes.CDLL("libxxhash.so.0").XXH3_128bits; xxh3.restype = hash128; xxh3.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
def of(path): return os.getxattr(path, "user.occ.hash").decode()
for size in 1, 100, 5000, 48 * 1024:
    text = "abcdefg\n" * (size // 8) + "x" * (size % 8)
    put("f", text); put("g", text); h = xxh3(text.encode(), size)
    equal(of("f"), "%016x%016x" % (h.high, h.low)); equal(of("g"), of("f"))
for size in 200000, 40000000: # of the hashes of pieces
    put("f", "a" * size); put("g", "a" * size); equal(of("g"), of("f")); assert len(of("f")) == 32
    put("g", "a" * (size - 1) + "b"); assert of("g") != of("f")
put("f", ""); equal(of("f"), "0" * 32); put("f", "\0" * 200000); equal(of("f"), "0" * 32)'
}

@test "the author is who made the version, when and how" {
    chmod 777 . && umask 0
    as_nobody sh -c 'echo a >f'
    equal "$(attribute author f | jq -c '[.uid, .gid, .command, .operation, (.pid > 1)]')" '[65534,65534,"sh","write",true]'
    [[ $(attribute author f | jq -r .time) == 20*Z ]]
    python3 -c 'import os; os.truncate("f", 1)'
    equal "$(attribute author f | jq -c '[.uid, .command, .operation]')" '[0,"python3","truncate"]'
    : >new
    equal "$(attribute author new | jq -r .operation)" create
    echo b >f.tmp && mv f.tmp f
    equal "$(attribute author f | jq -c '[.command, .operation]')" '["mv","rename"]'
}

@test "by path they speak of the head, through a descriptor of the version that it shows" {
    py '
put("f", "1"); reader = os.open("f", os.O_RDONLY); writer = os.open("f", os.O_WRONLY); put("f", "22")
def of(file, name): return os.getxattr(file, "user.occ." + name).decode()
equal(of("f", "ordinal"), "2"); equal(of(reader, "ordinal"), "1"); equal(of(writer, "ordinal"), "1")
assert of("f", "hash") != of(reader, "hash") == of(writer, "hash")
for file in "f", reader, writer: equal(of(file, "ordinal"), of(file, "version").split(".")[0])
os.write(writer, b"x"); equal(of(writer, "ordinal"), "1"); equal(refused(os.close, writer), "EAGAIN")'
}

@test "they are not listed and copies do not carry them" {
    echo a >f
    equal "$(getfattr -d -m - f | grep -c '^user.occ.')" 1
    cp -a f g && echo b >g && rsync -aX f h
    equal "$(attribute ordinal g)" 2
    equal "$(attribute author h | jq -r .command)" rsync
}

@test "nothing of user.occ.* can be set or removed but what is for that; what is no attribute is absent" {
    py '
put("f", "a"); os.mkdir("d")
for name in "ordinal", "hash", "author", "last", "conflict", "anything", "":
    for flags in 0, os.XATTR_CREATE, os.XATTR_REPLACE:
        equal(refused(os.setxattr, "f", "user.occ." + name, b"1", flags), "EPERM")
    equal(refused(os.removexattr, "f", "user.occ." + name), "EPERM")
for name in "anything", "conflict", "versions", "ordinal2", "": equal(refused(os.getxattr, "f", "user.occ." + name), "ENODATA")
for name in "version", "ordinal", "hash", "author", "last", "conflict": equal(refused(os.getxattr, "d", "user.occ." + name), "ENODATA")'
}

@test "nothing went wrong: last is null" {
    echo a >f
    equal "$(attribute last f)" null
    equal "$(last '.sibling // "none"')" none
}

@test "a conflict is told by last, until the next one" {
    py '
put("f", "base"); base = token("f"); fd = os.open("f", os.O_WRONLY); put("f", "theirs")
os.write(fd, b"mine!"); equal(refused(os.close, fd), "EAGAIN")
import json
last = json.loads(os.getxattr("f", "user.occ.last"))
time = last.pop("time"); assert time.startswith("20") and time.endswith("Z"), time
equal(last, {"kind": "conflict", "operation": "write", "base": base, "head": token("f"), "size": 5, "sibling": "f.conflict",
             "writer": {"uid": 0, "gid": 0, "pid": os.getpid(), "command": "python3"}})
put("f", "solved"); equal(json.loads(os.getxattr("f", "user.occ.last"))["time"], time)
fd = os.open("f", os.O_WRONLY); put("f", "again"); os.write(fd, b"me"); equal(refused(os.close, fd), "EAGAIN")
equal(json.loads(os.getxattr("f", "user.occ.last"))["sibling"], "f.2.conflict")'
    remount
    equal "$(last .sibling)" f.2.conflict
}

@test "a rename that was refused is told by last, too" {
    echo base >f
    local base; base=$(token f)
    echo theirs >f
    echo mine >f.tmp && setfattr -n user.occ.version -v "$base" f.tmp
    run mv f.tmp f
    [ "$status" -ne 0 ]
    equal "$(last '[.kind, .operation, .writer.command, .sibling] | join(" ")')" "conflict rename mv f.conflict"
    equal "$(jq -r '[.path, .operation, .sibling] | join(" ")' .occ/conflicts)" "f rename f.conflict"
    equal "$(last .base)" "$base"
}

@test "a killed writer is told by last" {
    echo whole >f
    python3 -c "
import os, signal
fd = os.open('f', os.O_WRONLY); os.write(fd, b'half'); os.kill(os.getpid(), signal.SIGKILL)" || true
    equal "$(last '[.kind, .writer.command, .size, .sibling] | @csv')" '"killed","python3",6,'
    equal "$(last .base)" "$(token f)"
}

# ---- errors that nobody sees ----

# What was written is in the sibling, and three places say so: the attribute, .occ/conflicts and the log.
told_everywhere() { # command of the writer, its content
    eventually grep -q . .occ/conflicts # a RELEASE comes later than the close
    equal "$(cat f)" theirs
    equal "$(last '[.kind, .writer.command, .sibling] | join(" ")')" "conflict $1 f.conflict"
    equal "$(jq -r '[.path, .writer.command, .sibling] | join(" ")' .occ/conflicts)" "f $1 f.conflict"
    equal "$(cat f.conflict)" "$2"
    grep -qE "occfs: warning: conflict: f: $1 \(pid [0-9]+, uid 0\).* f\.conflict" "$LOG"
}

@test "a redirection of a bash builtin has a conflict and no error: it is told elsewhere" {
    echo base >f
    bash -c '{ echo mine; bash -c "echo theirs >f" >/dev/null; } >f'
    told_everywhere bash mine
}

@test "the same for a dash builtin" {
    echo base >f
    dash -c '{ echo mine; dash -c "echo theirs >f" >/dev/null; } >f'
    told_everywhere dash mine
}

@test "the same for gawk's print to a file" {
    echo base >f
    gawk 'BEGIN { print "mine" >"f"; system("echo theirs >f") }'
    told_everywhere gawk mine
}

@test "the same for a Python program that does not close its file" {
    echo base >f
    python3 -c "
import os
file = open('f', 'w'); file.write('mine'); file.flush(); os.system('echo theirs >f'); os._exit(0)"
    told_everywhere python3 mine
}

@test "the same for a mapping that outlives its descriptor, where there is no close left to fail" {
    echo base >f
    python3 -c "
import mmap, os
fd = os.open('f', os.O_RDWR); map = mmap.mmap(fd, 4); os.close(fd)
map[:4] = b'mine'; os.system('echo theirs >f'); map.close()"
    told_everywhere python3 $'mine'
}

@test "a writer learns whether its commit has made the version, or found its content there" {
    py '
import json
def commit(fd):
    os.fsync(fd)
    return json.loads(os.getxattr(fd, "user.occ.commit"))
put("f", "5")
a, b = os.open("f", os.O_RDWR), os.open("f", os.O_RDWR)
assert "made" not in json.loads(os.getxattr(a, "user.occ.commit"))
for fd in a, b:
    equal(os.read(fd, 9), b"5")
    os.pwrite(fd, b"6", 0)
first = commit(a)
equal((first["ordinal"], first["made"]), (2, True))
second = commit(b) # no conflict: its content is the newest
equal((second["token"], second["made"]), (first["token"], False))
equal(commit(a)["made"], False) # nothing new
os.pwrite(a, b"7", 0)
equal(commit(a)["made"], True)
assert "made" not in json.loads(os.getxattr("f", "user.occ.commit"))'
}
