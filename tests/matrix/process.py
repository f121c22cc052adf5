# SPDX-License-Identifier: Apache-2.0
"""Programs that are no editors: started to load, they wait for their standard input, and save when they get it."""
import os
import pathlib
import platform
import re
import signal
import subprocess

from mount import DEADLINE_S, eventually
from program import Report, Session

READ = {"x86_64": "0", "aarch64": "63"}[platform.machine()]  # the number of the system call
CONFLICT_TEXT = re.compile(r"temporarily unavailable|EAGAIN")
# Of a temporary file: the name that the program gave it, and what was drawn for it.
RANDOM_NAME = re.compile(r"\b(sed|XX|tmp|f\.gawk\.|f\.o|f\.|new\.|(?<=')f)\w{6}\b")


class Process:
    """A running program with a pipe as its standard input."""

    def __init__(self, place, arguments, environment=None):
        self.place = place
        self.errors = place.scratch / "errors"
        with open(self.errors, "wb") as errors:
            self.popen = subprocess.Popen(
                arguments, cwd=place.directory, env={**os.environ, "LC_ALL": "C.UTF-8", **(environment or {})},
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True)
        self.pipe = f"pipe:[{os.fstat(self.popen.stdin.fileno()).st_ino}]"

    def wait_until(self, condition, what):
        eventually(lambda: condition() or self.popen.poll() is not None, what)
        if self.popen.poll() is not None:
            raise RuntimeError(f"ended with {self.popen.returncode} instead of {what}: {self.errors.read_text()}")

    def wait_for_question(self):
        """Until it, or a descendant of its, waits for input: what comes before that in the program has been done."""
        self.wait_until(lambda: any(self.reads(process) for process in self.family()), "waiting for input")

    def wait_for_open(self):
        """Until it has a file in the directory open: f, or the one that will replace it."""
        self.wait_until(lambda: any(self.has_open(process) for process in self.family()), "opening f")

    def give(self, text):
        self.popen.stdin.write(text)
        self.popen.stdin.flush()

    def finish(self, text):
        """Gives it the rest of its input, and waits for its exit."""
        self.popen.communicate(text, DEADLINE_S)
        return Report(self.popen.returncode, message_of(self.errors.read_text(errors="replace"), self.place))

    def end(self):
        if self.popen.poll() is None:
            os.killpg(self.popen.pid, signal.SIGKILL)
            self.popen.wait()
        self.popen.stdin.close()

    # ---- in /proc: what is read there never asks the mount ----

    def family(self):
        found = [self.popen.pid]
        for process in found:
            try:
                found += pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()
            except OSError:  # it has ended
                pass
        return found

    def reads(self, process):
        """Whether it sleeps in a read(2) of the pipe."""
        try:
            call, *arguments = pathlib.Path(f"/proc/{process}/syscall").read_text().split()
            return call == READ and os.readlink(f"/proc/{process}/fd/{int(arguments[0], 16)}") == self.pipe
        except OSError:
            return False

    def has_open(self, process):
        try:
            links = [os.readlink(link) for link in pathlib.Path(f"/proc/{process}/fd").iterdir()]
        except OSError:
            return False
        return any(link.startswith(f"{self.place.directory}/") for link in links)


def message_of(text, place):
    """The line about the conflict, else the first error, else the last line; without directories and random names."""
    text = re.sub(r"\n +(?=Resource)", " ", text.replace(f"{place.directory}/", ""))
    lines = [RANDOM_NAME.sub(r"\1XXXXXX", line.strip()) for line in text.splitlines() if line.strip()]
    for pattern in (CONFLICT_TEXT, re.compile("^error:")):
        if telling := [line for line in lines if pattern.search(line)]:
            return telling[0].removesuffix(" {")
    return lines[-1] if lines else ""


class Command(Session):
    """A command that is started anew for each save."""

    def __init__(self, place, arguments):
        super().__init__(place)
        self.arguments = arguments
        self.process = None
        self.loaded = b""

    def load(self):
        self.stop()
        self.loaded = self.place.content()
        self.process = Process(self.place, self.arguments)
        self.wait()

    def wait(self):
        """Until it has loaded."""
        self.process.wait_for_question()

    def save(self):
        return self.process.finish(self.input())

    def input(self):
        """What it gets to add the line."""
        return self.line.encode() + b"\n"

    def stop(self):
        if self.process:
            self.process.end()

    def end(self):
        self.stop()


class Filter(Command):
    """One that takes the whole new content from its standard input."""

    def input(self):
        return self.content(self.loaded)


def command(*arguments):
    """A start function: the program loads, then asks for the line on its standard input."""
    return lambda place: Command(place, arguments)


def filtering(*arguments):
    """The same for a Filter."""
    return lambda place: Filter(place, arguments)
