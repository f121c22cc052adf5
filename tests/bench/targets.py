# SPDX-License-Identifier: Apache-2.0
"""What is compared: a directory on a fresh ext4, the same through libfuse's passthrough_ll, occfs with its store there.

A target opens by making an ext4 image and mounting everything, and closes by taking everything away."""
import gzip
import os
import pathlib
import shutil
import subprocess
import time

MOUNT_TIMEOUT_S = 60
UNMOUNT_TIMEOUT_S = 120
EXAMPLES = pathlib.Path("/usr/share/doc/libfuse3-dev/examples")


class TargetError(Exception):
    """A target that could not be mounted or unmounted; its text says why."""


def is_mounted(directory):
    """Asks the kernel's table: a stat of the directory could wait for a dead daemon."""
    name = str(directory).replace(" ", "\\040")
    with open("/proc/self/mountinfo", encoding="utf-8") as table:
        return any(line.split()[4] == name for line in table)


def unmount(directory):
    if not is_mounted(directory):
        return
    if subprocess.run(["umount", directory], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        subprocess.run(["umount", "-l", directory], stderr=subprocess.DEVNULL, check=False)


class Ext4:
    """A directory on an ext4 image of its own, which the other targets build upon."""

    name = "ext4"
    optimistic = False
    mount_ms = None  # how long the daemon took to mount

    def __init__(self, scratch, image_gib):
        self.image = scratch / "image"
        self.disk = scratch / "disk"
        self.directory = self.disk / "files"  # where workloads run
        self.image_gib = image_gib

    def open(self):
        self.disk.mkdir(exist_ok=True)
        with open(self.image, "wb") as image:
            image.truncate(self.image_gib << 30)
        # All tables now: the kernel would write them beside the first workload.
        tables = "lazy_itable_init=0,lazy_journal_init=0"
        subprocess.run(["mkfs.ext4", "-q", "-E", tables, self.image], check=True)
        self.mount()

    def close(self):
        """Also of what is half open."""
        self.unmount()
        self.image.unlink(missing_ok=True)

    def mount(self):
        subprocess.run(["mount", "-o", "loop", self.image, self.disk], check=True)
        (self.disk / "files").mkdir(exist_ok=True)

    def unmount(self):
        unmount(self.disk)

    def settle(self):
        """Nothing that was written before is still to be written."""
        subprocess.run(["sync", "-f", self.disk], check=True)
        with open(self.image, "rb") as image:
            os.fsync(image)

    def remount_cold(self):
        """Nothing of it is cached by the kernel or a daemon."""
        self.unmount()
        with open(self.image, "rb") as image:
            os.fsync(image)
            os.posix_fadvise(image.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        self.mount()

    def kill_daemon(self):
        """Ends every wait for an answer."""

    def memory_mib(self):
        """Resident memory of the daemon, now and at most; None without a daemon."""


class Served(Ext4):
    """A daemon that serves what lies on the ext4."""

    def __init__(self, scratch, image_gib, command):
        super().__init__(scratch, image_gib)
        self.directory = scratch / "mount"
        self.command = [part.format(disk=self.disk, mount=self.directory) for part in command]
        self.log = scratch / "log"
        self.daemon = None

    def open(self):
        self.directory.mkdir(exist_ok=True)
        self.log.write_bytes(b"")
        super().open()

    def mount(self):
        super().mount()
        began = time.monotonic()
        # It must not outlive this program, and ^C is for this program alone.
        with open(self.log, "ab") as log:
            self.daemon = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *self.command], stdin=subprocess.DEVNULL,
                                           stdout=log, stderr=log, start_new_session=True)
        while not is_mounted(self.directory):
            if self.daemon.poll() is not None or time.monotonic() - began > MOUNT_TIMEOUT_S:
                raise TargetError(f"{self.name} does not mount: {self.last_words()}")
            time.sleep(0.001)
        self.mount_ms = (time.monotonic() - began) * 1000

    def unmount(self):
        unmount(self.directory)
        if self.daemon:
            self.daemon.terminate()  # it ends by itself, but not if it has not mounted yet
            try:
                self.daemon.wait(UNMOUNT_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.kill_daemon()
            self.daemon = None
            unmount(self.directory)
        super().unmount()

    def kill_daemon(self):
        if self.daemon:
            self.daemon.kill()
            self.daemon.wait()

    def memory_mib(self):
        status = pathlib.Path(f"/proc/{self.daemon.pid}/status").read_text(encoding="utf-8")
        fields = dict(line.split(":", 1) for line in status.splitlines())
        return [int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM")]

    def last_words(self):
        return self.log.read_text(encoding="utf-8", errors="replace")[-2000:].strip()


class PassthroughLl(Served):
    """libfuse's example with its default options."""

    name = "passthrough_ll"

    def __init__(self, scratch, image_gib, program):
        super().__init__(scratch, image_gib, [str(program), "-f", "-o", "source={disk}/files", "{mount}"])


class Occfs(Served):
    name = "occfs"
    optimistic = True

    def __init__(self, scratch, image_gib, program, options):
        more = ["-o", options] if options else []
        super().__init__(scratch, image_gib, [str(program), "{disk}/store", "{mount}", "-f", *more])


def build_passthrough_ll(scratch):
    """Compiles the example that libfuse3-dev ships, compressed or not; returns the program."""
    for name in ("passthrough_ll.c", "passthrough_helpers.h"):
        plain, packed = EXAMPLES / name, EXAMPLES / f"{name}.gz"
        if not plain.exists() and not packed.exists():
            raise TargetError(f"{plain}: absent (install libfuse3-dev with its documentation, or use --targets)")
        with open(plain, "rb") if plain.exists() else gzip.open(packed) as source, open(scratch / name, "wb") as copy:
            shutil.copyfileobj(source, copy)
    program = scratch / "passthrough_ll"
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "fuse3"], capture_output=True, text=True, check=True)
    compiler = ["cc", "-O2", "-w", scratch / "passthrough_ll.c", "-o", program, *flags.stdout.split()]
    subprocess.run(compiler, env=os.environ | {"TMPDIR": str(scratch)}, check=True)
    return program
