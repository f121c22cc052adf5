#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Rights, access control lists and attributes of all namespaces: as on the plain directory beside.
load common

# Runs the script in an empty directory of the mount and in a plain one, as root, and compares what it prints.
same_as_plain() { # script
    local plain=$BATS_TEST_TMPDIR/plain
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
    mkdir -p here "$plain/here"
    (cd "$plain/here" && run_script "$1") >"$BATS_TEST_TMPDIR/expected" 2>&1 || true
    (cd here && run_script "$1") >"$BATS_TEST_TMPDIR/got" 2>&1 || true
    [ -s "$BATS_TEST_TMPDIR/expected" ]
    diff -u "$BATS_TEST_TMPDIR/expected" <(sed '/^user.occ.version/d' "$BATS_TEST_TMPDIR/got")
}
run_script() {
    timeout 60 bash -uc 'as() { setpriv --reuid "$1" --regid "$2" --groups "$3" bash -c "$4"; }
modes() { stat -c "%n %A %u:%g" "$@"; }
acl() { getfacl -pcn "$@"; }
'"$1" 2>&1
}

@test "access lists: set, changed, removed, in step with the mode" {
    same_as_plain '
echo x >f; chmod 640 f; setfacl -m u:1000:rw,g:2000:r f; acl f; modes f
chmod 604 f; acl f; setfacl -m m::rw f; acl f; modes f
chmod g+w f; setfacl -x u:1000 f; acl f; setfacl -b f; acl f; modes f; getfattr -m system f
setfacl -m u:1000:rwx,m::- f; acl f; chmod 777 f; acl f; setfacl --set u::r,g::-,o::- f; acl f; modes f; setfacl -m d:u:1:r f; ln -s f l; setfacl -P -m u:1:r l'
}

@test "default lists are inherited instead of the umask" {
    same_as_plain '
umask 027; mkdir d; touch d/plain; mkdir d/dir; modes d/plain d/dir
setfacl -d -m u:1000:rwx,g::rx,o::- d; acl d
for mask in 000 022 077; do (umask $mask; touch d/f$mask; mkdir d/d$mask; mkfifo d/p$mask; ln -s x d/l$mask); done
modes d/*; acl d/f* d/d* d/p*; python3 -c "import os; os.close(os.open(\"d/new\", os.O_CREAT | os.O_WRONLY, 0o600)); os.mkdir(\"d/newdir\", 0o700)"
acl d/new d/newdir; setfacl -k d; touch d/after; modes d/after; chmod 2775 d; setfacl -d -m u:5:rwx d; mkdir d/sub; acl d/sub; modes d/sub'
}

@test "lists decide who may do what" {
    same_as_plain '
chmod 777 .; echo secret >f; chmod 600 f; mkdir d; chmod 700 d; echo in >d/in; chmod 644 d/in
as() { shift 2; shift; setpriv --reuid 1000 --regid 1000 --clear-groups bash -c "$1"; }
as 1 1 1 "cat f"; setfacl -m u:1000:r f; as 1 1 1 "cat f"; as 1 1 1 "echo more >>f"
setfacl -m u:1000:rw f; as 1 1 1 "echo more >>f"; cat f; as 1 1 1 "ls d"; setfacl -m u:1000:x d; as 1 1 1 "cat d/in; ls d"
setfacl -m u:1000:rx d; as 1 1 1 "ls d"; setfacl -m m::r f; as 1 1 1 "echo no >>f; cat f"; chmod 600 f; as 1 1 1 "cat f"
setpriv --reuid 1000 --regid 1000 --groups 2000 cat f; setfacl -b -m g:2000:r f; setpriv --reuid 1001 --regid 1001 --groups 2000 cat f
setpriv --reuid 1001 --regid 1001 --groups 2001 cat f; setpriv --reuid 1001 --regid 1001 --groups 2000 setfacl -m u:1:r f'
}

@test "set-id bits: who keeps them, who takes them away" {
    same_as_plain '
chmod 777 .; as() { setpriv --reuid 1000 --regid 1000 --groups "$1" bash -c "$2"; }
for mode in 6755 6745 2745 4711; do
    new() { rm -f f; echo x >f; chown 1000:2000 f; chmod $mode f; }
    new; echo y >>f; modes f; new; as 2000 "echo y >>f"; modes f; new; as 3000 "echo y >>f"; modes f
    new; as 3000 "truncate -s 1 f"; modes f; new; as 3000 ": >f"; modes f; new; chown 1000:1000 f; modes f; new; chgrp 2000 f; modes f
    new; as 2000 "chgrp 2000 f"; modes f; new; as 3000 "chmod $mode f"; modes f; new; as 2000 "chmod $mode f"; modes f
    new; as 3000 "touch f"; modes f; new; as 3000 "fallocate -l 10 f"; modes f
done
mkdir s; chown 1000:2000 s; chmod 2777 s; as 3000 "touch s/f; mkdir s/d; mkfifo s/p; ln -s x s/l"; modes s/*
as 3000 "python3 -c \"import os; os.umask(0); os.close(os.open(\\\"s/g\\\", os.O_CREAT | os.O_WRONLY, 0o2775)); os.close(os.open(\\\"s/h\\\", os.O_CREAT | os.O_WRONLY, 0o2765))\""; modes s/g s/h
as 2000 "python3 -c \"import os; os.umask(0); os.close(os.open(\\\"s/i\\\", os.O_CREAT | os.O_WRONLY, 0o2775))\""; modes s/i; chown 0:0 s; modes s'
}

@test "attributes of every namespace" {
    same_as_plain '
chmod 777 .; echo x >f; chmod 666 f; mkdir d; chmod 777 d; ln -s f l; mkfifo p; chmod 666 p
as() { setpriv --reuid 1000 --regid 1000 --clear-groups "$@"; }
for n in user.a trusted.a security.a system.a other.a; do
    for t in f d p; do setfattr -n $n -v 1 $t; done; setfattr -h -n $n -v 1 l; as setfattr -n $n -v 2 f; as getfattr --only-values -n $n f; echo
done
getfattr -m - -d f d; as getfattr -m - -d f; setfattr -x trusted.a f; as setfattr -x user.a f; setfattr -x user.none f; getfattr -m - -d f
chmod 604 f; as setfattr -n user.b -v 1 f; as getfattr -n user.a f'
    echo x >f
    py '
for i in range(1000): os.setxattr("f", f"user.number.{i:04}", b"v" * (i % 50))
equal(len([n for n in os.listxattr("f") if n.startswith("user.number.")]), 1000); equal(os.getxattr("f", "user.number.0049"), b"v" * 49)
for size in 0, 1, 32768, 32769, 65536:
    os.setxattr("f", "user.big", bytes(range(256)) * 256 if size == 65536 else b"x" * size); equal(len(os.getxattr("f", "user.big")), size)
equal(refused(os.setxattr, "f", "user.big", b"x" * 65537), "E2BIG")
equal(refused(os.setxattr, "f", "user.big", b"", os.XATTR_CREATE), "EEXIST")
equal(refused(os.setxattr, "f", "user.none", b"", os.XATTR_REPLACE), "ENODATA")
equal(refused(os.setxattr, "f", "user." + "n" * 251, b""), "ERANGE"); os.setxattr("f", "user." + "n" * 250, b"1")
for i in range(1000): os.removexattr("f", f"user.number.{i:04}")'
}

@test "a capability goes with the first write" {
    cp /bin/true prog
    setcap cap_net_raw+ep prog
    getcap prog | grep -q cap_net_raw
    echo >>prog
    equal "$(getcap prog)" ""
    setcap cap_net_raw+ep prog
    chown 1 prog
    equal "$(getcap prog)" ""
}

@test "a list holds at once on every view of the file, and a conflict's sibling has it" {
    chmod 777 . && echo base >f && chmod 600 f && setfacl -m u:65534:r f
    as_nobody cat f
    py '
reader = os.open("f", os.O_RDONLY); fd = os.open("f", os.O_WRONLY)
def may_read(): return subprocess.run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "cat", "f"], capture_output=True).returncode == 0
assert may_read(); os.fchmod(fd, 0o600); assert not may_read()
subprocess.run(["setfacl", "-m", "u:65534:r", "f"], check=True); assert may_read()
put("f", "theirs"); os.write(fd, b"mine"); equal(refused(os.close, fd), "EAGAIN")'
    equal "$(getfacl -pcn f.conflict)" "$(getfacl -pcn f)"
    as_nobody cat f.conflict
    remount
    equal "$(getfacl -pcn f | grep -c user:65534:r)" 1
    equal "$(stat -c %A f)" "-rw-r-----"
}

@test "a sibling that appears while somebody creates its name is opened only by who may" {
    chmod 777 .
    py '
end = time.time() + 3
child = os.fork()
if child == 0:
    os.setgid(65534); os.setuid(65534)
    while time.time() < end:
        try:
            fd = os.open("f.conflict", os.O_CREAT | os.O_WRONLY, 0o600)
            if os.fstat(fd).st_uid != 65534: os._exit(1)
            os.close(fd); os.unlink("f.conflict")
        except (PermissionError, FileNotFoundError): pass
    os._exit(0)
put("f", "0"); os.chmod("f", 0o600)
round = 0
while time.time() < end:
    round += 1
    first, second = (os.open("f", os.O_WRONLY) for _ in range(2))
    os.write(first, b"a%d" % round); os.write(second, b"b%d" % round)
    os.close(first); equal(refused(os.close, second), "EAGAIN")
    for name in os.listdir("."):
        if name != "f": refused(os.unlink, name)
equal(os.waitpid(child, 0)[1], 0)'
}
