#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
load common

@test "the times that fstat gives before the close are those of the file after it" {
    py '
for content in b"one", b"two", b"two":
    file = os.open("f", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.write(file, content)
    before = os.fstat(file)
    time.sleep(0.01)
    os.close(file)
    after = os.stat("f")
    equal((after.st_mtime_ns, after.st_ctime_ns), (before.st_mtime_ns, before.st_ctime_ns))'
}

@test "a clone and a commit leave nothing for git to look at again" {
    git init -q one && cd one
    git config user.email a@example.org && git config user.name a
    echo a >a && git add a && git commit -qm a
    git clone -q . ../two
    run git -C ../two diff-files --name-only
    equal "$output" ""
}

@test "writing the same bytes again makes no version and moves the times" {
    echo a >f && touch -d 2001-02-03 f
    before=$(token f)
    echo a >f
    equal "$(token f)" "$before"
    [ "$(stat -c %Y f)" -gt "$(date -d 2020-01-01 +%s)" ]
}

@test "opening an empty file with O_TRUNC makes no version and moves the times" {
    : >f && touch -d 2001-02-03 f
    before=$(token f)
    : >f
    equal "$(token f)" "$before"
    [ "$(stat -c %Y f)" -gt "$(date -d 2020-01-01 +%s)" ]
}
