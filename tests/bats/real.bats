#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The main job on real input: the same steps on the mount and on a plain directory, with the same results.
load common

# What git writes depends on nothing but the files.
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org \
    GIT_COMMITTER_NAME=c GIT_COMMITTER_EMAIL=c@example.org GIT_AUTHOR_DATE='2024-01-02T03:04:05Z' \
    GIT_COMMITTER_DATE='2024-01-02T03:04:05Z' GIT_PAGER=cat LC_ALL=C

# A repository of 2000 files and a small C project, with a few commits and a branch.
setup_file() {
    export ORIGIN=$BATS_FILE_TMPDIR/origin
    git init -q -b main "$ORIGIN"
    cd "$ORIGIN" || return 1
    python3 - <<'EOT'
import os, random
random.seed(7)
words = [''.join(random.choices('abcdefghijklmnop', k=random.randint(2, 9))) for _ in range(500)]
for i in range(1950):
    directory = f'src/{i % 13}/{words[i % 7]}' if i % 3 else f'doc/{words[i % 40]}'
    os.makedirs(directory, exist_ok=True)
    with open(f'{directory}/{words[i % 500]}-{i}.txt', 'w') as file:
        for _ in range(random.choice((1, 5, 30, 300))): file.write(' '.join(random.choices(words, k=8)) + '\n')
os.makedirs('bin')
for i in range(20):
    with open(f'bin/{i}.bin', 'wb') as file: file.write(random.randbytes(random.choice((0, 1, 4096, 300000))))
with open('bin/tool', 'w') as file: file.write('#!/bin/sh\necho tool\n')
os.chmod('bin/tool', 0o755)
os.symlink('../bin/tool', 'doc/tool')
open('name with spaces and é', 'w').close()

os.makedirs('project/lib'); os.makedirs('project/include')
for i in range(12):
    with open(f'project/include/part{i}.h', 'w') as file: file.write(f'int part{i}(int n);\n')
    with open(f'project/lib/part{i}.c', 'w') as file:
        file.write('#include <stdio.h>\n#include "version.h"\n' + ''.join(f'#include "part{j}.h"\n' for j in range(i, min(i + 3, 12))))
        deeper = f'part{i + 1}(n + {i})' if i < 11 else 'n * VERSION'
        file.write(f'int part{i}(int n)\n{{\n    return {deeper};\n}}\n')
with open('project/main.c', 'w') as file:
    file.write('#include <stdio.h>\n#include "part0.h"\nint main(void)\n{\n    printf("%d\\n", part0(1));\n    return 0;\n}\n')
with open('project/Makefile', 'w') as file:
    file.write('''CFLAGS = -O1 -MMD -Iinclude -I.
objects = $(patsubst %.c,%.o,$(sort $(wildcard lib/*.c)))
program: main.o libparts.a
\t$(CC) -o $@ $^
libparts.a: $(objects)
\trm -f $@
\tar rcD $@ $^
version.h: VERSION
\techo "#define VERSION $$(cat VERSION)" >$@.tmp && mv $@.tmp $@
$(objects) main.o: version.h
check: program
\t./program | diff - expected
clean:
\trm -f program libparts.a main.o main.d lib/*.o lib/*.d version.h
-include main.d $(objects:.o=.d)
''')
with open('project/VERSION', 'w') as file: file.write('3\n')
with open('project/expected', 'w') as file: file.write(str((1 + sum(range(11))) * 3) + '\n')
with open('.gitignore', 'w') as file: file.write('*.o\n*.d\n*.a\n/project/program\n/project/version.h\n')
EOT
    git add -A
    git commit -qm first
    git checkout -qb topic
    find doc -name '*.txt' | sort | head -n 200 | xargs sed -i '1s/^/topic /'
    git mv src/0 src/moved
    git commit -qam topic
    git checkout -q main
    find src -name '*.txt' | sort | tail -n 200 | xargs sed -i '$s/$/ main/'
    git rm -q bin/3.bin
    git commit -qam main
}

# Runs a function in the mount and in a plain directory; what it prints and leaves must be the same.
same_on_both() { # function
    local directory plain=$BATS_TEST_TMPDIR/plain
    mkdir -p "$plain"
    for directory in "$plain" "$MNT"; do
        (cd "$directory" && bash -ec "$(declare -f "$1"); $1") >"$BATS_TEST_TMPDIR/out-$(basename "$directory")" 2>&1 || {
            tail -n 30 "$BATS_TEST_TMPDIR/out-$(basename "$directory")"
            echo "$1 failed in $directory"
            return 1
        }
    done
    diff "$BATS_TEST_TMPDIR/out-plain" "$BATS_TEST_TMPDIR/out-mnt"
    diff <(tree_of "$plain") <(tree_of "$MNT")
    equal "$(find "$MNT" -name '*.conflict')" ""
}

# Names, types, modes, link counts, sizes and content; of git's own files, which tell of inodes and times, what fsck and log say.
tree_of() {
    (
        cd "$1" || exit 1
        find . -name .git -prune -o -type d -printf '%P %m %y %n\n' -o -printf '%P %m %y %n %s %l\n' | sort
        find . -name .git -prune -o -type f -print0 | sort -z | xargs -0r sha256sum
    )
}

clone_and_look() {
    git clone -q --no-local "$ORIGIN" work
    cd work
    git status --porcelain
    git rev-parse HEAD HEAD^ 'HEAD^{tree}'
    git ls-files -s | sha256sum
    git fsck --full --strict
    bin/tool
}

@test "git clone, status, fsck" { same_on_both clone_and_look; }

branch_and_merge() {
    git clone -q "$ORIGIN" work
    cd work
    git checkout -q topic
    git status --porcelain
    git checkout -q main
    git merge -q --no-edit origin/topic
    git log --oneline --stat | tail -n 3
    git checkout -qb more HEAD~1
    find src -name '*.txt' | sort | head -n 50 | xargs sed -i 's/a/A/g'
    echo new >new.txt
    git add new.txt
    git status --porcelain
    git diff --stat | tail -n 1
    git stash -q
    git status --porcelain
    git stash pop -q
    git commit -qam more
    git rebase -q main
    git log --format='%H %s'
    git gc -q --prune=now
    git fsck --full --strict
    git status --porcelain
    git archive HEAD | sha256sum
    git clean -fdxq
    git reset -q --hard HEAD~1
    git status --porcelain
    git worktree add -q ../second topic
    git -C ../second status --porcelain
    git repack -adq
    git count-objects -v | grep -E '^(count|in-pack|packs):'
}

@test "git branches, merge, rebase, stash, gc, worktree" { same_on_both branch_and_merge; }

edit_with_tools() {
    git clone -q "$ORIGIN" work
    cd work
    local files
    files=$(find doc -name '*.txt' | sort | head -n 8)
    for file in $files; do
        vim -es -u NONE -i NONE -c '%s/a/vim/ge' -c 'wq' "$file"
        vim -es -u NONE -i NONE -c 'set backup writebackup backupcopy=yes' -c '1d' -c 'wq' "$file"
        vim -es -u NONE -i NONE -c 'set nowritebackup' -c '$put =\"last\"' -c 'wq' "$file"
        sed -i 's/e/E/' "$file"
        sed -i.orig '1s/^/sed /' "$file"
        perl -pi -e 's/o/0/' "$file"
        python3 -c 'import sys; f = open(sys.argv[1], "r+"); t = f.read(); f.seek(0); f.write(t.upper()); f.truncate(); f.close()' "$file"
        sort -o "$file" "$file"
        echo appended >>"$file"
        chmod 640 "$file"
    done
    git diff >../change.patch
    git checkout -q doc
    patch -sp1 <../change.patch
    git status --porcelain
    git diff | sha256sum
    git apply -R ../change.patch
    git status --porcelain
}

@test "edits with vim, sed -i, perl -i, patch, sort -o" { same_on_both edit_with_tools; }

build_project() {
    git clone -q "$ORIGIN" work
    cd work/project
    make -s -j2 check
    make -j2 program
    ./program
    # Only what depends on it is made anew.
    echo '/* */' >>include/part5.h
    make -n program | grep -oE 'lib/[a-z0-9]+\.c' | sort -u
    echo 4 >VERSION
    make -s -j2 program
    ./program
    git status --porcelain
    make -s clean
    make -s -j2 program CFLAGS='-g0 -O2 -MMD -Iinclude -I.'
    rm -f ./*.d lib/*.d
}

@test "a C project is built with make -j2, and rebuilt where it changed" { same_on_both build_project; }

copy_trees() {
    git clone -q "$ORIGIN" work
    rm -rf work/.git work/src
    cp -a work copied
    rsync -a work/ synced/
    rsync -a --delete --out-format=%n work/ synced/
    tar -C work -cf - . | (mkdir untarred && tar -C untarred -xf -)
    for tree in copied synced untarred; do diff -r --no-dereference work $tree; done
    find copied -name '*.txt' -newer work/bin/tool | wc -l
    mv copied/doc synced/doc2
    ln work/bin/tool hard
    cp -al work linked
    find linked -type f -links 2 | wc -l
    rm -r linked untarred
    find . -type f | wc -l
    python3 - <<'EOT'
import os, shutil, zipfile
shutil.copytree('work', 'python-copy', symlinks=True)
shutil.make_archive('archive', 'zip', 'work/project')
print(sorted(zipfile.ZipFile('archive.zip').namelist())[:5])
os.remove('archive.zip')
shutil.rmtree('synced')
EOT
    ls
}

@test "trees are copied with cp -a, rsync, tar and python, moved, linked and removed" { same_on_both copy_trees; }

@test "after a remount and after a crash the repository is whole" {
    git clone -q "$ORIGIN" work
    make -s -C work/project -j2 check
    before=$(tree_of "$MNT")
    remount
    diff <(echo "$before") <(tree_of "$MNT")
    echo change >>work/bin/tool
    git -C work commit -qam change
    before=$(tree_of "$MNT")
    crash_and_remount
    diff <(echo "$before") <(tree_of "$MNT")
    git -C work fsck --full --strict
    equal "$(git -C work status --porcelain)" ""
    make -s -C work/project check
}
