#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a writer claims to have read: the base rules, through programs that do not know of them.
load common

PROGRAM='
import os, subprocess, sys, threading
def other(text): subprocess.run(["tee", "f"], input=text, text=True, check=True, stdout=subprocess.DEVNULL)
def read():
    with open("f") as file: return file.read()
def in_place(text):
    with open("f", "w") as file: file.write(text)
def by_rename(text):
    with open("f.tmp", "w") as file: file.write(text)
    os.rename("f.tmp", "f")
def by_backup(text):
    os.rename("f", "f~"); in_place(text)
def by_removal(text):
    os.unlink("f"); in_place(text)
SAVES = [in_place, by_rename, by_backup, by_removal]
def outcome(save, *arguments):
    try: save(*arguments)
    except OSError as error: return os.strerror(error.errno)
CONFLICT = "Resource temporarily unavailable"
def equal(got, expected):
    if got != expected: sys.exit("got: %r, expected: %r" % (got, expected))
def read_by(program): return subprocess.run([program, "f"], text=True, check=True, stdout=subprocess.PIPE).stdout
def siblings(): return sorted(name for name in os.listdir(".") if name.endswith(".conflict"))
'
py() { python3 -c "$PROGRAM$1"; }
save() { write f "$1"; }

@test "who has read an older version cannot overwrite the newest, however it saves" {
    py '
for number, save in enumerate(SAVES):
    other("loaded %d" % number); read(); other("theirs %d" % number)
    equal(outcome(save, "mine %d" % number), CONFLICT)
    equal(read(), "theirs %d" % number)
    equal(siblings(), ["f.conflict"]); equal(open("f.conflict").read(), "mine %d" % number); os.unlink("f.conflict")
    equal(outcome(save, "merged %d" % number), None); equal(read(), "merged %d" % number)
    if os.path.exists("f.tmp"): os.unlink("f.tmp")'
}

@test "what was read counts however often the name has been taken anew beside a backup that was changed" {
    py '
def taken_anew(backup):
    subprocess.run(f"mv f {backup} && echo changed | tee {backup} && echo anew | tee f", shell=True, check=True, stdout=subprocess.DEVNULL)
other("loaded"); read(); token = os.getxattr("f", "user.occ.version")
equal(outcome(in_place, "known"), None); other("theirs"); equal(outcome(in_place, "mine"), CONFLICT); os.unlink("f.conflict")
read(); other("theirs again")
for number in range(3):
    equal(outcome(in_place, "mine"), CONFLICT); equal(siblings(), ["f.conflict"]); equal(open("f.conflict").read(), "mine")
    taken_anew(f"f{number}~")
for number, save in enumerate(SAVES):
    equal(outcome(save, f"mine {number}"), CONFLICT); equal(read_by("cat"), "anew\n")
equal(siblings(), ["f.conflict"])
def on_token():
    fd = os.open("f", os.O_WRONLY | os.O_TRUNC); os.write(fd, b"on an old version")
    os.setxattr(fd, "user.occ.version", token); os.close(fd)
equal(outcome(on_token), CONFLICT)
equal(outcome(os.setxattr, "f", "user.occ.version", token), "Stale file handle")
equal(outcome(in_place, "mine"), CONFLICT); os.removexattr("f", "user.occ.version"); equal(read(), "anew\n"); equal(outcome(in_place, "merged"), None)'
}

@test "a sibling that was moved over its file has resolved the conflict, also where the name was taken anew since" {
    py '
other("loaded"); read(); other("theirs"); equal(outcome(in_place, "mine"), CONFLICT)
subprocess.run("mv f f~ && echo changed | tee f~ && echo anew | tee f && mv f.conflict f", shell=True, check=True, stdout=subprocess.DEVNULL)
equal(open("f").read(), "mine"); equal(open(".occ/conflicts").read(), "")
equal(outcome(os.getxattr, "f", "user.occ.conflict"), "No data available")'
}

@test "what went on under another name of the file is not what was read of a name that was removed" {
    py '
with open("f", "w") as file: file.write("one")
with open("new", "w"), open("other", "w"): pass
os.link("f", "g"); os.unlink("f"); os.rename("new", "g")
equal(outcome(os.rename, "other", "f"), None); equal(read(), "")'
}

@test "what a process has committed itself it knows" {
    py '
for save in SAVES:
    equal(outcome(save, "first " + save.__name__) if os.path.exists("f") else outcome(in_place, "first"), None)
    equal(outcome(save, "second " + save.__name__), None)
    other("theirs " + save.__name__)
    equal(outcome(save, "third " + save.__name__), CONFLICT); read()'
}

@test "asking for the token counts as reading" {
    py '
other("loaded"); os.getxattr("f", "user.occ.version"); other("theirs")
equal(outcome(in_place, "mine"), CONFLICT)'
}

@test "the threads of a process count as one, also after they have ended" {
    py '
def in_thread(do):
    thread = threading.Thread(target=do); thread.start(); thread.join()
other("loaded"); in_thread(read); other("theirs")
result = []
in_thread(lambda: result.append(outcome(in_place, "mine"))); equal(result, [CONFLICT])'
}

@test "a child has read nothing, and who only writes replaces what is newest" {
    py '
other("loaded"); read(); other("theirs")
subprocess.run(["sh", "-c", "echo child > f"], check=True); equal(read(), "child\n")'
}

@test "a process id that is used again does not inherit" {
    [ -w /proc/sys/kernel/ns_last_pid ] || skip "no right to choose process ids"
    echo loaded >f
    python3 -c '
import os, subprocess, sys
for _ in range(200):
    reader = os.fork()
    if reader == 0:
        open("f").read(); os._exit(0)
    os.waitpid(reader, 0)
    subprocess.run(["sh", "-c", "echo theirs%d > f" % reader], check=True)
    open("/proc/sys/kernel/ns_last_pid", "w").write(str(reader - 1))
    writer = os.fork()
    if writer == 0:
        if os.getpid() != reader: os._exit(3)
        try:
            with open("f", "w") as file: file.write("mine")
        except OSError: os._exit(4)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(writer, 0)[1])
    if code != 3: sys.exit(code)
sys.exit("the process id was never free")'
    equal "$(cat f)" mine
}

@test "a draft that is read first has read what it was opened on" {
    py '
other("loaded"); read(); other("theirs")
def edit():
    with open("f", "r+") as file:
        text = file.read(); file.seek(0); file.write("edited " + text)
equal(outcome(edit), None); equal(read(), "edited theirs")'
}

@test "an append does not care what its process had read" {
    py '
other("loaded\n"); read(); other("theirs\n")
def append():
    with open("f", "a") as file: file.write("mine\n")
equal(outcome(append), None); equal(read(), "theirs\nmine\n")'
}

@test "with base=open a process may have read what it likes" {
    remount allow_other,base=open
    py '
for save in SAVES:
    other("loaded"); read(); other("theirs " + save.__name__); equal(outcome(save, "mine"), None); equal(read(), "mine")
equal(siblings(), [])'
}

@test "an editor that copies the file to its backup before it writes has not read it" {
    py '
import shutil
def by_copy(text):
    with open("f", "rb") as old, open("f~", "wb") as backup: backup.write(old.read())
    in_place(text)
other("loaded"); read(); other("theirs")
equal(outcome(by_copy, "mine"), CONFLICT); equal(outcome(by_copy, "mine again"), CONFLICT)
read(); equal(outcome(by_copy, "merged"), None)'
}

@test "vim does not overwrite what it has not loaded, with backups of every kind" {
    for copy in yes no auto; do
        for backup in backup nobackup; do
            save "loaded $copy $backup"
            cat >other <<-EOT # of the same age, so that vim does not ask by itself
				touch -r f age; echo "$copy $backup: theirs" | tee f; touch -r age f
			EOT
            run vim -u NONE -i NONE -n -es -c "set $backup backupcopy=$copy" -c 'call system("sh other")' \
                -c 'normal omine' -c 'silent! w!' -c 'cquit! 3' f
            equal "$(cat f)" "$copy $backup: theirs"
            equal "$(cat f.conflict)" "loaded $copy $backup"$'\n'"mine"
            rm -f f.conflict f~
        done
    done
}

@test "a shell that people type into does not count as a reader, an editor in a terminal does" {
    echo 'export value=1' >f
    cat >typed <<-'EOT'
		. ./f
		/bin/sh -c 'echo "export value=2" > f'
		/bin/echo 'export value=3' > f
		exit
	EOT
    script -qec 'bash --norc -i' /dev/null <typed >/dev/null
    equal "$(cat f)" 'export value=3'
    py '
import pty
other("loaded")
def edits():
    read(); other("theirs"); os._exit(0 if outcome(in_place, "mine") == CONFLICT else 1)
pid, terminal = pty.fork()
if pid == 0: edits()
equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)'
}

@test "who locks a file has not read it before" {
    local workers=()
    save 0
    for process in 1 2 3 4; do
        bash -c 'for _ in $(seq 25); do
            exec 9<f; flock 9; echo $(($(cat f) + 1)) | tee f >/dev/null || exit; exec 9>&-
        done' &
        workers+=($!)
    done
    wait "${workers[@]}"
    equal "$(cat f)" 100
}

# ---- tokens set by path ----

@test "a token that a script sets binds its next write" {
    for shell in bash dash 'busybox sh'; do
        save loaded
        # shellcheck disable=SC2016
        run $shell -c '
            token=$(getfattr --only-values -n user.occ.version f)
            sh -c "echo theirs > f"
            setfattr -n user.occ.version -v "$token" f 2>/dev/null && exit 1
            echo mine | tee f >/dev/null && exit 2
            echo mine | tee f >/dev/null && exit 3
            setfattr -n user.occ.version -v "$(getfattr --only-values -n user.occ.version f)" f || exit 4
            echo merged | tee f >/dev/null || exit 5
            sh -c "echo theirs again > f"
            echo free | tee f >/dev/null || exit 6'
        equal "$shell $status" "$shell 0"
        equal "$(cat f)" free
        equal "$(cat f.conflict)" mine
        rm f.conflict
    done
}

@test "a token binds a rename over the file, and its removal" {
    echo loaded >f
    # shellcheck disable=SC2016
    run bash -c '
        token=$(getfattr --only-values -n user.occ.version f)
        sh -c "echo theirs > f"
        setfattr -n user.occ.version -v "$token" f
        echo mine >f.tmp
        mv f.tmp f && exit 1
        [ -e f.tmp ] || exit 2
        rm f && exit 3
        setfattr -x user.occ.version f || exit 4
        setfattr -x user.occ.version f && exit 5
        rm f || exit 6
        exit 0'
    equal "$status" 0
    equal "$(cat f.conflict)" mine
}

@test "a token binds through env, timeout, xargs, make and sudo" {
    command -v sudo >/dev/null || skip "no sudo"
    printf 'all:\n\tsetfattr -n user.occ.version -v $(token) f; echo mine | tee f\n' >makefile
    for through in 'env A=1' 'timeout 20' 'sudo -n' 'xargs -I{}' 'make'; do
        save loaded
        rm -f f.conflict
        # shellcheck disable=SC2016
        run bash -c '
            token=$(getfattr --only-values -n user.occ.version f)
            sh -c "echo theirs > f"
            case $0 in
                make) make -s token="$token" >/dev/null 2>&1 && exit 1; exit 0 ;;
                xargs*) echo "$token" | xargs -I{} setfattr -n user.occ.version -v {} f ;;
                *) $0 setfattr -n user.occ.version -v "$token" f ;;
            esac
            echo mine | tee f >/dev/null && exit 2; exit 0' "$through"
        equal "$through $status" "$through 0"
        equal "$(cat f)" theirs
        equal "$(cat f.conflict)" mine
    done
}

@test "a token ends with its holder, and binds nobody else" {
    save loaded
    old=$(token f)
    save theirs
    bash -c 'setfattr -n user.occ.version -v "$0" f; sleep 1.5; exit 0' "$old" 2>/dev/null &
    save "somebody else's"
    wait $!
    save mine
    equal "$(cat f)" mine
    [ ! -e f.conflict ]
}

@test "two scripts with tokens lose no update" {
    cat >increment <<-'EOT'
		for _ in $(seq 100); do
		    until token=$(getfattr --only-values -n user.occ.version f) && read -r value _ <f &&
		        setfattr -n user.occ.version -v "$token" f 2>/dev/null && echo $((value + 1)) $$ | tee f >/dev/null 2>&1; do
		        [ -e f ] || exit # the test has ended
		        setfattr -x user.occ.version f 2>/dev/null
		    done
		done
	EOT
    for start in '' setsid; do
        save 0
        $start bash increment & # in one session, or each in its own
        first=$!
        $start bash increment &
        wait $first $!
        equal "$start $(cut -d" " -f1 f)" "$start 200"
        rm -f f.*conflict
    done
}

@test "a token that a copy carries is checked where the copy takes the file's name" {
    echo loaded >f
    cp --preserve=xattr f f.tmp
    echo mine >f.tmp
    setfattr -n user.occ.version -v "$(token f)" f.tmp
    sh -c 'echo theirs > f'
    run mv f.tmp f
    [ "$status" -ne 0 ]
    equal "$(cat f)" theirs
    equal "$(cat f.conflict)" mine
    setfattr -n user.occ.version -v "$(token f)" f.tmp
    mv f.tmp f
    equal "$(cat f)" mine
}

@test "tar and rsync -X, which restore attributes, bind nothing" {
    mkdir from to
    echo one >from/f
    rsync -aX from/ to/
    echo two >from/f
    rsync -aXI from/ to/
    equal "$(cat to/f)" two
    tar --xattrs --xattrs-include='*' -cf archive.tar -C from f
    tar --xattrs --xattrs-include='*' -xf archive.tar -C to
    tar --xattrs --xattrs-include='*' -xf archive.tar -C from
    echo three | tee from/f to/f >/dev/null
    equal "$(cat from/f to/f)" $'three\nthree'
}

@test "tokens of another store are refused, or ignored" {
    echo one >f
    forged=$(token f | tr 0-9 1-90)
    run setfattr -n user.occ.version -v "$forged" f
    [ "$status" -ne 0 ]
    remount allow_other,foreign_tokens=ignore
    setfattr -n user.occ.version -v "$forged" f
}

# ---- names ----

@test "history goes on where a name is created anew, and others see nothing until it is written" {
    echo one >f
    echo two >f
    mv f f~
    exec 7>f
    equal "$(stat -c %s f)" 0
    equal "$(ordinal f)" 2
    echo three >&7
    exec 7>&-
    equal "$(cat f f~)" $'three\ntwo'
    equal "$(ordinal f)" 3
    equal "$(ordinal f~)" 2
    rm f
    touch f
    equal "$(ordinal f) $(stat -c %s f)" "4 0"
    rm f
    python3 -c 'import os; os.mknod("f")'
    equal "$(ordinal f) $(stat -c %s f)" "4 0"
    save five
    equal "$(ordinal f)" 5
    echo new >g
    mv f f.bak
    mv g f
    equal "$(cat f) $(ordinal f)" "new 6"
}

@test "who is killed while it creates a name anew replaces nothing" {
    echo one >f
    chmod 640 f
    python3 -c '
import os, signal
os.rename("f", "f~")
fd = os.open("f", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666); os.write(fd, b"half")
os.kill(os.getpid(), signal.SIGKILL)' || true
    back() { [ "$(cat f)" = one ]; }
    eventually back
    equal "$(stat -c %a f)" 640
    equal "$(ordinal f)" 1
}

@test "what was being written when somebody renamed the file to a backup and made it anew conflicts" {
    py '
other("loaded")
fd = os.open("f", os.O_WRONLY | os.O_TRUNC); os.write(fd, b"mine")
subprocess.run("mv f f~ && echo theirs > f", shell=True, check=True)
equal(outcome(os.close, fd), CONFLICT)
equal(open("f").read(), "theirs\n"); equal(open("f~").read(), "loaded"); equal(open("f.conflict").read(), "mine")'
}

@test "what was written to a file counts when it is moved over another, closed or not" {
    py '
other("one")
file = open("f.tmp", "w"); file.write("two"); file.flush(); os.rename("f.tmp", "f")
equal(subprocess.run(["cat", "f"], capture_output=True, text=True).stdout, "two")
file.write(" and more"); file.close(); equal(read(), "two and more")'
}
