# SPDX-License-Identifier: Apache-2.0
# Conflicts of every kind, for the tests of the verbs that deal with them.

# One writer has opened the file when another one commits. Each text gets a newline at its end if it has none.
make_conflict() { # file [mine [theirs [base]]]
    python3 -c "
import os, sys
name = sys.argv[1]
mine, theirs, base = [os.fsencode(text).rstrip(b'\n') + b'\n' for text in sys.argv[2:] + ['mine', 'theirs', 'base'][len(sys.argv) - 2:]]
def put(text):
    with open(name, 'wb') as file: file.write(text)
put(base)
fd = os.open(name, os.O_WRONLY | os.O_TRUNC)
os.write(fd, mine)
put(theirs)
try: os.close(fd)
except BlockingIOError: sys.exit()
sys.exit('no conflict')" "$@"
}

# The same, and the directory is removed: the sibling is in .occ/lost+found.
lose_directory() { # directory
    py '
directory = sys.argv[1]; os.mkdir(directory); put(directory + "/f", "base"); told, tell = os.pipe(); gone, go = os.pipe()
if os.fork() == 0: # its parent removes it: somebody else
    fd = os.open(directory + "/f", os.O_WRONLY); os.write(fd, b"mine"); os.write(tell, b"x"); os.read(gone, 1)
    equal(refused(os.close, fd), "EAGAIN"); os._exit(0)
os.read(told, 1); os.unlink(directory + "/f"); os.rmdir(directory); os.write(go, b"x"); equal(os.wait()[1], 0)' "$1"
}

occ_exits() { # status, arguments of occ
    local expected=$1
    shift
    run "$OCC" "$@"
    [ "$status" -eq "$expected" ] || { printf 'exit %s: %s\n' "$status" "$output"; return 1; }
}
