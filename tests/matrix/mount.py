# SPDX-License-Identifier: Apache-2.0
"""A private store and mount, with the daemon in the foreground."""
import os
import pathlib
import re
import subprocess
import tempfile
import time

DEADLINE_S = 20
ROOT = pathlib.Path(__file__).resolve().parents[2]
OCCFS = os.environ.get("OCCFS", str(ROOT / "build/fs/occfs"))


def eventually(condition, what, seconds=DEADLINE_S):
    """Polls until condition() is true, and returns what it returned. TimeoutError names `what` did not happen."""
    end = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"never: {what}")
        time.sleep(0.01)
    return result


class Mount:
    """Owns a scratch directory with the store, the mountpoint and the log until it is left as a context."""

    def __enter__(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="occfs-matrix."))
        self.directory = self.scratch / "mnt"
        self.directory.mkdir()
        self.log = self.scratch / "log"
        with open(self.log, "wb") as log:
            self.daemon = subprocess.Popen([OCCFS, self.scratch / "store", self.directory, "-f"], stderr=log)
        eventually(lambda: self.daemon.poll() is not None or self.is_mounted(), "the mount")
        if self.daemon.poll() is not None:
            raise RuntimeError(f"occfs ended: {self.log.read_text()}")
        return self

    def is_mounted(self):
        """From the kernel's table: a stat of the directory could wait for a dead daemon."""
        with open("/proc/self/mountinfo", encoding="utf-8") as table:
            return any(line.split()[4] == str(self.directory) for line in table)

    def unmount(self):
        return subprocess.run(["umount", self.directory], check=False, stderr=subprocess.DEVNULL).returncode == 0

    def kill(self):
        """Everything that waits for the daemon gets an error."""
        self.daemon.kill()

    def complaints(self):
        """What is wrong once everything is done: unmounts, and looks at how the daemon ended and what it logged."""
        found = []
        try:
            eventually(self.unmount, "the unmount")
        except TimeoutError as error:
            found.append(str(error))
            self.kill()
        try:
            if status := self.daemon.wait(DEADLINE_S):
                found.append(f"the daemon ended with {status}")
        except subprocess.TimeoutExpired:
            found.append("the daemon did not end")
            self.kill()
        return found + re.findall(r".*(?:Sanitizer|runtime error|occfs: error).*", self.log.read_text())

    def __exit__(self, *_):
        if self.daemon.poll() is None:
            self.kill()
            self.daemon.wait()
        if self.is_mounted():
            subprocess.run(["umount", "-l", self.directory], check=False)
        subprocess.run(["rm", "-rf", "--one-file-system", self.scratch], check=False)
