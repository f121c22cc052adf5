# SPDX-License-Identifier: Apache-2.0
"""Programs that read f, write beside it and put that in its place."""
import difflib
import re

from process import Command, command, message_of
from program import Program, Report, Saving, Session
from screen import Screen

AWK_IN_PLACE = """
exec gawk -i inplace -v last=$(wc -l <f) '{ print } FNR == last { getline line < "-"; print line }' f
"""


class Patch(Session):
    """A patch in git's form for two files: f is read and kept back until the question for the other one is answered."""

    def __init__(self, place):
        super().__init__(place)
        self.screen = None

    def load(self):
        self.end()
        self.place.commit(b"old\n", "second")
        self.place.scratch.joinpath("patch").write_text(
            self.diff("f", self.place.content(), self.content(self.place.content())) +
            self.diff("absent", b"old\n", b"new\n"))
        self.screen = Screen(self.place, f"patch -p1 -i {self.place.scratch}/patch")
        self.screen.wait_for("^File to patch:")

    def save(self):
        self.screen.type("second")
        self.screen.press("Enter")
        status = int(self.screen.wait_for(r"^ended with (\d+)")[1])
        complaints = re.findall("^patch: .*", self.screen.text(), re.MULTILINE)
        return Report(status, message_of("\n".join(complaints), self.place))

    def diff(self, name, old, new):
        texts = (text.decode().splitlines(True) for text in (old, new))
        lines = difflib.unified_diff(*texts, f"a/{name}", f"b/{name}")
        return f"diff --git a/{name} b/{name}\n" + "".join(lines)

    def end(self):
        if self.screen:
            self.screen.end()


class PerlBackup(Command):
    """Where there is a backup already, perl moves f to it before it moves the new file to f, which is refused."""

    def __init__(self, place):
        super().__init__(place, ("perl", "-pi.bak", "-e", "$_ .= <STDIN> if eof", "f"))
        self.backup = place.directory / "f.bak"

    def stands_at(self):
        return self.place.file if self.place.file.exists() else self.backup

    def recover(self):
        if not self.place.file.exists():
            self.backup.rename(self.place.file)


class Rsync(Command):
    """From a remote side that stops in the middle of the file."""

    REMOTE = 'shift; "$@" | { dd bs=1 count=20000 status=none; head -n 1 >/dev/null <&3; cat; }'

    def __init__(self, place, *options):
        script = place.scratch / "rsh"
        script.write_text(f"#!/bin/sh\n{self.REMOTE}\n")
        script.chmod(0o755)
        self.source = place.scratch / "source"
        rsync = f"exec rsync -qW {' '.join(options)} -e {script} there:{self.source} f 3<&0 </dev/null"
        super().__init__(place, ("sh", "-c", rsync))

    def load(self):
        self.source.write_bytes(self.content(self.place.content()))
        super().load()


PROGRAMS = [
    Program("sed -i", Saving.RENAME, command("sed", "-i", "$r /dev/stdin", "f")),
    Program("busybox sed -i", Saving.RENAME, command("busybox", "sed", "-i", "$r /dev/stdin", "f")),
    Program("perl -pi", Saving.RENAME, command("perl", "-pi", "-e", "$_ .= <STDIN> if eof", "f")),
    Program("perl -pi.bak", Saving.RENAME, PerlBackup,
            note="If there was a\n.Pa f.bak\nalready, the other's version is there now, and\n.Pa f\nis absent."),
    Program("gawk -i inplace", Saving.RENAME, command("sh", "-c", AWK_IN_PLACE)),
    Program("patch", Saving.RENAME, Patch),
    Program("rsync", Saving.RENAME, Rsync),
    Program("rsync --inplace", Saving.IN_PLACE, lambda place: Rsync(place, "--inplace")),
]
