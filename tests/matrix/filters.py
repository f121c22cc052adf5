# SPDX-License-Identifier: Apache-2.0
"""Programs that have f, or a new f, open for writing while its content comes from elsewhere."""
import io
import tarfile

from http_source import HttpSource
from process import Command, command, filtering
from program import Meeting, Program, Saving

class Download(Command):
    """A program that fetches f: most of it has come when somebody else commits."""

    def __init__(self, place, *arguments):
        self.source = HttpSource()
        super().__init__(place, (*arguments, self.source.url))

    def wait(self):
        self.source.offer(self.loaded)
        self.process.wait_for_open()

    def input(self):
        self.source.complete(super().input())
        return b""

    def end(self):
        super().end()
        self.source.end()


class Tar(Command):
    """It has the header of an archive and most of the content when somebody else commits."""

    def __init__(self, place):
        super().__init__(place, ("tar", "-x", "-b1", "-f", "-"))
        self.rest = b""

    def wait(self):
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as writer:
            member = tarfile.TarInfo("f")
            content = self.content(self.loaded)
            member.size = len(content)
            writer.addfile(member, io.BytesIO(content))
        self.process.give(archive.getvalue()[:20000])
        self.rest = archive.getvalue()[20000:]
        self.process.wait_for_open()
        self.process.wait_for_question()

    def input(self):
        return self.rest


PROGRAMS = [
    Program("sort -o f f", Saving.IN_PLACE, command("sort", "-o", "f", "f", "-")),
    Program("bash, { } > f", Saving.IN_PLACE, filtering("bash", "-c", "{ cat; } >f")),
    Program("cat > f", Saving.IN_PLACE, filtering("bash", "-c", "cat >f")),
    Program("busybox cat > f", Saving.IN_PLACE, filtering("busybox", "sh", "-c", "cat >f")),
    Program("tee f", Saving.IN_PLACE, filtering("tee", "f")),
    Program("cp new f", Saving.IN_PLACE, filtering("cp", "/dev/stdin", "f")),
    Program("dd of=f", Saving.IN_PLACE, filtering("dd", "of=f", "status=none")),
    Program("dd of=f conv=notrunc", Saving.IN_PLACE, filtering("dd", "of=f", "conv=notrunc", "status=none")),
    Program("curl -o f", Saving.IN_PLACE, lambda place: Download(place, "curl", "-sS", "-o", "f")),
    Program("wget -O f", Saving.IN_PLACE, lambda place: Download(place, "wget", "-q", "-O", "f"),
            note="Quiet, with\n.Fl q ."),
    Program("install new f", Saving.ANEW, filtering("install", "-m", "644", "/dev/stdin", "f")),
    Program("cp --remove-destination new f", Saving.ANEW, filtering("cp", "--remove-destination", "/dev/stdin", "f")),
    Program("tar -x", Saving.ANEW, Tar),
    Program("cat >> f", Saving.APPEND, command("bash", "-c", "cat >>f"), Meeting.APPENDED),
    Program("tee -a f", Saving.APPEND, command("tee", "-a", "f"), Meeting.APPENDED),
]
