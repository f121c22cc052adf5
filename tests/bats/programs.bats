#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Programs that ask much of a filesystem do on the mount what they do on a plain directory.
load common

# Runs the script in an empty directory of the mount and in a plain one, and compares what it prints.
same_as_plain() { # script
    local plain=$BATS_TEST_TMPDIR/plain
    mkdir -p "$MNT/here" "$plain/here"
    cp -a "$BATS_TEST_TMPDIR/input" "$MNT/" 2>/dev/null && cp -a "$BATS_TEST_TMPDIR/input" "$plain/"
    (cd "$plain/here" && timeout 100 bash -euc "$1") >"$BATS_TEST_TMPDIR/expected" 2>&1 || {
        tail "$BATS_TEST_TMPDIR/expected"
        return 1
    }
    (cd "$MNT/here" && timeout 100 bash -euc "$1") >"$BATS_TEST_TMPDIR/got" 2>&1
    diff -u "$BATS_TEST_TMPDIR/expected" "$BATS_TEST_TMPDIR/got"
}

live() { mkdir -p live && setfattr -n user.occ.policy -v live live && cd live; }

@test "tar and rsync carry links, holes, rights and attributes" {
    mkdir -p "$BATS_TEST_TMPDIR/input" && cd "$BATS_TEST_TMPDIR/input"
    mkdir -p d/e && seq 20000 >d/numbers && ln d/numbers d/e/link && ln -s ../numbers d/e/symlink && mkfifo d/fifo
    truncate -s 3M d/sparse && echo x >>d/sparse && setfattr -n user.colour -v blue d/numbers
    chown 1:2 d/e && chmod 2750 d/e && touch -d '2003-04-05 06:07:08.123456789' d/numbers
    cd "$MNT"
    same_as_plain '
tar --xattrs -cSf t.tar -C ../input d && mkdir out && tar --xattrs -xpf t.tar -C out
rsync -aHXS ../input/d/ copy/ && rsync -aHX --inplace ../input/d/ copy/
for tree in out/d copy; do
    (cd $tree && find . ! -type d -printf "%p %y %m %U:%G %n %s\n" | sort && stat -c "%y" numbers && find . -type f -exec sha256sum {} + | sort)
    getfattr -n user.colour --only-values $tree/numbers; echo
    [ "$(du -k $tree/sparse | cut -f1)" -lt 1000 ] && echo sparse
done'
}

@test "a package is unpacked, and a C project built in it, by make and by ninja" {
    same_as_plain '
mkdir -p pkg/DEBIAN pkg/usr/share/x && printf "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x <x@x>\nDescription: x\n" >pkg/DEBIAN/control
seq 500 | while read -r i; do echo $i >pkg/usr/share/x/$i; done
dpkg-deb --root-owner-group -b pkg x.deb >/dev/null && dpkg-deb -x x.deb unpacked && ls unpacked/usr/share/x | wc -l
mkdir c && cd c
for i in $(seq 20); do echo "int f$i(void) { return $i; }" >f$i.c; done
{ for i in $(seq 20); do echo "int f$i(void);"; done; echo "int main(void) { int sum = 0;"; for i in $(seq 20); do echo "sum += f$i();"; done; echo "return sum != 210; }"; } >main.c
printf "OBJECTS = \$(patsubst %%.c,%%.o,\$(wildcard *.c))\nprog: \$(OBJECTS)\n\t\$(CC) -o \$@ \$^\n" >Makefile
make -s -j4 && ./prog && echo works && touch f3.c && make -s -j4 && make -q && echo "up to date"
printf "project(\x27p\x27, \x27c\x27)\nexecutable(\x27prog\x27, \x27main.c\x27%s)\n" "$(printf ", \x27f%d.c\x27" $(seq 20))" >meson.build
meson setup b >/dev/null && ninja -C b >/dev/null && b/prog && ninja -C b | tail -n 1'
}

# Two packages of 500 files, one of which needs the other; nothing is asked of a registry.
@test "npm installs and removes packages" {
    command -v npm >/dev/null || skip "no npm here"
    same_as_plain '
export npm_config_cache=$PWD/cache npm_config_offline=true npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false
for name in low high; do
    mkdir -p $name/package/lib && (cd $name/package/lib && seq 500 | while read -r i; do echo "module.exports = $i" >part$i.js; done)
    echo "module.exports = require(\"./lib/part7.js\")" >$name/package/index.js
    printf "#!/usr/bin/env node\nconsole.log(\"tool\")\n" >$name/package/tool.js
done
echo "{\"name\": \"low\", \"version\": \"1.0.0\"}" >low/package/package.json
echo "{\"name\": \"high\", \"version\": \"2.0.0\", \"bin\": \"tool.js\", \"dependencies\": {\"low\": \"file:$PWD/low.tgz\"}}" >high/package/package.json
tar -czf low.tgz -C low package && tar -czf high.tgz -C high package
mkdir app && cd app && echo "{\"name\": \"app\", \"version\": \"0.0.0\"}" >package.json
npm install --silent ../high.tgz && node -e "console.log(require(\"high\") + require(\"low\"))" && node_modules/.bin/high
find node_modules/low node_modules/high -type f | wc -l && npm uninstall --silent high && ls node_modules'
}

@test "git: clone, commit, branch, worktree, gc and fsck" {
    same_as_plain '
export GIT_AUTHOR_DATE=2020-01-01T00:00:00Z GIT_COMMITTER_DATE=2020-01-01T00:00:00Z
export GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x
git init -q -b main a && cd a && for i in $(seq 300); do mkdir -p d$((i % 9)); echo $i >d$((i % 9))/f$i; done
git add . && git commit -qm one && sed -i s/1/one/ d*/f1* && git commit -qam two && git checkout -q -b side HEAD~ && echo side >f && git add f
git commit -qm side && git checkout -q main && git merge -q side -m merge && git worktree add -q ../w side && cd .. && git clone -q a b
cd b && git gc -q && git fsck --strict 2>&1 && git status --short && git log --format=%H && cat ../w/f'
}

@test "Python's tempfile and shutil" {
    same_as_plain "python3 -c '
import os, shutil, tempfile
with tempfile.TemporaryFile(dir=\".\") as f: f.write(b\"x\" * 100000); f.seek(0); print(len(f.read()))
with tempfile.NamedTemporaryFile(dir=\".\") as f: f.write(b\"y\"); f.flush(); print(os.path.getsize(f.name))
with tempfile.SpooledTemporaryFile(max_size=10, dir=\".\") as f: f.write(b\"z\" * 100); f.seek(50); print(f.read(3))
with tempfile.TemporaryDirectory(dir=\".\") as d: open(d + \"/a\", \"w\").write(\"a\"); shutil.copytree(d, \"copy\")
shutil.copy2(\"copy/a\", \"b\"); shutil.move(\"b\", \"copy/c\"); print(sorted(os.listdir(\"copy\"))); shutil.make_archive(\"z\", \"gztar\", \"copy\")
shutil.rmtree(\"copy\"); shutil.unpack_archive(\"z.tar.gz\", \"again\"); print(sorted(os.listdir(\"again\")), open(\"again/c\").read())'"
}

@test "sqlite3 with one process" {
    same_as_plain '
sqlite3 db "create table t(a); begin; with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000) insert into t select i from n; commit;"
sqlite3 db "update t set a = a + 1; delete from t where a % 3 = 0; vacuum; select count(*), sum(a) from t; pragma integrity_check"'
}

@test "sqlite3 with several processes on a live file, in every journal mode" {
    live
    local mode writers i
    for mode in delete truncate persist wal; do
        sqlite3 "$mode.db" "pragma journal_mode = $mode; create table t(a)" >/dev/null
        writers=()
        for i in 1 2 3 4; do
            (for j in $(seq 15); do sqlite3 -cmd '.timeout 20000' "$mode.db" "insert into t values ($i * 100 + $j)" || exit 1; done) &
            writers+=($!)
        done
        for i in "${writers[@]}"; do wait "$i"; done
        equal "$mode $(sqlite3 "$mode.db" 'select count(*) from t; pragma integrity_check' | xargs)" "$mode 60 ok"
    done
}

@test "PostgreSQL on a live directory: clients, a crash, recovery" {
    bin=$(echo /usr/lib/postgresql/*/bin)
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" && chmod 777 . && live && chown postgres . && cd ..
    as_postgres() { setpriv --reuid postgres --regid postgres --clear-groups env HOME=/tmp timeout -s KILL 60 "$@" 3>&-; }
    start() { as_postgres "$bin/pg_ctl" -D "$MNT/live/data" -o "-k $sockets -c listen_addresses=''" -l "$sockets/log" -w start >/dev/null; }
    sockets=$(mktemp -d /tmp/occfs-pg.XXXXXX) && chown postgres "$sockets"
    as_postgres "$bin/initdb" -D live/data -A trust -N >/dev/null
    start
    as_postgres "$bin/pgbench" -h "$sockets" -i -s 1 -q postgres >/dev/null 2>&1
    as_postgres "$bin/pgbench" -h "$sockets" -c 8 -j 2 -t 50 postgres >"$BATS_TEST_TMPDIR/bench" 2>&1
    grep -q '400/400' "$BATS_TEST_TMPDIR/bench"
    as_postgres "$bin/pg_ctl" -D "$MNT/live/data" -m immediate -w stop >/dev/null # as a crash
    start
    equal "$(as_postgres "$bin/psql" -h "$sockets" -Atc 'select (select sum(abalance) from pgbench_accounts) = (select sum(bbalance)
        from pgbench_branches), (select count(*) from pgbench_history)' postgres)" "t|400"
    as_postgres "$bin/pg_ctl" -D "$MNT/live/data" -m fast -w stop >/dev/null
    rm -rf "$sockets"
}

@test "fio verifies what it wrote" {
    live
    for engine in sync mmap; do
        timeout 60 fio --name=v --filename="$engine" --size=16m --rw=randrw --bs=4k-64k --ioengine=$engine --verify=crc32c --do_verify=1 \
            --verify_fatal=1 --fallocate=none --numjobs=1 --output=/dev/null
    done
    cd .. && timeout 60 fio --name=v --filename=private --size=16m --rw=randwrite --bs=4k-64k --ioengine=sync --verify=crc32c \
        --verify_fatal=1 --fallocate=none --output=/dev/null
}

@test "stress-ng's filesystem stressors" {
    live
    timeout -s KILL 100 stress-ng --temp-path "$PWD" --verify -t 2 --sequential 1 --hdd 1 --hdd-bytes 4m --link 1 --symlink 1 --rename 1 \
        --dentry 1 --dentries 200 --dir 1 --chmod 1 --fallocate 1 --fallocate-bytes 4m --flock 1 --lockf 1 --fcntl 1 --utime 1 --seek 1 \
        --seek-size 1m --filename 1 --fstat 1 --getdent 1 --iomix 1 --iomix-bytes 4m --xattr 1 --mmap 1 --mmap-bytes 4m --mmap-file \
        --copy-file 1 --chown 1 --rename 1 --dnotify 1 >"$BATS_TEST_TMPDIR/stress" 2>&1 || {
        tail -n 60 "$BATS_TEST_TMPDIR/stress"
        false
    }
}
