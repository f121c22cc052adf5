#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
load common

# .occ in the root of the mount.

status_of() { jq -r "$1" .occ/status; } # jq filter
conflicts() { jq -r "${1:-.sibling}" .occ/conflicts; }
make_conflict() { # file
    python3 -c "
import os, sys
name = sys.argv[1]
with open(name, 'a') as file: file.write('base')
fd = os.open(name, os.O_WRONLY)
with open(name, 'a') as other: other.write('theirs')
os.write(fd, b'mine of ' + os.fsencode(name))
try: os.close(fd)
except BlockingIOError: sys.exit()
sys.exit('no conflict')" "$1"
}

@test "no listing shows it, whoever asks for it finds it" {
    mkdir d && echo a >d/f
    equal "$(ls -A)" d
    equal "$(ls -A .occ | tr '\n' ' ')" "conflicts lost+found status watch "
    equal "$(stat -c '%F %a' . .occ .occ/lost+found .occ/status .occ/conflicts | tr '\n' ',')" \
        "directory 755,directory 755,directory 1777,regular empty file 444,regular empty file 444,"
    equal "$(stat -c %i .occ/..)" "$(stat -c %i .)"
    equal "$(find . -printf '%p ')" ". ./d ./d/f "
    equal "$(du -a --apparent-size | cut -f 2 | sort | tr '\n' ' ')" ". ./d ./d/f "
    rsync -a ./ "$BATS_TEST_TMPDIR/copy"
    equal "$(ls -A "$BATS_TEST_TMPDIR/copy")" d
    tar -C "$MNT" -cf "$BATS_TEST_TMPDIR/tar" . && equal "$(tar -tf "$BATS_TEST_TMPDIR/tar")" "$(printf "%s\n" ./ ./d/ ./d/f)"
    "$OCCFS_TEST_BIN/listing" . >"$BATS_TEST_TMPDIR/listing" || true
    run grep occ "$BATS_TEST_TMPDIR/listing"
    [ "$status" -eq 1 ]
    remount
    equal "$(ls -A)" d
    equal "$(ls -A .occ/lost+found)" ""
}

@test "a repository in the root does not see it" {
    git init -q . && git config user.email a@b && git config user.name c
    echo a >f && git add -A && git commit -qm first
    cat .occ/status >/dev/null
    equal "$(git status --porcelain)" ""
    git clean -qfdx
    test -e .occ/status
}

@test "emptying the root leaves it, and an empty root is empty" {
    mkdir d && echo a >d/f && echo b >.hidden
    rm -rf ./* ./.[!.]*
    equal "$(ls -A)" ""
    equal "$(stat -c %h .)" 2
    test -e .occ/status
}

@test "its names can be neither made, moved nor removed, by root either" {
    mkdir d && echo a >f
    py '
for name in "status", "conflicts", "lost+found", "new":
    path = ".occ/" + name
    for call, arguments in ((os.rename, (path, "x")), (os.rename, ("f", path)), (os.link, ("f", path)), (os.symlink, ("f", path)),
                            (os.mkdir, (path,)), (os.mkfifo, (path,))):
        got = refused(call, *arguments)
        assert got in ("EPERM", "EEXIST", "EISDIR", "ENOENT"), (call, arguments, got)
        assert got != "ENOENT" or (call, name) == (os.rename, "new"), (call, arguments)
for name in "status", "conflicts": equal(refused(os.unlink, ".occ/" + name), "EPERM"); equal(refused(os.link, ".occ/" + name, "x"), "EPERM")
equal(refused(os.rmdir, ".occ/lost+found"), "EPERM"); equal(refused(os.open, ".occ/new", os.O_WRONLY | os.O_CREAT), "EPERM")
equal(refused(os.rmdir, ".occ"), "EPERM"); equal(refused(os.rename, ".occ", "x"), "EPERM"); equal(refused(os.rename, "d", ".occ"), "EPERM")
equal(refused(os.mkdir, ".occ"), "EEXIST"); equal(refused(os.open, ".occ", os.O_WRONLY | os.O_CREAT | os.O_EXCL), "EEXIST")
import ctypes
exchange = lambda a, b: ctypes.CDLL(None, use_errno=True).renameat2(-100, a, -100, b, 2) and ctypes.get_errno()
equal(exchange(b".occ", b"d"), errno.EPERM); equal(exchange(b"f", b".occ/status"), errno.EPERM)
equal(sorted(os.listdir(".occ")), ["conflicts", "lost+found", "status", "watch"]); equal(sorted(os.listdir(".")), ["d", "f"])
os.mkdir("d/.occ"); put("d/.occ/f", "in another directory it is a name like any"); equal(os.listdir("d"), [".occ"])'
}

@test "status and conflicts can be read and nothing else, by root either" {
    py '
for path in ".occ/status", ".occ/conflicts":
    for flags in os.O_WRONLY, os.O_RDWR, os.O_RDONLY | os.O_TRUNC, os.O_WRONLY | os.O_APPEND: equal(refused(os.open, path, flags), "EPERM")
    equal(refused(os.truncate, path, 5), "EPERM"); equal(refused(os.getxattr, path, "user.occ.version"), "ENODATA")
    equal([n for n in os.listxattr(path) if n.startswith("user.")], [])'
    run as_nobody sh -c 'echo x >.occ/status'
    [ "$status" -ne 0 ]
}

@test "status is JSON of the mount, made anew for each open and the same as long as that lasts" {
    equal "$(status_of '[.version, .store.path, .store.format, .conflicts, .files_open, .drafts_open] | @csv')" \
        "\"$("$OCCFS" -V | cut -d' ' -f2)\",\"$STORE\",1,0,0,0"
    equal "$(status_of '.options | [.sync, .policy, .ro, .workers, .cache] | @csv')" 'false,"reject",false,10,64'
    [[ $(status_of .store.id) =~ ^[0-9a-f]{32}$ && $(status_of .store.created) == 20*Z && $(status_of .uptime_seconds) -lt 60 ]]
    equal "$(wc -l <.occ/status)" 1
    py '
first = os.open(".occ/status", os.O_RDONLY); whole = get(".occ/status")
reader = os.open(".occ/status", os.O_RDONLY); drafts = [os.open("f%d" % i, os.O_WRONLY | os.O_CREAT) for i in range(3)]
import json
pieces = b"".join(os.pread(reader, 7, at) for at in range(0, len(whole) + 50, 7))
equal(json.loads(pieces)["drafts_open"], 0); equal(os.pread(reader, 9, 100000), b"")
now = json.loads(get(".occ/status")); equal(now["drafts_open"], 3); equal(now["files_open"], 5)'
    cp .occ/status copy && jq -e .version copy
    local id; id=$(status_of .store.id)
    remount allow_other,sync,policy=live,noatime
    equal "$(status_of '.options | [.sync, .policy, .noatime] | @csv')" 'true,"live",true'
    equal "$(status_of .store.id)" "$id"
    remount allow_other,ro
    equal "$(status_of .options.ro)" true
}

@test "status says who has which draft open" {
    py '
import json
os.makedirs("a/b"); put("a/b/f", "base"); base = token("a/b/f"); fd = os.open("a/b/f", os.O_WRONLY)
def drafts(): return json.loads(get(".occ/status"))["drafts"]
draft, = drafts(); since = draft.pop("since"); assert since.startswith("20") and since.endswith("Z")
expected = {"path": "a/b/f", "pid": os.getpid(), "command": "python3", "uid": 0, "size": 4, "changed": False, "base": base}
equal(draft, expected)
os.pwrite(fd, b"longer", 0); os.rename("a", "c"); put("c/b/f", "theirs")
draft, = drafts(); equal(draft["since"], since); expected.update(path="c/b/f", size=6, changed=True); del draft["since"]; equal(draft, expected)
joined = os.open("/proc/self/fd/%d" % fd, os.O_WRONLY); equal(len(drafts()), 1); os.close(joined)
os.unlink("c/b/f"); draft, = drafts(); equal(draft["path"], None); os.close(fd); equal(drafts(), [])'
}

@test "status lists 100 drafts and counts all" {
    py '
import json
fds = [os.open("f%d" % i, os.O_WRONLY | os.O_CREAT) for i in range(150)]
status = json.loads(get(".occ/status")); equal(status["drafts_open"], 150); equal(len(status["drafts"]), 100)
equal(len({draft["path"] for draft in status["drafts"]}), 100)'
}

@test "conflicts has a line for each sibling that stands where it was put" {
    equal "$(cat .occ/conflicts)" ""
    mkdir -p a/b && make_conflict f && make_conflict a/b/g && make_conflict a/b/g
    equal "$(conflicts | sort | tr '\n' ' ')" "a/b/g.2.conflict a/b/g.conflict f.conflict "
    equal "$(status_of .conflicts)" 3
    equal "$(grep '"f"' .occ/conflicts | jq -c 'del(.path)')" \
        "$(getfattr --only-values -n user.occ.conflict f.conflict | jq -c '{sibling: "f.conflict"} + .')"
    equal "$(conflicts '[.path, .target, .writer.command, .size] | @csv' | sort -u | tr '\n' ' ')" \
        '"a/b/g","g","python3",13 "a/b/g","g","python3",14 "f","f","python3",9 '
    rm f.conflict
    mv a/b/g.conflict a/b/g
    equal "$(conflicts)" a/b/g.2.conflict
    mv a/b/g.2.conflict a/b/kept
    equal "$(cat .occ/conflicts; status_of .conflicts)" 0
}

@test "conflicts finds its paths after a remount and when directories were moved" {
    mkdir -p a/b/c x && make_conflict a/b/c/f && make_conflict x/g
    mv a/b x/moved
    equal "$(conflicts | sort | tr '\n' ' ')" "x/g.conflict x/moved/c/f.conflict "
    remount
    equal "$(conflicts | sort | tr '\n' ' ')" "x/g.conflict x/moved/c/f.conflict "
    crash_and_remount
    mv x y
    equal "$(conflicts | sort | tr '\n' ' ')" "y/g.conflict y/moved/c/f.conflict "
    rm -r y
    equal "$(cat .occ/conflicts)" ""
}

@test "a name of any bytes gives valid JSON" {
    local name=$'\xff"\\\n\t é'
    make_conflict "$name"
    equal "$(wc -l <.occ/conflicts)" 1
    equal "$(jq .path .occ/conflicts)" '"?\"\\\n\t ??"'
}

@test "the conflict of a file whose directory has gone goes to lost+found" {
    local sibling=.occ/lost+found/f.conflict
    python3 -c "
import os, time
os.makedirs('d/e'); open('d/e/f', 'w').write('base'); fd = os.open('d/e/f', os.O_WRONLY); os.write(fd, b'mine'); open('ready', 'w')
while os.path.exists('d'): time.sleep(0.01)
try: os.close(fd)
except BlockingIOError: open('told', 'w')" &
    eventually test -e ready
    rm -r d
    wait $!
    test -e told
    equal "$(cat $sibling)" mine
    equal "$(conflicts '[.path, .sibling, .target] | @csv')" ",\"$sibling\",\"f\""
    grep -q "conflict: .*its content is in $sibling" "$LOG"
    remount
    equal "$(cat $sibling)" mine
    equal "$(conflicts)" $sibling
    rm $sibling
    equal "$(cat .occ/conflicts)" ""
}

@test "lost+found is a directory like any: for everybody, sticky" {
    as_nobody sh -c 'echo a >.occ/lost+found/f'
    run as_nobody sh -c 'echo a >.occ/f'
    [ "$status" -ne 0 ]
    echo root >.occ/lost+found/g
    run as_nobody rm -f .occ/lost+found/g
    [ "$status" -ne 0 ]
    as_nobody rm .occ/lost+found/f
    mv .occ/lost+found/g . && mkdir d && mv d .occ/lost+found/ && equal "$(ls .occ/lost+found)" d
}

# ---- who is told what ----

@test "of conflicts in a directory that may not be searched only root and those whose file it is are told" {
    mkdir -m 700 secret && make_conflict secret/roots && make_conflict open
    mkdir -m 777 t && chmod 777 .
    as_nobody python3 -c "
import os
open('t/f', 'w').write('base'); fd = os.open('t/f', os.O_WRONLY); open('t/f', 'w').write('theirs'); os.write(fd, b'mine')
try: os.close(fd)
except BlockingIOError: pass" || true
    make_conflict secret/given && chown 65534 secret/given
    equal "$(conflicts .path | sort | tr '\n' ' ')" "open secret/given secret/roots t/f "
    equal "$(as_nobody jq -r .path .occ/conflicts | sort | tr '\n' ' ')" "secret/given t/f "
    equal "$(as_nobody jq -r .conflicts .occ/status)" 4
    run setpriv --reuid 1 --regid 1 --clear-groups cat .occ/conflicts
    equal "$status $output" "0 "
}

@test "of drafts, too" {
    mkdir -m 700 secret && chmod 777 .
    py '
import json
nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
secret = os.open("secret/f", os.O_WRONLY | os.O_CREAT)
other = subprocess.Popen(nobody + ["sh", "-c", "exec 4>own; echo open; read -r _"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
other.stdout.readline()
def seen(prefix=[]):
    status = json.loads(subprocess.run(prefix + ["cat", ".occ/status"], stdout=subprocess.PIPE, check=True).stdout)
    equal(status["drafts_open"], 2); return sorted(draft["path"] for draft in status["drafts"])
equal(seen(), ["own", "secret/f"]); equal(seen(nobody), ["own"])
os.chown("secret/f", 65534, -1); equal(seen(nobody), ["own", "secret/f"])
other.communicate(b"done")'
}

@test "the user who mounted owns it and is told everything" {
    cd "$BATS_TEST_TMPDIR"
    as_user 'mkdir mnt && "$1" store mnt && cd mnt || exit
        mkdir d && echo base >d/f && python3 -c "
import os
fd = os.open(\"d/f\", os.O_WRONLY); os.write(fd, b\"mine\"); os.system(\"echo theirs >d/f\")
try: os.close(fd)
except BlockingIOError: pass"
        stat -c "%u %a" .occ; jq -r .sibling .occ/conflicts; jq -r .conflicts .occ/status; rmdir .occ 2>/dev/null || echo no
        (cd .occ/lost+found && touch x && ls); echo x 2>/dev/null >.occ/status || echo no
        cd .. && fusermount3 -u mnt' >out
    equal "$(tr '\n' ' ' <out)" "65534 755 d/f.conflict 1 no x no "
}

@test "what the manual shows of it works" {
    mkdir d && make_conflict d/f && cd d
    local shown=0 command
    while IFS= read -r command; do
        shown=$((shown + 1))
        run bash -c "${command//\/mnt/$MNT}"
        [ "$status" -eq 0 ] && [ -n "$output" ] || { echo "$command: $output"; false; }
    done < <(sed -n '/^\$ .*\.occ\/.*/s/^\$ //p; /^\$ .*user\.occ\.\(last\|author\)/s/^\$ //p' "$ROOT/man/occfs.7")
    equal "$shown" 5
}
