#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What occ brings back: restore, undelete.
load common

versions() { local text; for text in "${@:2}"; do write "$1" "$text"; done; }
history_of() { "$OCC" log --json "$1" | jq -r "${2:-.ordinal}" | tr '\n' ' '; }
fails() { # status, text, command
    run "${@:3}"
    [[ $status -eq $1 && $output == *"$2"* ]] || { echo "$status: $output"; return 1; }
}

@test "restore makes a new version with the content of an old one" {
    versions f one two three
    equal "$("$OCC" restore f@@1)" "f: version 4, restored from version 1"
    equal "$(cat f)" one
    equal "$(history_of f)" "4 3 2 1 0 "
    equal "$("$OCC" log --json -n1 f | jq -r '.message, .parents[0]')" "$(printf 'restore of 1\n%s' "$(token f@@/3)")"
    "$OCC" restore -q -m 'as agreed' "f@@$(token f@@/2)" >"$BATS_TEST_TMPDIR/out"
    equal "$(cat f "$BATS_TEST_TMPDIR/out")" two
    equal "$("$OCC" log --json -n1 f | jq -r .message)" "as agreed"
    equal "$("$OCC" restore --json f@@3 | jq -c '[.path, .token, .ordinal, .source, .source_ordinal]')" \
        "[\"f\",\"$(token f)\",6,\"$(token f@@/3)\",3]"
    "$OCC" restore f@@3
    equal "$(history_of f)" "6 5 4 3 2 1 0 "
    equal "$(ls)" f
}

@test "restore keeps owner and mode, and what a killed writer left comes back" {
    versions f one two
    chmod 640 f && chown 1:2 f
    "$OCC" restore f@@1
    equal "$(stat -c '%a %u %g' f)" "640 1 2"
    py 'if os.fork() == 0: fd = os.open("f", os.O_WRONLY); os.write(fd, b"half\n"); os.kill(os.getpid(), signal.SIGKILL)
os.wait()'
    "$OCC" restore f@@3.killed
    equal "$(cat f)" half
}

@test "restore shares the chunks of a large file" {
    head -c 20000000 /dev/urandom | tee f >/dev/null
    write f small
    before=$(du -sk "$STORE" | cut -f 1)
    "$OCC" restore f@@1
    cmp f f@@/1
    sync f
    [ $(($(du -sk "$STORE" | cut -f 1) - before)) -lt 10000 ]
}

@test "restore is refused when the newest version is another one" {
    versions f one two
    old=$(token f)
    write f theirs
    fails 75 "f: has a newer version" "$OCC" restore --if-match "$old" f@@1
    equal "$(cat f)" theirs
    equal "$(ls)" f
    equal "$(history_of f)" "3 2 1 0 "
    "$OCC" restore --if-match "$(token f)" f@@1
    equal "$(cat f)" one
}

@test "undelete makes the file anew, once" {
    versions f one two
    fails 1 "f: is there ('occ restore'" "$OCC" undelete f
    rm f
    fails 1 "no such file" "$OCC" restore f@@1
    equal "$("$OCC" undelete f)" "f: version 3, undeleted from version 2"
    equal "$(cat f)" two
    equal "$(history_of f .message)" "undelete of 2 null null null "
    fails 1 "f: is there" "$OCC" undelete f
    rm f
    equal "$("$OCC" undelete --json -m why f@@1 | jq -c '[.path, .ordinal, .source_ordinal]')" '["f",4,1]'
    equal "$(cat f)" one
    mkdir d && versions d/g x && mv d/g d/h
    (cd d && "$OCC" undelete g)
    equal "$(cat d/g d/h)" "$(printf 'x\nx')"
    fails 1 "nothing of that name" "$OCC" undelete never
}

@test "undelete gives the rights that the file had last, and nobody more" {
    versions f one
    chmod 666 f && versions f two
    chmod 750 f && chown 1:2 f && setfacl -m u:7:rw f && rm f
    "$OCC" undelete f
    equal "$(getfacl -cn f | tr '\n' ' ')" "user::rw- user:7:r-- group::r-- mask::r-- other::---  "
    equal "$(stat -c '%u %g' f)" "1 2"
    versions program x && chmod 700 program && versions program y && rm program && "$OCC" undelete program
    equal "$(stat -c %a program)" 700
    as_nobody test -x "$OCC" || skip "another user may not run $OCC"
    mkdir -m 777 d && versions d/f one && rm d/f
    as_nobody "$OCC" undelete d/f
    equal "$(stat -c '%a %u' d/f)" "600 65534"
    versions d/secret one && chmod 600 d/secret && rm d/secret
    fails 74 "Permission denied" as_nobody "$OCC" undelete d/secret
    [ ! -e d/secret ]
}

@test "live files come back, without a message" {
    mkdir db && versions db/f one two
    "$OCC" policy set live db
    equal "$("$OCC" restore db/f@@1)" "db/f: live, restored from version 1"
    equal "$(cat db/f)" one
    fails 74 "its versions have no messages" "$OCC" restore -m why db/f@@2
    equal "$(cat db/f)" one
    rm db/f
    fails 74 "its versions have no messages" "$OCC" undelete -m why db/f
    [ ! -e db/f ]
    "$OCC" undelete db/f@@2
    equal "$(cat db/f)" two
}

@test "misuse, no such version, no rights, other filesystems" {
    versions f one two
    fails 2 "which version? (FILE@@N)" "$OCC" restore f
    fails 2 "too many arguments" "$OCC" restore f@@1 f@@2
    fails 2 "not a token of this file" "$OCC" restore --if-match xyz f@@1
    fails 2 "too few arguments" "$OCC" undelete
    for verb in restore undelete log diff cat annotate status; do fails 2 "no version behind the @@" "$OCC" $verb f@@; done
    fails 2 "the message is empty" "$OCC" restore -m '' f@@1
    fails 2 "longer than 4096 bytes" "$OCC" undelete -m "$(printf '%05000d' 1)" f
    fails 1 "f@@9: no such file or version" "$OCC" restore f@@9
    fails 1 "no such file" "$OCC" restore nothing@@1
    echo x >"$BATS_TEST_TMPDIR/elsewhere"
    fails 69 "not a file of an occfs mount" "$OCC" restore "$BATS_TEST_TMPDIR/elsewhere@@1"
    fails 69 "not a file of an occfs mount" "$OCC" undelete "$BATS_TEST_TMPDIR/nothing"
    as_nobody test -x "$OCC" || skip "another user may not run $OCC"
    fails 74 "Permission denied" as_nobody "$OCC" restore f@@1
    equal "$(history_of f)" "2 1 0 "
}
