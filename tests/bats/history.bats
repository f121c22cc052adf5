#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Every version is a path: f@@ and what is in it, who may look at it, and what a write on an old version means.
load common

# Each by a process of its own, which has read nothing: the base is the head.
put() { tee "$1" <<<"$2" >/dev/null; } # file, content
versions() { local i; for i in "${@:2}"; do put "$1" "$i"; done; } # file, contents
names() { find "$1" -mindepth 1 -printf '%f\n' | sort -V | tr '\n' ' '; }
as() { setpriv --reuid "$1" --regid "$2" --clear-groups "${@:3}"; } # uid, gid, command
refused() { # message, command
    run "${@:2}"
    [[ $status -ne 0 && $output == *"$1"* ]] || { echo "$status: $output"; return 1; }
}

@test "f@@ has every version, and no listing shows it" {
    versions f one two three
    equal "$(ls f@@)" "$(printf '0\n1\n2\n3')"
    equal "$(cat f@@/1 f@@/2 f@@/3 f@@/0)" "$(printf 'one\ntwo\nthree')"
    equal "$(ls -a)" "$(printf '.\n..\nf')"
    equal "$(find . | sort | tr '\n' ' ')" ". ./f "
    run -2 ls f@@/4 f@@/03 f@@/-1 f@@/x f@@/1.killed
    diff f@@/3 f
    run -1 diff f@@/2 f
    grep -rl two . && return 1
    equal "$(grep -rl two f@@)" f@@/2
    (cd f@@ && equal "$(cat 2)" two && ls -la .. >/dev/null)
    put f four
    equal "$(names f@@)" "0 1 2 3 4 "
}

@test "stat of a version" {
    touch -d 2001-02-03T04:05:06Z old && cat old >f
    head -c 100000 /dev/urandom >f
    touch -d 2011-02-03T04:05:06Z f
    put f now
    equal "$(stat -c '%s %h %F' f@@/1)" "100000 1 regular file"
    equal "$(stat -c '%s %h %F' f@@)" "4096 2 directory"
    [ "$(stat -c %b f@@/1)" -ge 196 ]
    equal "$(stat -c %b f@@/0)" 0
    py '
got = os.stat("f@@/1"); inos = [os.stat(name).st_ino for name in ("f", "f@@", "f@@/0", "f@@/1", "f@@/2")]
equal(len(set(inos)), 5); assert all(ino >> 63 for ino in inos[1:])
assert got.st_mtime <= got.st_ctime <= os.stat("f@@/2").st_ctime
before = os.stat("f@@").st_mtime_ns; put("f", "more"); assert os.stat("f@@").st_mtime_ns > before
equal(os.stat("f@@/3").st_mtime_ns, os.stat("f").st_mtime_ns)'
    remount
    equal "$(stat -c %s f@@/1)" 100000
}

@test "versions by token, in the directory and beside the file" {
    versions f one two three
    first=$(token f@@/1) third=$(token f)
    equal "$third" "$(token f@@/3)"
    equal "$(cat "f@@/$first" "f@@$first" "f@@$third")" "$(printf 'one\none\nthree')"
    diff "f@@$first" f@@/1
    put g other
    run -1 cat "g@@$first" && run -1 cat "g@@/$first" && run -1 cat "f@@/$(token g)"
    run -1 cat "f@@${first}x" && run -1 cat "f@@/${first%?}"
    equal "$(getfattr -d f@@/1)" ""
    remount
    equal "$(cat "f@@$first")" one
}

@test "names of any length" {
    py '
for length in 251, 252, 253, 254, 255:
    name = "n" * length
    put(name, "one"); put(name, "two")
    if length <= 253: equal(get(name + "@@/1"), "one")
    else: equal(refused(os.stat, name + "@@"), "ENAMETOOLONG")
name = "n" * 200
put(name, "one"); equal(get(name + "@@/" + token(name)), "one"); refused(os.stat, name + "@@" + token(name))'
}

@test "what has no history: directories, links, what was never there or never written" {
    mkdir d && versions f one && ln -s f link && mkfifo p && touch gone && rm gone
    for name in d link p gone never; do
        refused 'No such file' stat "$name@@"
        refused 'No such file' ls "$name@@/"
    done
    put never first
    equal "$(names never@@)" "0 1 "
    rm never && mkdir never
    refused 'No such file' stat never@@
}

@test "history follows the file: moves, saves by rename, hard links, names created anew" {
    versions f one two
    first=$(token f@@/1)
    mkdir d && mv f d/g
    equal "$(names d/g@@)" "0 1 2 "
    put tmp three && mv tmp d/g
    equal "$(names d/g@@)" "0 1 2 3 "
    equal "$(cat "d/g@@/$first" d/g@@/3)" "$(printf 'one\nthree')"
    mv d/g d/g~ && put d/g four
    equal "$(names d/g@@)" "0 1 2 3 4 "
    equal "$(names d/g~@@)" "0 1 2 3 "
    rm d/g && put d/g five
    equal "$(names d/g@@)" "0 1 2 3 4 5 "
    ln d/g h
    equal "$(names h@@)" "0 1 2 3 4 5 "
    equal "$(cat h@@/4)" four
    sed -i s/five/six/ d/g
    equal "$(cat d/g@@/6 h@@/5)" "$(printf 'six\nfive')"
    remount
    equal "$(names d/g@@)" "0 1 2 3 4 5 6 "
    equal "$(cat d/g@@/1)" one
}

@test "a removed file has its history by name" {
    versions f one two
    token=$(token f)
    rm f
    equal "$(ls -A)" ""
    equal "$(names f@@)" "0 1 2 "
    equal "$(cat f@@/1 "f@@$token")" "$(printf 'one\ntwo')"
    equal "$(stat -c '%A %U' f@@/1)" "-r--r--r-- root"
    for target in f@@/2 "f@@$token"; do
        run -1 bash -c "echo x >$target"
        [[ $output == *'Read-only file system'* ]]
    done
    refused 'Read-only' truncate -s 0 f@@/2
    equal "$(ls -A)" ""
    cp f@@/1 f
    equal "$(cat f f@@/3)" "$(printf 'one\none')"
    mv f elsewhere
    equal "$(names f@@)" "0 1 2 3 "
    equal "$(names elsewhere@@)" "0 1 2 3 "
}

@test "a working directory in f@@ goes on with the name" {
    versions f one
    cd f@@
    put ../f two
    equal "$(ls | tr '\n' ' ')" "0 1 2 "
    put ../tmp three && mv ../tmp ../f
    equal "$(ls | tr '\n' ' ')" "0 1 2 3 "
    rm ../f
    equal "$(cat 3)" three
    put ../f four
    equal "$(cat 4)" four
}

@test "what killed writers left" {
    versions f one two
    for text in first second; do
        py '
child = os.fork()
if child == 0:
    fd = os.open("f", os.O_WRONLY | os.O_TRUNC); os.write(fd, (sys.argv[1] + "\n").encode()); os.kill(os.getpid(), signal.SIGKILL)
os.waitpid(child, 0)' "$text"
    done
    eventually test -e f@@/2.2.killed
    put f three
    equal "$(names f@@)" "0 1 2 2.killed 2.2.killed 3 "
    equal "$(cat f@@/2.killed f@@/2.2.killed f)" "$(printf 'first\nsecond\nthree')"
    equal "$(cat "f@@/$(token f@@/2.2.killed)")" second
    equal "$(cp f@@/2.killed f && cat f)" first
    equal "$(stat -c %A f@@/2.killed)" "-r--r--r--"
    run -1 bash -c "echo x >f@@/2.killed"
    run -2 ls f@@/2.1.killed f@@/2.0.killed f@@/2.3.killed f@@/1.killed f@@/2.02.killed
}

@test "positions in a listing: telldir and seekdir, and lists that grow meanwhile" {
    versions f $(seq 300)
    "$OCCFS_TEST_BIN/seekdir" f@@ 2>/dev/null || py '
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
class Entry(ctypes.Structure): _fields_ = [("ino", ctypes.c_uint64), ("off", ctypes.c_int64), ("reclen", ctypes.c_ushort), ("type", ctypes.c_ubyte), ("name", ctypes.c_char * 256)]
libc.opendir.restype = libc.readdir.restype = ctypes.c_void_p; libc.telldir.restype = ctypes.c_long
for call in "readdir", "telldir", "closedir": getattr(libc, call).argtypes = [ctypes.c_void_p]
libc.seekdir.argtypes = [ctypes.c_void_p, ctypes.c_long]
directory = libc.opendir(b"f@@"); seen = []
def read():
    entry = libc.readdir(directory)
    return ctypes.cast(entry, ctypes.POINTER(Entry)).contents.name.decode() if entry else None
while True:
    position, name = libc.telldir(directory), read()
    if name is None: break
    seen.append((position, name))
equal([name for _, name in seen], [".", ".."] + [str(i) for i in range(301)])
put("f", "more")
for position, name in reversed(seen): libc.seekdir(directory, position); equal(read(), name)
libc.closedir(directory)'
    equal "$(ls f@@ | wc -l)" 302
}

@test "10,000 versions are listed at once, and a commit costs what it did" {
    py '
times = []
for i in range(1, 10001):
    begun = time.monotonic(); put("f", str(i)); times.append(time.monotonic() - begun)
for first in range(0, 10000, 2500): print(f"# commits {first} to {first + 2500}: {sum(times[first:first + 2500]) / 2500 * 1e6:.0f} us each", file=sys.stderr)' 2>&3
    remount
    for listing in "ls" "ls -l"; do
        begun=$(date +%s%N)
        equal "$($listing f@@/ | grep -v ^total | wc -l)" 10001
        took=$((($(date +%s%N) - begun) / 1000000))
        echo "# $listing f@@/: $took ms" >&3
        [ "$took" -lt 5000 ] # under a second on a machine with nothing else to do
    done
    equal "$(cat f@@/1 f@@/5000 f@@/10000)" 1500010000
}

# ---- nothing of it can be changed ----

@test "names that end in @@ are nobody's" {
    put f x && mkdir d
    for command in "touch a@@" "mkdir a@@" "mkfifo a@@" "ln -s x a@@" "ln f a@@" "mv -T d a@@" "mknod a@@ c 1 3" "mv -T f @@"; do
        run -1 $command
    done
    equal "$(ls -A | tr '\n' ' ')" "d f "
    py 'equal(refused(os.mkdir, "b@@"), "EINVAL"); equal(refused(os.rename, "f", "d/b@@"), "EINVAL"); equal(refused(put, "b@@", ""), "EINVAL")'
    grep -q 'refused: d/b@@: names that end in @@' "$LOG"
    put b@@c y && put @x y && mv b@@c b@@d && equal "$(cat b@@d)" y
    equal "$(names b@@d@@)" "0 1 "
}

@test "what is in f@@ stays as it is" {
    versions f one two
    token=$(token f@@/1)
    py '
token = sys.argv[1]
for name in "f@@", "f@@/1", "f@@/" + token:
    for call, arguments in (os.chmod, (0o600,)), (os.chown, (1, 1)), (os.utime, ()), (os.setxattr, ("user.x", b"1")), (os.removexattr, ("user.x",)), (os.rename, ("g",)), (os.setxattr, ("user.occ.version", token.encode())):
        equal((name, call, refused(call, name, *arguments)), (name, call, "EROFS"))
for call, arguments in (os.unlink, ("f@@/1",)), (os.rmdir, ("f@@",)), (os.unlink, ("f@@" + token,)), (os.mkdir, ("f@@/d",)), (os.symlink, ("x", "f@@/l")), (os.link, ("f", "f@@/l")), (os.rename, ("f", "f@@/l")), (put, ("f@@/9", "")), (os.rename, ("f", "f@@" + token)):
    equal((call, arguments, refused(call, *arguments)), (call, arguments, "EROFS"))
assert refused(os.link, "f@@/1", "g") in ("EPERM", "EXDEV")' "$token"
    equal "$(names f@@)" "0 1 2 "
    equal "$(cat f@@/1 f)" "$(printf 'one\ntwo')"
}

@test "an open version stays what it is, whatever becomes of the file" {
    versions f one two
    py '
reader = os.open("f@@/1", os.O_RDONLY); page = mmap.mmap(reader, 0, prot=mmap.PROT_READ)
put("f", "three\n"); os.unlink("f"); put("g", "x"); os.rename("g", "f")
equal(os.pread(reader, 100, 0), b"one\n"); equal(page[:], b"one\n"); equal(os.fstat(reader).st_size, 4)'
    printf '#!/bin/sh\necho old\n' >run && chmod 755 run && printf '#!/bin/sh\necho new\n' >run && printf '#!/bin/sh\necho newer\n' >run
    equal "$(./run@@/2)" new
}

# ---- writing on a version ----

@test "cp f@@/3 f commits that version's content as a new one" {
    versions f one two three four
    cp f@@/3 f
    equal "$(cat f f@@/5)" "$(printf 'three\nthree')"
    equal "$(ordinal f)" 5
    cp -a f@@/1 f
    equal "$(cat f)" one
    equal "$(ordinal f)" 6
    equal "$(ls)" f
}

@test "who reads a version that somebody writes on sees the version" {
    versions f one two
    py '
reader = os.open("f@@/2", os.O_RDONLY)
writer = os.open("f@@/2", os.O_WRONLY | os.O_TRUNC)
equal(get("f@@/2"), "two\n"); equal(os.pread(reader, 10, 0), b"two\n"); equal(os.stat("f@@/2").st_size, 4)
os.write(writer, b"longer than before"); equal(get("f@@/2"), "two\n"); equal(os.pread(reader, 99, 0), b"two\n"); equal(get("f"), "two\n")
os.close(writer); equal(get("f"), "longer than before"); equal(get("f@@/2"), "two\n"); equal(os.pread(reader, 99, 0), b"two\n")'
}

@test "a write on the newest version commits, on another it conflicts" {
    versions f one two three
    put f@@/3 four
    equal "$(cat f f@@/4)" "$(printf 'four\nfour')"
    stale=$(token f@@/1)
    equal "$(py 'equal(refused(put, "f@@/2", "mine\n"), "EAGAIN")' && cat f f.conflict)" "$(printf 'four\nmine')"
    equal "$(conflict_field f.conflict .base)" "$(token f@@/2)"
    equal "$(conflict_field f.conflict .target)" f
    py 'equal(refused(put, "f@@" + sys.argv[1], "by token\n"), "EAGAIN")' "$stale"
    equal "$(cat f.2.conflict)" "by token"
    equal "$(conflict_field f.2.conflict .base)" "$stale"
    head=$(token f)
    put "f@@$head" five
    equal "$(cat f)" five
    equal "$(cat f@@/2 f@@/3)" "$(printf 'two\nthree')"
    # The bytes of the head are no conflict, whatever the base.
    put f@@/1 five
    equal "$(ordinal f)" 5
}

@test "appending to, and changing a part of, a version" {
    versions f one two
    echo more >>f@@/2
    equal "$(cat f)" "$(printf 'two\nmore')"
    py '
fd = os.open("f@@/2", os.O_WRONLY | os.O_APPEND); os.write(fd, b"x"); equal(refused(os.close, fd), "EAGAIN")
equal(get("f.conflict"), "two\nx")'
    echo X | dd of=f@@/3 conv=notrunc bs=1 count=1 status=none
    equal "$(cat f)" "$(printf 'Xwo\nmore')"
    run -1 dd if=/dev/zero of=f@@/3 conv=notrunc bs=1 count=1 status=none
    truncate -s 3 f@@/4
    equal "$(cat f)" Xwo
    py 'equal(refused(os.truncate, "f@@/4", 1), "EAGAIN"); os.truncate("f@@/5", 2); equal(get("f"), "Xw")
fd = os.open("f@@/6", os.O_RDWR); os.lseek(fd, 0, os.SEEK_END); os.write(fd, b"yz"); equal(os.pread(fd, 10, 0), b"Xwyz"); os.fsync(fd); equal(get("f"), "Xwyz")
os.pwrite(fd, b"a", 0); os.fsync(fd); equal(get("f"), "awyz"); os.close(fd)
fd = os.open("f@@/6", os.O_RDWR); os.pwrite(fd, b"b", 0); equal(refused(os.fsync, fd), "EAGAIN"); equal(refused(os.close, fd), "EAGAIN")
equal(get("f@@/6"), "Xw"); equal(get("f"), "awyz")'
    (echo 1; bash -c 'echo 2') >f@@/8
    equal "$(ordinal f)" 9
    equal "$(cat f)" "$(printf '1\n2')"
}

@test "looking at history is not reading the file" {
    versions f one two
    py '
def other(text): subprocess.run(["tee", "f"], input=text.encode(), stdout=subprocess.DEVNULL, check=True)
get("f"); other("three"); equal(get("f@@/3"), "three"); os.getxattr("f@@/3", "user.occ.version"); os.listdir("f@@")
equal(refused(put, "f", "mine"), "EAGAIN")
get("f"); get("f@@/1"); put("f", "four"); equal(get("f@@/4"), "four")'
}

@test "a writer of an old version that is killed changes nothing" {
    versions f one two three
    py '
child = os.fork()
if child == 0:
    fd = os.open("f@@/2", os.O_WRONLY | os.O_TRUNC); os.write(fd, b"half"); os.kill(os.getpid(), signal.SIGKILL)
os.waitpid(child, 0)'
    eventually test -e f@@/2.killed
    equal "$(cat f f@@/2.killed)" "$(printf 'three\nhalf')"
    equal "$(ls)" f
}

@test "versions of a live file are for reading" {
    versions f one two
    setfattr -n user.occ.policy -v live f
    equal "$(cat f@@/1)" one
    run -1 bash -c 'echo x >f@@/2'
    [[ $output == *'Read-only'* ]]
    put f three
    equal "$(cat "f@@/$(ordinal f)")" three
}

# ---- who may read what ----

@test "who may not read the file may not look into its history" {
    versions f one two && chmod 644 f
    as 1000 1000 cat f@@/1 && as 1000 1000 ls f@@
    token=$(token f@@/1)
    chmod 600 f
    for path in f@@/1 "f@@$token" "f@@/$token"; do refused 'Permission denied' as 1000 1000 cat "$path"; done
    run -2 as 1000 1000 ls f@@
    (cd f@@ && refused 'Permission denied' as 1000 1000 cat 1)
    equal "$(stat -c %A f@@ f@@/1 | tr '\n' ' ')" "dr-x------ -rw-r--r-- "
    chown 1000:1000 f
    equal "$(as 1000 1000 cat f@@/1)" one
    chown 0:1000 f && chmod 640 f
    equal "$(as 1001 1000 cat f@@/1)" one
    refused 'Permission denied' as 1000 1001 cat f@@/1
    chmod 622 f
    refused 'Permission denied' as 1000 1001 cat f@@/1
}

@test "a version that was closed stays closed" {
    put f secret && chmod 600 f && put f 'more secret' && chmod 644 f && put f public
    as 1000 1000 ls f@@ >/dev/null
    equal "$(as 1000 1000 cat f@@/3)" public
    for version in f@@/1 f@@/2 "f@@$(token f@@/2)"; do
        [ "$version" = f@@/1 ] || refused 'Permission denied' as 1000 1000 cat "$version"
    done
    remount
    refused 'Permission denied' as 1000 1000 cat f@@/2
    equal "$(cat f@@/2)" "more secret"
}

@test "re-creating somebody's file does not open its past" {
    chmod 777 . && as 1000 1000 bash -c 'umask 077; echo mine >f; echo "still mine" >f'
    as 1001 1001 rm -f f
    refused 'Permission denied' as 1001 1001 ls f@@/1
    as 1001 1001 bash -c 'umask 022; echo yours >f'
    equal "$(as 1001 1001 cat f@@/3)" yours
    as 1001 1001 ls f@@ >/dev/null
    for version in 1 2; do refused 'Permission denied' as 1001 1001 cat f@@/$version; done
    equal "$(as 1000 1000 cat f@@/2)" "still mine"
    as 1001 1001 chmod 600 f
    refused 'Permission denied' as 1000 1000 cat f@@/2
    equal "$(stat -c '%u %A' f@@/2 f@@/3 | tr '\n' ' ')" "1000 -r-------- 1001 -rw-r--r-- "
}

@test "what was closed before it was removed stays closed" {
    versions f one two && chmod 600 f && rm f
    refused 'Permission denied' as 1000 1000 ls f@@/
    refused 'Permission denied' as 1000 1000 cat "f@@/1"
    versions g one && chmod 600 g && chown 1000:1000 g && rm g
    equal "$(as 1000 1000 cat g@@/1)" one
    refused 'Permission denied' as 1001 1001 cat g@@/1
}

@test "moving a file over somebody's does not open its past" {
    chmod 777 . && as 1000 1000 bash -c 'umask 077; echo mine >f; echo two >f'
    as 1001 1001 bash -c 'echo yours >tmp; chmod 644 tmp; mv -f tmp f'
    equal "$(as 1001 1001 cat f@@/3)" yours
    for version in 1 2; do refused 'Permission denied' as 1001 1001 cat f@@/$version; done
    # And the other way round: what is moved away does not take the newer ones along.
    as 1000 1000 bash -c 'umask 077; echo a >g'
    as 1001 1001 mv g h
    refused 'Permission denied' as 1001 1001 ls h@@
    refused 'Permission denied' as 1001 1001 cat h@@/1
}

@test "access lists: the version's and the file's both count" {
    put f secret && chmod 600 f && put f 'for 1000'
    setfacl -m u:1000:r f && put f 'shared'
    equal "$(as 1000 1000 cat f@@/3)" shared
    refused 'Permission denied' as 1000 1000 cat f@@/2
    refused 'Permission denied' as 1001 1001 ls f@@/
    equal "$(getfacl -pcn f@@/3)" "$(getfacl -pcn f)"
    getfacl -pcn f@@ | grep -qx user:1000:r-x
    setfacl -x u:1000 f && setfacl -m u:1001:r f
    refused 'Permission denied' as 1000 1000 cat f@@/3
    refused 'Permission denied' as 1001 1001 cat f@@/3
    as 1001 1001 ls f@@ >/dev/null
    setfacl -b f && chmod 644 f
    equal "$(as 1000 1000 cat f@@/3)" shared
    refused 'Permission denied' as 1001 1001 cat f@@/3
    setfacl -m u:1000:- f
    refused 'Permission denied' as 1000 1000 cat f@@/3
    remount
    setfacl -b f
    equal "$(as 1000 1000 cat f@@/3)" shared
    rm f
    equal "$(as 1000 1000 cat f@@/3)" shared
    refused 'Permission denied' as 1001 1001 cat f@@/3
}

@test "who may write on a version" {
    chmod 777 . && put f one && chown 1000:1000 f && chmod 644 f
    put f two # by root, of 1000
    as 1000 1000 bash -c 'echo three >f@@/2'
    equal "$(cat f)" three
    run -1 as 1001 1001 bash -c 'echo x >f@@/3'
    [[ $output == *'Permission denied'* ]]
    chmod 666 f
    eventually as 1001 1001 bash -c 'echo four >f@@/3'
    chmod 444 f
    ls -l f@@ >/dev/null
    run -1 as 1000 1000 bash -c 'echo x >f@@/4'
    chmod 644 f
    ls -l f@@ >/dev/null && chmod 444 f
    run -1 as 1000 1000 bash -c 'echo x >f@@/4' # the kernel was told otherwise a moment ago
    [[ $output == *'Permission denied'* ]]
    chmod 666 f && chgrp 1001 f
    run -1 as 1000 1000 bash -c 'echo x >f@@/4' # another group's then
    [[ $output == *'Permission denied'* ]]
    setfacl -m u:1002:rw f && put f five
    eventually as 1002 1002 bash -c 'echo six >f@@/5'
    setfacl -m u:1003:rw f
    run -1 as 1002 1002 bash -c 'echo x >f@@/6'
    [[ $output == *'Permission denied'* ]]
    put f@@/6 seven # root may
    equal "$(cat f)" seven
    equal "$(ls)" f
}

@test "set-id bits are not in the past" {
    cp /bin/true f && chmod 6755 f && cp /bin/false f && chmod 6755 f && echo x >>f
    equal "$(stat -c %A f@@/1 f@@/2 f@@/3 | sort -u)" "-rwxr-xr-x"
}

@test "in a shared directory with the sticky bit a token leads others there, too" {
    mkdir -m 1777 d && as 1000 1000 bash -c 'echo one >d/f; echo two >d/f'
    token=$(token d/f@@/1)
    equal "$(as 1001 1001 cat "d/f@@$token")" one
}

@test "versions tell who made them and what they contain" {
    echo one >f
    python3 -c 'open("f", "w").write("two\n")'
    attribute() { getfattr --only-values -n "user.occ.$1" "$2"; }
    equal "$(attribute ordinal f@@/1) $(attribute ordinal f@@/2)" "1 2"
    equal "$(attribute author f@@/2 | jq -r '.command, .operation')" $'python3\nwrite'
    equal "$(attribute author f@@/1 | jq -r .command)" bash
    cp f@@/1 copy
    equal "$(attribute hash f@@/1)" "$(attribute hash copy)"
    equal "$(attribute version f@@/2)" "$(token f@@/2)"
    run attribute last f@@/1
    [ "$status" -ne 0 ]
    equal "$(getfattr -d f@@/1)" ""
}

@test "who takes a file over by its name does not open what its owner had closed" {
    chmod 777 .
    for way in 'rm f; echo mine >f' 'echo mine >g; mv g f' 'mv f f~; echo mine >f' 'mv f f~; echo mine >g; mv g f'; do
        rm -f f f~
        as 1000 1000 bash -c "echo 'open $way' >f; cat f; chmod 600 f; echo 'closed $way' >f; echo more >>f; chmod 644 f; chmod 600 f"
        last=$(ordinal f)
        run -1 as 1001 1001 cat "f@@/$((last - 2))"
        as 1001 1001 bash -c "$way"
        equal "$(as 1001 1001 cat f)" mine
        equal "$(as 1001 1001 cat "f@@/$((last + 1))")" mine
        for old in $((last - 2)) $((last - 1)) "$last"; do
            run -1 as 1001 1001 cat "f@@/$old"
            [[ $output == *'Permission denied'* ]]
        done
        equal "$(as 1000 1000 cat "f@@/$((last - 2))")" "open $way" # its owner may, now as before
        as 1001 1001 rm -f f
    done
}
