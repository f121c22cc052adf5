#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
load common

@test "a token is short and safe in a shell" {
    echo a >f
    [[ $(token f) =~ ^[0-9A-Za-z.-]{1,64}$ ]]
}

@test "ordinals count the versions; a file never written has 0" {
    touch f
    equal "$(ordinal f)" 0
    echo a >f
    equal "$(ordinal f)" 1
    echo b >f
    equal "$(ordinal f)" 2
}

@test "the token changes with each version and with nothing else" {
    echo a >f
    before=$(token f)
    chmod 600 f && touch f && chown 65534 f && ln f g && mv g h && setfattr -n user.x -v y f
    equal "$(token f)" "$before"
    echo b >f
    [ "$(token f)" != "$before" ]
}

@test "a token is not used again after the file was removed and made anew" {
    echo a >f
    before=$(token f)
    rm f
    echo a >f
    [ "$(token f)" != "$before" ]
}

@test "through a reader's descriptor the token is that of its version, by path the head's" {
    echo a >f
    py '
old = token("f"); fd = os.open("f", os.O_RDONLY)
put("f", "b\n")
equal(os.getxattr(fd, "user.occ.version").decode(), old)
assert token("f") != old'
}

@test "every altered, cut or foreign token is EINVAL" {
    echo a >f
    echo b >g
    py '
good = token("f"); fd = os.open("f", os.O_WRONLY)
offer = lambda text: refused(os.setxattr, fd, "user.occ.version", text.encode())
equal(offer(good), "no error")
for i in range(len(good)):
    for digit in "01z.-Z":
        forged = good[:i] + digit + good[i+1:]
        if forged != good: equal(offer(forged), "EINVAL")
    equal(offer(good[:i]), "EINVAL")
for text in good + "0", "0" + good, "", "x" * 64, good.upper() + "x": equal(offer(text), "EINVAL")
equal(offer(token("g")), "no error") # of another file: carried, not a base'
    other=$BATS_TEST_TMPDIR/other
    mkdir "$other" && "$OCCFS" "$other.store" "$other"
    echo a >"$other/f"
    foreign=$(token "$other/f")
    umount "$other"
    run setfattr -n user.occ.version -v "$foreign" f
    [[ $output == *"Invalid argument"* ]]
}

@test "the token is listed, so that cp -a carries it; the copy has its own" {
    echo a >f
    getfattr -d f | grep -q '^user.occ.version='
    cp -a f g
    [ "$(token f)" != "$(token g)" ]
}

@test "what is occfs's own cannot be set" {
    echo a >f
    py 'equal(refused(os.setxattr, "f", "user.occ.conflict", b"x"), "EPERM")
equal(refused(os.setxattr, "f", "user.occ.anything", b"x"), "EPERM")'
}
