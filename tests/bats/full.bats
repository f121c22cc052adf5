#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A store on a disk of its own, small, that gets full.
load common

DISK_SIZE=200M

setup() {
    STORE=$BATS_TEST_TMPDIR/disk/store MNT=$BATS_TEST_TMPDIR/mnt LOG=$BATS_TEST_TMPDIR/log DISK=$BATS_TEST_TMPDIR/disk
    mkdir -p "$MNT" "$DISK"
    chmod 755 "$BATS_TEST_TMPDIR"
    : >"$LOG"
    truncate -s "$DISK_SIZE" "$BATS_TEST_TMPDIR/image"
    mkfs.ext4 -q -m 0 "$BATS_TEST_TMPDIR/image"
    mount -o loop "$BATS_TEST_TMPDIR/image" "$DISK" || skip "no loop devices"
    mount_fs allow_other
    cd "$MNT" || return 1
}

teardown() {
    cd / || return 1
    local failed=0
    if [ -n "${DAEMON:-}" ]; then unmount_fs || failed=1; fi
    ! mountpoint -q "$DISK" || umount "$DISK" || umount -l "$DISK"
    # That there is no space left is said; nothing else may be wrong.
    if grep -E 'Sanitizer|runtime error|Assertion|occfs: error' "$LOG" | grep -Ev 'no space left|No space left'; then failed=1; fi
    [ "$failed" -eq 0 ] || tail -n 40 "$LOG"
    return "$failed"
}

disk_free_kib() { df -k --output=avail "$DISK" | tail -n 1; }
fill_disk() { dd if=/dev/zero of="$DISK/ballast" bs=64K 2>/dev/null || true; }
write_mib() { dd if=/dev/urandom of="$1" bs=64K count=$((16 * $2)) status=none; }

@test "a write or the close of it says that the disk is full; files and the mount go on" {
    write_mib kept 5
    sum=$(md5sum <kept)
    run -1 write_mib huge 300
    [[ $output == *"No space left on device"* ]]
    equal "$(md5sum <kept)" "$sum"
    equal "$(stat -c %s huge)" 0 # its name was made before, and nothing of it was committed
    eventually rm huge # the descriptor is released behind the close, and gives its space back then
    eventually mkdir d
    echo small >d/f
    remount
    equal "$(md5sum <kept)" "$sum"
    equal "$(cat d/f)" small
}

@test "what a writer left on a full disk is given back when it gives up" {
    for try in 1 2 3; do
        run ! write_mib "huge$try" 300
    done
    eventually write_mib afterwards 30
    equal "$(stat -c %s afterwards)" $((30 * 1024 * 1024))
}

@test "small pieces that are scattered in a file fill the disk no further either" {
    run -1 dd if=/dev/urandom of=f bs=4K count=60000 status=none
    [[ $output == *"No space left on device"* ]]
    [ "$(disk_free_kib)" -gt 1000 ]
    eventually mkdir d
    rm f
    eventually write_mib afterwards 20
}

@test "an overwrite that fails keeps the version that was there" {
    write_mib f 20
    before=$(md5sum <f) version=$(token f)
    run ! write_mib f 300
    equal "$(md5sum <f)" "$before"
    equal "$(token f)" "$version"
}

@test "the draft outlives the error, until it is closed" {
    echo base >f
    py '
fd = os.open("f", os.O_RDWR)
block = os.urandom(1 << 20)
written = 0
try:
    while written < 300: written += os.pwrite(fd, block, written << 20) >> 20
except OSError as error: equal(error.errno, errno.ENOSPC)
assert 0 < written < 300
equal(os.pread(fd, 1 << 20, 0), block); equal(os.pread(fd, 100, (written - 1) << 20), block[:100])
equal(get("f"), "base\n")
os.ftruncate(fd, 1000)  # then it fits, once the space has come back
end = time.time() + 20
while refused(os.fsync, fd) == "ENOSPC" and time.time() < end: time.sleep(0.05)
equal(open("f", "rb").read(), block[:1000])
os.close(fd)'
}

@test "a disk that somebody else filled: reading goes on, space that is freed is used without a remount" {
    write_mib kept 5
    sum=$(md5sum <kept)
    fill_disk
    run ! write_mib f 10
    run ! mkdir d
    equal "$(md5sum <kept)" "$sum"
    rm "$DISK/ballast"
    eventually mkdir d
    eventually write_mib f 10
    equal "$(md5sum <kept)" "$sum"
    remount
    equal "$(md5sum <kept)" "$sum"
    equal "$(stat -c %s f)" $((10 * 1024 * 1024))
}

@test "a disk that fills up in the middle of writing" {
    write_mib kept 5
    sum=$(md5sum <kept)
    for try in 1 2; do
        fill_disk &
        write_mib "f$try" 60 || true
        wait $!
        run ! write_mib "g$try" 60
        rm "$DISK/ballast"
    done
    eventually write_mib f 10
    equal "$(md5sum <kept)" "$sum"
    crash_and_remount
    equal "$(md5sum <kept)" "$sum"
}

@test "fallocate of what can never fit is refused" {
    py '
fd = os.open("f", os.O_CREAT | os.O_RDWR)
equal(refused(os.posix_fallocate, fd, 0, 1 << 32), "ENOSPC")
equal(os.fstat(fd).st_size, 0)
os.posix_fallocate(fd, 0, 1 << 20)
os.close(fd)'
    run -1 fallocate -l 4G f
    equal "$(stat -c %s f)" $((1 << 20))
}

@test "df shows the disk of the store" {
    equal "$(df --output=size "$MNT" | tail -n 1)" "$(df --output=size "$DISK" | tail -n 1)"
}
