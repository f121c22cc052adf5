#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What every POSIX filesystem does.
load common

@test "mkdir, rmdir and the link counts of directories" {
    mkdir -p a/b/c a/d
    equal "$(stat -c %h a)" 4
    equal "$(stat -c %h a/b)" 3
    run rmdir a/b
    [[ $output == *"Directory not empty"* ]]
    rmdir a/b/c
    equal "$(stat -c %h a/b)" 2
    mv a/d a/b/d
    equal "$(stat -c '%h' a a/b | tr '\n' ' ')" "3 3 "
    rm -r a
    equal "$(ls -A)" ""
    run mkdir nowhere/a
    [[ $output == *"No such file"* ]]
    touch f
    py 'equal(refused(os.mkdir, "f/a"), "ENOTDIR"); equal(refused(os.mkdir, "f"), "EEXIST")
equal(refused(os.rmdir, "f"), "ENOTDIR"); os.mkdir("d"); equal(refused(os.unlink, "d"), "EISDIR")
equal(refused(os.rmdir, "d/."), "EINVAL"); equal(refused(os.rmdir, "d/.."), "ENOTEMPTY")'
}

@test "a directory that was removed while it is open is empty and takes nothing" {
    py '
os.mkdir("d"); fd = os.open("d", os.O_RDONLY); os.rmdir("d")
equal(os.listdir(fd), []); equal(os.fstat(fd).st_nlink, 0)
equal(refused(lambda: os.open("f", os.O_CREAT | os.O_WRONLY, dir_fd=fd)), "ENOENT")
equal(refused(lambda: os.mkdir("e", dir_fd=fd)), "ENOENT")'
}

@test "hard links are one file" {
    echo a >f
    ln f g
    mkdir d && ln f d/h
    equal "$(stat -c '%h %i' g)" "3 $(stat -c %i f)"
    echo b >d/h
    equal "$(cat f g)" $'b\nb'
    chmod 600 g
    equal "$(stat -c %a d/h)" 600
    rm f
    equal "$(stat -c %h g)" 2
    rm g d/h
    run ln d e
    [ "$status" -ne 0 ]
    py 'put("f", ""); put("g", "")
equal(refused(os.link, "f", "g"), "EEXIST"); equal(refused(os.link, "none", "x"), "ENOENT"); equal(os.stat("f").st_nlink, 1)'
}

@test "an unlinked file lives until it is closed" {
    py '
put("f", "content"); fd = os.open("f", os.O_RDONLY); os.unlink("f")
equal(os.fstat(fd).st_nlink, 0); equal(os.read(fd, 100), b"content"); os.close(fd)
fd = os.open("s", os.O_RDWR | os.O_CREAT); os.unlink("s"); os.write(fd, b"x" * 300000); os.fsync(fd)
equal(os.pread(fd, 400000, 0), b"x" * 300000); equal(os.fstat(fd).st_size, 300000); os.close(fd)
equal(os.listdir("."), [])'
}

@test "symlinks" {
    py '
os.symlink("target", "l"); equal(os.readlink("l"), "target"); equal(os.lstat("l").st_size, 6)
equal(refused(os.stat, "l"), "ENOENT"); put("target", "x"); equal(get("l"), "x")
long = "x/" * 2000 + "y"; os.symlink(long, "long"); equal(os.readlink("long"), long)
equal(refused(os.symlink, "x" * 5000, "e"), "ENAMETOOLONG"); equal(refused(os.symlink, "x", "l"), "EEXIST")
os.symlink("loop", "loop"); equal(refused(os.stat, "loop"), "ELOOP")
os.symlink("created", "through"); put("through", "y"); equal(get("created"), "y")
os.rename("l", "m"); equal(os.readlink("m"), "target"); os.unlink("m"); assert os.path.exists("target")
os.link("long", "second", follow_symlinks=False); equal(os.lstat("second").st_nlink, 2)'
}

@test "fifos, sockets and devices" {
    mkfifo p
    (echo through >p) &
    equal "$(cat p)" through
    wait $!
    mknod n c 1 3
    mknod b b 7 200
    equal "$(stat -c '%F %t %T' n)" "character special file 1 3"
    equal "$(stat -c '%F %t %T' b)" "block special file 7 c8"
    py '
import socket
server = socket.socket(socket.AF_UNIX); server.bind("s"); server.listen()
client = socket.socket(socket.AF_UNIX); client.connect("s"); other, _ = server.accept()
client.send(b"hello"); equal(other.recv(9), b"hello")
import stat
os.mknod("r", 0o640 | stat.S_IFREG); equal(os.stat("r").st_size, 0); assert token("r").startswith("0.")
equal(refused(os.mknod, "r"), "EEXIST")'
    [ -S s ]
    remount
    equal "$(stat -c '%F %t %T' b)" "block special file 7 c8"
}

@test "rename: over files, directories and itself" {
    py '
os.makedirs("a/sub"); os.makedirs("b"); put("f", "f"); put("g", "g")
ino = os.stat("f").st_ino
os.rename("f", "f"); os.rename("f", "b/f"); equal(os.stat("b/f").st_ino, ino); equal(get("b/f"), "f")
os.rename("b/f", "g"); equal(get("g"), "f"); equal(os.listdir("b"), [])
equal(os.stat("g").st_ino, ino); equal(os.stat("g").st_nlink, 1)
os.rename("a", "b"); equal(os.listdir("b"), ["sub"])  # over an empty directory
os.mkdir("c"); equal(refused(os.rename, "c", "b"), "ENOTEMPTY"); equal(refused(os.rename, "c", "g"), "ENOTDIR")
equal(refused(os.rename, "g", "c"), "EISDIR"); equal(refused(os.rename, "b", "b/sub/x"), "EINVAL")
equal(refused(os.rename, "none", "x"), "ENOENT"); equal(refused(os.rename, "g", "none/x"), "ENOENT")
os.link("g", "h"); os.rename("g", "h"); equal(sorted(os.listdir(".")), ["b", "c", "g", "h"])  # one file: nothing is done
os.rename("b/sub", "c/sub"); equal(os.stat("b").st_nlink, 2); equal(os.stat("c").st_nlink, 3)
equal(os.stat("c/sub/..").st_ino, os.stat("c").st_ino)'
}

@test "rename with flags: without replacing, and exchanging" {
    py '
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def rename2(a, b, flags):
    if libc.renameat2(-100, a.encode(), -100, b.encode(), flags): raise OSError(ctypes.get_errno(), a)
put("f", "f"); put("g", "gg"); os.mkdir("d"); put("d/x", "x")
equal(refused(rename2, "f", "g", 1), "EEXIST"); rename2("f", "h", 1); equal(get("h"), "f")
rename2("h", "g", 2); equal(get("h"), "gg"); equal(get("g"), "f"); equal(os.stat("h").st_size, 2)
rename2("g", "d", 2); equal(get("d"), "f"); equal(get("g/x"), "x"); equal(refused(rename2, "g", "none", 2), "ENOENT")
equal(os.stat("g/..").st_ino, os.stat(".").st_ino); equal(refused(rename2, "g", "g/x", 2), "EINVAL")'
}

@test "a directory that moves takes along what is open below it" {
    py '
os.makedirs("a/b"); put("a/b/f", "old"); fd = os.open("a/b/f", os.O_WRONLY); os.write(fd, b"new")
os.rename("a", "z"); equal(get("z/b/f"), "old"); os.close(fd); equal(get("z/b/f"), "new")
os.chdir("z/b"); equal(os.getcwd().split("/")[-2:], ["z", "b"]); os.rename("../../z", "../../y"); equal(get("f"), "new")'
}

@test "times: what changes which" {
    py '
def times(path): s = os.stat(path); return s.st_mtime_ns, s.st_ctime_ns
def changed(path, call):
    before = times(path); time.sleep(0.01); call(); after = times(path)
    return "".join(name for name, a, b in zip("mc", before, after) if b > a)
put("f", "a"); os.mkdir("d")
equal(changed("f", lambda: put("f", "b")), "mc"); equal(changed("f", lambda: get("f")), "")
equal(changed("f", lambda: os.chmod("f", 0o600)), "c"); equal(changed("f", lambda: os.link("f", "g")), "c")
equal(changed("f", lambda: os.unlink("g")), "c")
equal(changed("f", lambda: os.setxattr("f", "user.x", b"1")), "c"); equal(changed("f", lambda: os.truncate("f", 0)), "mc")
for call in (lambda: put("d/f", ""), lambda: os.mkdir("d/e"), lambda: os.rename("d/f", "d/g"), lambda: os.link("d/g", "d/h"),
             lambda: os.unlink("d/g"), lambda: os.rmdir("d/e"), lambda: os.symlink("x", "d/l")):
    equal(changed("d", call), "mc")
equal(changed("d", lambda: put("d/h", "content")), "")
os.utime("f", ns=(1, 2)); s = os.stat("f"); equal((s.st_atime_ns, s.st_mtime_ns), (1, 2))
far = 2**33 * 10**9 + 7; os.utime("f", ns=(far, far)); equal(os.stat("f").st_mtime_ns, far)
os.utime("f", ns=(-5 * 10**9, -5 * 10**9 + 3)); equal(os.stat("f").st_mtime_ns, -5 * 10**9 + 3)
assert changed("f", lambda: os.utime("f")) == "mc"; assert abs(os.stat("f").st_mtime - time.time()) < 60'
    remount
    touch -d '1960-01-01 00:00:00 UTC' f
    remount
    equal "$(stat -c %Y f)" -315619200
}

@test "in a sticky directory only owners remove" {
    mkdir -m 1777 t && touch t/roots
    as_nobody touch t/own
    run as_nobody rm -f t/roots
    [[ $output == *"not permitted"* ]]
    run as_nobody mv t/roots t/x
    [[ $output == *"not permitted"* ]]
    as_nobody mv t/own t/moved
    as_nobody rm t/moved
}

@test "a set-gid directory gives its group on" {
    mkdir s && chown 0:7 s && chmod 2775 s
    touch s/f && mkdir s/d && ln -s x s/l && mkfifo s/p
    equal "$(stat -c %g s/f s/d s/l s/p | tr '\n' ' ')" "7 7 7 7 "
    equal "$(stat -c %a s/d)" 2755
    equal "$(stat -c %a s/f)" 644
    touch f
    equal "$(stat -c %g f)" 0
}

@test "permissions hold for another user" {
    mkdir -m 700 private && echo a >private/f
    mkdir -m 755 public && echo secret >public/f && chmod 600 public/f && echo open >public/g
    mkdir -m 777 shared
    run as_nobody cat private/f
    [[ $output == *"Permission denied"* ]]
    run as_nobody cat public/f
    [[ $output == *"Permission denied"* ]]
    equal "$(as_nobody cat public/g)" open
    for change in 'touch public/new' 'echo x >public/g' 'rm -f public/g' 'mv public/g shared/' 'chmod 777 public/g' \
        'chown 65534 public/g' 'setfattr -n user.x -v y public/g' 'mkdir public/d'; do
        run as_nobody sh -c "$change"
        [[ $status -ne 0 && $output == *@("not permitted"|"Permission denied")* ]] || { echo "$change: $output"; false; }
    done
    as_nobody sh -c 'umask 027; echo mine >shared/f; mkdir shared/d'
    equal "$(stat -c '%u %g %a' shared/f shared/d)" $'65534 65534 640\n65534 65534 750'
    # Root takes the right away: at once, for cached attributes too.
    as_nobody cat public/g
    chmod 600 public/g
    run as_nobody cat public/g
    [[ $output == *"Permission denied"* ]]
    run setpriv --reuid 65534 --regid 65534 --groups 7 cat public/f
    [ "$status" -ne 0 ]
    chown 0:7 public/f && chmod 640 public/f
    equal "$(setpriv --reuid 65534 --regid 65534 --groups 7 cat public/f)" secret
    cp /bin/true shared/prog && chmod 644 shared/prog
    run shared/prog
    [[ $output == *"Permission denied"* ]]
    chmod 755 shared/prog && shared/prog
}

@test "chown and chmod keep and take set-id bits as POSIX says" {
    touch f && chmod 6755 f && chown 1 f
    equal "$(stat -c %a f)" 755
    mkdir -m 777 d
    as_nobody sh -c 'touch d/f && chmod 4711 d/f'
    equal "$(stat -c %a d/f)" 4711
    # Set-gid for a group that is not one's own is dropped.
    chgrp 7 d/f
    as_nobody chmod 2755 d/f
    equal "$(stat -c %a d/f)" 755
}

@test "a listing of 20000 names is stable while entries come and go, and can be sought in" {
    mkdir d
    py '
for i in range(20000): os.close(os.open(f"d/keep-{i}", os.O_CREAT | os.O_WRONLY))'
    "$OCCFS_TEST_BIN/listing" d 20000
    # Inode numbers in the listing are those of stat; the dots are there.
    py '
names = {e.name: e.inode() for e in os.scandir("d")}; equal(len(names), 20001)
for name in list(names)[::500]: equal(os.stat("d/" + name).st_ino, names[name])
out = subprocess.run(["ls", "-ai", "d"], capture_output=True, text=True).stdout.split("\n")
equal(out[0].split(), [str(os.stat("d").st_ino), "."]); equal(out[1].split(), [str(os.stat(".").st_ino), ".."])'
    remount
    equal "$(find d -name 'keep-*' | wc -l)" 20000
    find d -name 'keep-*' -delete
    equal "$(ls d | grep -c keep || true)" 0
}

@test "a listing during removal misses nothing: rm -r of a tree" {
    py '
for i in range(40):
    os.makedirs(f"t/{i}/x/y")
    for j in range(30): put(f"t/{i}/{j}", "x" * j)'
    cp -a t u
    diff -r t u
    rm -r t
    equal "$(ls)" u
    equal "$(find u | wc -l)" 1321
}

@test "st_ino is stable: through commits, renames, conflicts and mounts" {
    echo a >f && mkdir d
    before=$(stat -c %i f d)
    echo b >f && sed -n p f >/dev/null && truncate -s 9 f && chmod 600 f && mv f g && mv g f && ln f h
    py '
fd = os.open("f", os.O_WRONLY); ino = os.fstat(fd).st_ino; put("f", "x"); reader = os.open("f", os.O_RDONLY)
os.write(fd, b"y"); equal(refused(os.close, fd), "EAGAIN"); equal(os.fstat(reader).st_ino, ino); put("f", "z")
equal(os.fstat(reader).st_ino, ino); equal(os.stat("f").st_ino, ino)'
    equal "$(stat -c %i f d)" "$before"
    remount
    equal "$(stat -c %i f d)" "$before"
    [ "$(stat -c %i f.conflict)" != "$(stat -c %i f)" ]
}

@test "extended attributes: create, replace, list, remove, sizes" {
    py '
put("f", "x"); os.mkdir("d"); os.symlink("f", "l")
for path in "f", "d":
    os.setxattr(path, "user.a", b"1", os.XATTR_CREATE); equal(refused(os.setxattr, path, "user.a", b"2", os.XATTR_CREATE), "EEXIST")
    os.setxattr(path, "user.a", b"22", os.XATTR_REPLACE); equal(os.getxattr(path, "user.a"), b"22")
    equal(refused(os.setxattr, path, "user.b", b"2", os.XATTR_REPLACE), "ENODATA"); equal(refused(os.getxattr, path, "user.b"), "ENODATA")
    equal(refused(os.removexattr, path, "user.b"), "ENODATA")
    os.setxattr(path, "user.empty", b""); equal(os.getxattr(path, "user.empty"), b"")
    big = bytes(range(256)) * 256; os.setxattr(path, "user.big", big); equal(os.getxattr(path, "user.big"), big)
    equal(refused(os.setxattr, path, "user.big", big + b"x"), "E2BIG"); equal(os.getxattr(path, "user.big"), big)
    name = "user." + "n" * 250; os.setxattr(path, name, b"v"); equal(refused(os.setxattr, path, name + "x", b"v"), "ERANGE")
    equal(sorted(n for n in os.listxattr(path) if n != "user.occ.version"), sorted(["user.a", "user.big", "user.empty", name]))
    for n in "user.a", "user.big", "user.empty", name: os.removexattr(path, n)
    equal([n for n in os.listxattr(path) if n != "user.occ.version"], [])
equal(refused(lambda: os.setxattr("l", "user.a", b"", follow_symlinks=False)), "EPERM")
import ctypes
libc = ctypes.CDLL(None, use_errno=True); buffer = ctypes.create_string_buffer(10)
os.setxattr("f", "user.a", b"x" * 11); equal(libc.getxattr(b"f", b"user.a", buffer, 10), -1); equal(ctypes.get_errno(), errno.ERANGE)
equal(libc.getxattr(b"f", b"user.a", None, 0), 11); equal(libc.listxattr(b"f", buffer, 3), -1); equal(ctypes.get_errno(), errno.ERANGE)
for i in range(200): os.setxattr("f", f"user.many.{i}", b"%d" % i)
equal(len(os.listxattr("f")), 202)
fd = os.open("f", os.O_RDWR); os.setxattr(fd, "user.fd", b"y"); equal(os.getxattr("f", "user.fd"), b"y"); put("f", "new")
equal(os.getxattr("f", "user.fd"), b"y"); equal(os.getxattr("f", "user.many.7"), b"7")'
    remount
    equal "$(getfattr --only-values -n user.many.199 f)" 199
}

@test "statfs tells of the store's disk" {
    py '
here, store = os.statvfs("."), os.statvfs(sys.argv[1])
equal((here.f_bsize * here.f_blocks, here.f_namemax), (store.f_bsize * store.f_blocks, 255)); assert 0 < here.f_bavail <= here.f_blocks' \
        "$STORE"
    df . >/dev/null
}

@test "fsync of a directory makes what happened in it durable, and succeeds" {
    py '
os.makedirs("d"); put("d/f", "x"); fd = os.open("d", os.O_RDONLY | os.O_DIRECTORY)
for i in range(3): put(f"d/{i}", "x"); os.fsync(fd)
os.fdatasync(fd); os.rename("d/f", "d/g"); os.fsync(fd)'
    crash_and_remount
    equal "$(ls d | tr '\n' ' ')" "0 1 2 g "
}

@test "names of 255 bytes and of any bytes" {
    py '
for name in b"n" * 255, "é".encode() * 127, b"\xff\xfe\x80", b"new\nline", b" leading", b"trailing ", b"-rf", b"a\\b", b"\x01\x7f", b"*?[", b"...":
    with open(b"./" + name, "wb") as file: file.write(name)
    assert name in os.listdir(b"."); equal(open(b"./" + name, "rb").read(), name); equal(os.stat(b"./" + name).st_size, len(name))
    os.rename(b"./" + name, b"moved"); os.rename(b"moved", b"./" + name); os.setxattr(b"./" + name, b"user.x", name); os.unlink(b"./" + name)
equal(os.listdir("."), [])
for call in (lambda n: open(n, "w"), os.mkdir, os.stat, lambda n: os.rename("f", n), lambda n: os.symlink("x", n)):
    put("f", ""); equal(refused(call, "n" * 256), "ENAMETOOLONG")'
}

@test "open: O_EXCL, O_DIRECTORY, O_NOFOLLOW, O_TRUNC on what cannot be" {
    py '
put("f", "x"); os.mkdir("d"); os.symlink("f", "l"); o = lambda p, m: refused(os.open, p, m)
equal(o("f", os.O_CREAT | os.O_EXCL | os.O_WRONLY), "EEXIST"); equal(o("l", os.O_CREAT | os.O_EXCL | os.O_WRONLY), "EEXIST")
equal(o("f", os.O_DIRECTORY), "ENOTDIR"); equal(o("l", os.O_NOFOLLOW), "ELOOP"); equal(o("d", os.O_WRONLY), "EISDIR")
equal(o("none", os.O_RDONLY), "ENOENT"); equal(o("f/x", os.O_RDONLY), "ENOTDIR"); equal(o("none/x", os.O_CREAT | os.O_WRONLY), "ENOENT")
fd = os.open("f", os.O_RDONLY); equal(refused(os.write, fd, b"x"), "EBADF"); equal(refused(os.ftruncate, fd, 0), "EINVAL")
fd = os.open("f", os.O_WRONLY); equal(refused(os.read, fd, 1), "EBADF"); equal(refused(os.pwrite, fd, b"x", -1), "EINVAL")
equal(refused(os.truncate, "d", 0), "EISDIR"); equal(refused(os.truncate, "f", -1), "EINVAL")
'
    # Exactly one of many makes it.
    local makers=()
    for i in $(seq 20); do
        (set -C && echo "$i" >only && echo "$i" >>"$BATS_TEST_TMPDIR/winners") 2>/dev/null &
        makers+=($!)
    done
    for i in "${makers[@]}"; do wait "$i" || true; done
    equal "$(wc -l <"$BATS_TEST_TMPDIR/winners")" 1
    equal "$(cat only)" "$(cat "$BATS_TEST_TMPDIR/winners")"
}

@test "sparse content: holes read as zeros, sizes up to the end" {
    py '
fd = os.open("f", os.O_RDWR | os.O_CREAT); os.pwrite(fd, b"end", 10**9); os.close(fd)
equal(os.stat("f").st_size, 10**9 + 3); assert os.stat("f").st_blocks * 512 < 10**6, os.stat("f").st_blocks
fd = os.open("f", os.O_RDWR); equal(os.pread(fd, 10, 5 * 10**8), bytes(10)); equal(os.pread(fd, 10, 10**9 - 2), b"\0\0end")
os.ftruncate(fd, 10**6); os.ftruncate(fd, 2 * 10**6); equal(os.pread(fd, 4, 10**6 + 5), bytes(4)); os.close(fd)
equal(os.stat("f").st_size, 2 * 10**6); equal(open("f", "rb").read(), bytes(2 * 10**6))
fd = os.open("g", os.O_RDWR | os.O_CREAT); far = 2**63 - 2; equal(os.pwrite(fd, b"x", far), 1); os.close(fd)
fd = os.open("g", os.O_RDWR); equal(os.pread(fd, 2, far - 1), b"\0x"); equal(os.stat("g").st_size, far + 1)
os.ftruncate(fd, 3); os.close(fd); equal(get("g"), "\0\0\0")'
}
