#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Requests that wait for each other in the kernel, and what a process sees whose name is taken away at the wrong moment.
load common

# While another process replaces f by rename, over and over, for two seconds; `change` is run as often with f open for reading as `r`.
against_renames() { # python: change
    timeout -s KILL 20 python3 -c '
import os, sys, time
end = time.time() + 2
def make():
    new = os.open("new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.write(new, b"x" * 100 + str(time.time()).encode())
    os.close(new)
make()
os.rename("new", "f")
mover = os.fork()
while time.time() < end:
    try:
        if mover == 0:
            make()
            os.rename("new", "f")
        else:
            r = os.open("f", os.O_RDONLY)
            try: exec(sys.argv[1])
            finally: os.close(r)
    except BlockingIOError:
        pass
if mover == 0: os._exit(0)
sys.exit(os.waitpid(mover, 0)[1])' "$1"
}

@test "truncate by path does not wait for who waits to replace the name" {
    against_renames 'os.truncate("f", time.time_ns() % 90)'
}

@test "fsync through a descriptor that leads to the name does not wait for who waits to replace it" {
    against_renames '
w = os.open("/proc/self/fd/%d" % r, os.O_RDWR)
os.pwrite(w, str(time.time()).encode(), 0)
try: os.fsync(w)
finally: os.close(w)'
}
