#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
load common

killed_while_writing() { # file, python mode of open
    rm -f "$BATS_TEST_TMPDIR/ready"
    python3 -c "
import os, sys, time
fd = os.open('$1', $2, 0o644); os.write(fd, b'half')
open('$BATS_TEST_TMPDIR/ready', 'w').close()
time.sleep(60)" &
    local writer=$!
    eventually test -e "$BATS_TEST_TMPDIR/ready"
    kill -"${3:-KILL}" $writer
    wait $writer || true
}

@test "a killed writer replaces nothing" {
    echo whole >f
    killed_while_writing f 'os.O_WRONLY | os.O_TRUNC'
    equal "$(cat f)" whole
    equal "$(ordinal f)" 1
    killed_while_writing f 'os.O_RDWR' TERM
    equal "$(cat f)" whole
    grep -q 'killed: f' "$LOG"
}

@test "a new file's killed writer leaves what is there" {
    killed_while_writing f 'os.O_WRONLY | os.O_CREAT'
    equal "$(cat f)" half
}

@test "a killed appender leaves what it had appended" {
    printf whole >f
    killed_while_writing f 'os.O_WRONLY | os.O_APPEND'
    equal "$(cat f)" wholehalf
}

@test "eight threads: exit without close commits, SIGKILL does not" {
    echo whole >f
    threads='
import threading
fd = os.open("f", os.O_WRONLY | os.O_TRUNC)
def work(i):
    os.pwrite(fd, b"x" * 100, i * 100)
    if sys.argv[1] == "wait": time.sleep(60)
pool = [threading.Thread(target=work, args=(i,), daemon=True) for i in range(8)]
for t in pool: t.start()
if sys.argv[1] == "exit":
    for t in pool: t.join()
    os._exit(0)
time.sleep(0.3); os.kill(os.getpid(), signal.SIGKILL)'
    py "$threads" wait || true
    equal "$(cat f)" whole
    py "$threads" exit
    equal "$(stat -c %s f)" 800
    equal "$(ordinal f)" 2
}

@test "a child that is killed leaves the draft to the shell that holds it" {
    echo old >f
    bash -c '(/bin/echo a; sleep 60 & kill -9 $!; wait; /bin/echo b) > f' 2>/dev/null
    equal "$(cat f)" $'a\nb'
}
