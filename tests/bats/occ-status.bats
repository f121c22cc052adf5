#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What occ tells of mounts and policies: status, mounts, policy.
load common

versions() { local text; for text in "${@:2}"; do write "$1" "$text"; done; }
conflict() { # file, theirs
    py 'fd = os.open(sys.argv[1], os.O_WRONLY | os.O_TRUNC); put(sys.argv[1], sys.argv[2])
os.write(fd, b"mine, not " + sys.argv[2].encode()); equal(refused(os.close, fd), "EAGAIN")' "$@"
}
fails() { # status, text, command
    run "${@:3}"
    [[ $status -eq $1 && $output == *"$2"* ]] || { echo "$status: $output"; return 1; }
}

@test "status of a file: version, message, policy, conflicts, what went wrong last" {
    versions f one two
    equal "$("$OCC" status --json f | jq -c '[.path, .removed, .version.ordinal, .policy, .policy_from, .siblings, .sibling_of, .last]')" \
        '["f",false,2,"reject",null,[],null,null]'
    equal "$("$OCC" status --json f | jq -c .version)" "$("$OCC" log --json -n1 f)"
    conflict f theirs && conflict f others
    equal "$("$OCC" status --json f | jq -c '[.siblings, .last.kind, .last.sibling]')" \
        '[["f.conflict","f.2.conflict"],"conflict","f.2.conflict"]'
    equal "$("$OCC" status --json f.conflict | jq -c '[.siblings, .sibling_of]')" '[[],"f"]'
    run -0 "$OCC" status f
    [[ $output == *"Version: 4 $(token f)"* && $output == *"2 unresolved"*f.conflict*f.2.conflict* ]]
    [[ $output == *"kept in f.2.conflict"* && $output == *"Policy: reject, of the mount"* ]]
    rm f f.conflict f.2.conflict
    equal "$("$OCC" status --json f | jq -c '[.removed, .version.ordinal, .policy]')" '[true,4,null]'
    [[ $("$OCC" status f) == "f (removed;"* ]]
}

@test "status of a mount: what .occ/status says, from any directory on it" {
    mkdir -p d/e && versions d/f one
    for place in . d d/e "$MNT"; do
        equal "$("$OCC" status --json "$place" | jq -c '[.mountpoint, .store.path, .pid, .conflicts]')" \
            "[\"$MNT\",\"$STORE\",$DAEMON,0]"
    done
    (cd d/e && equal "$("$OCC" status --json | jq -r .mountpoint)" "$MNT")
    run -0 py 'fd = os.open("d/f", os.O_WRONLY); os.write(fd, b"draft")
print(subprocess.run([sys.argv[1], "status", "."], capture_output=True, text=True, check=True).stdout)' "$OCC"
    [[ $output == "$MNT"*"Store: $STORE"*"pid $DAEMON"*"policy=reject"*"1 drafts"*"d/f, by python3"* ]]
    equal "$("$OCC" status --json . d/f | jq -r .path | wc -l)" 2
}

@test "status scans nothing" {
    py 'for n in range(2000): put(f"f{n}", "x")'
    remount
    py 'import time
def taken(verb):
    began = time.monotonic(); subprocess.run([sys.argv[1], verb], capture_output=True, check=True)
    return time.monotonic() - began
assert any(taken("status") < 0.05 + taken("help") for _ in range(20)) # a busy machine may be late now and then' "$OCC"
}

@test "mounts lists every mount with its store and daemon" {
    other=$BATS_TEST_TMPDIR/'other mount' && mkdir "$other" "$BATS_TEST_TMPDIR/bind" d
    "$OCCFS" "$BATS_TEST_TMPDIR/second" "$other" -f 2>>"$LOG" 3>&- 4>&- &
    second=$!
    eventually mountpoint -q "$other"
    mount --bind d "$BATS_TEST_TMPDIR/bind"
    "$OCC" mounts --json | jq -c '[.mountpoint, .store, .root, .pid]' >"$BATS_TEST_TMPDIR/json"
    "$OCC" mounts >"$BATS_TEST_TMPDIR/text"
    "$OCC" policy set live d
    inherited=$(cd "$BATS_TEST_TMPDIR/bind" && write g x && "$OCC" policy get --json g | jq -r .from)
    of_bind=$("$OCC" status --json "$BATS_TEST_TMPDIR/bind" | jq -r .store.path)
    umount "$BATS_TEST_TMPDIR/bind" "$other"
    wait "$second"
    grep -qxF "[\"$MNT\",\"$STORE\",\"/\",$DAEMON]" "$BATS_TEST_TMPDIR/json"
    grep -qxF "[\"$other\",\"$BATS_TEST_TMPDIR/second\",\"/\",$second]" "$BATS_TEST_TMPDIR/json"
    grep -qxF "[\"$BATS_TEST_TMPDIR/bind\",\"$STORE\",\"/d\",$DAEMON]" "$BATS_TEST_TMPDIR/json"
    grep -qxF "$MNT"$'\t'"$STORE"$'\t'"$DAEMON" "$BATS_TEST_TMPDIR/text"
    equal "$inherited" "$MNT/d"
    equal "$of_bind" "$STORE"
}

@test "policy: get says from where, set and unset" {
    mkdir -p d/e && versions d/e/f one
    told() { "$OCC" policy get --json "$1" | jq -c '[.policy, .from]'; }
    equal "$(told d/e/f)" '["reject",null]'
    equal "$("$OCC" policy get d/e/f)" $'reject\tof the mount'
    "$OCC" policy set live d
    equal "$(told d/e/f)" "[\"live\",\"$MNT/d\"]"
    equal "$("$OCC" policy get -q d/e/f)" live
    equal "$(getfattr --only-values -n user.occ.policy d)" live
    "$OCC" policy set reject d/e/f
    (cd d/e && equal "$(told f)" "[\"reject\",\"$MNT/d/e/f\"]")
    "$OCC" policy unset d/e/f && "$OCC" policy unset d/e/f && "$OCC" policy unset d
    equal "$(told d/e/f)" '["reject",null]'
    remount allow_other,policy=live
    equal "$(told d/e/f)" '["live",null]'
}

@test "misuse, other filesystems, no rights" {
    versions f one
    fails 69 "not a file of an occfs mount" "$OCC" status /
    fails 69 "not a file of an occfs mount" "$OCC" policy get /
    fails 69 "not a file of an occfs mount" "$OCC" policy set live /
    [ -z "$(getfattr -n user.occ.policy / 2>/dev/null)" ]
    fails 1 "nothing: no such file" "$OCC" status nothing
    fails 1 "no such file" "$OCC" policy get nothing
    fails 2 "not a version" "$OCC" status f@@1
    fails 2 "too many arguments" "$OCC" mounts x
    fails 2 "no policy that can be set" "$OCC" policy set frobnicate f
    fails 2 "is wanted" "$OCC" policy set f
    fails 2 "is wanted" "$OCC" policy frobnicate f
    fails 2 "too few arguments" "$OCC" policy
    as_nobody test -x "$OCC" || skip "another user may not run $OCC"
    fails 74 "Permission denied" as_nobody "$OCC" policy set live f
    chmod 666 f
    fails 74 "only its owner and root" as_nobody "$OCC" policy set live f
    equal "$(as_nobody "$OCC" mounts --json | jq -c --arg m "$MNT" 'select(.mountpoint == $m) | .pid')" null
    chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" # on the way to the mount
    equal "$(as_nobody "$OCC" status --json . | jq -r .mountpoint)" "$MNT"
}
