# SPDX-License-Identifier: Apache-2.0
"""A program in a terminal of its own, which is a window of tmux."""
import itertools
import re
import subprocess

from mount import DEADLINE_S, eventually


class Screen:
    """Runs the shell command in the place's directory. The shell stays the terminal's leader, as it is for users."""

    NUMBERS = itertools.count()

    def __init__(self, place, command):
        # A server of its own: another one may be about to end.
        self.socket = str(place.scratch / f"tmux.{next(self.NUMBERS)}")
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "400", "-y", "30", "-c", str(place.directory),
                  "env", "LC_ALL=C.UTF-8", f"HOME={place.scratch}", f"TMPDIR={place.scratch}",
                  "sh", "-c", f'{command}; echo "ended with $?"; read -r _')

    def tmux(self, *arguments):
        ran = subprocess.run(["tmux", "-S", self.socket, *arguments], check=True, capture_output=True, text=True)
        return ran.stdout

    def text(self):
        return self.tmux("capture-pane", "-p")

    def press(self, *keys):
        """Names of keys as in tmux(1): Enter, Escape, C-x."""
        self.tmux("send-keys", *keys)

    def type(self, text):
        self.tmux("send-keys", "-l", "--", text)

    def wait_for(self, pattern, seconds=DEADLINE_S):
        """Until the pattern is somewhere on the screen; returns the match."""
        found = re.compile(pattern, re.MULTILINE)
        try:
            return eventually(lambda: found.search(self.text()), f"'{pattern}' on the screen", seconds)
        except TimeoutError as error:
            raise TimeoutError(f"{error}:\n{self.text().rstrip()[-600:]}") from None

    def shows(self, pattern, seconds):
        """Whether it comes within that time."""
        try:
            return bool(self.wait_for(pattern, seconds))
        except TimeoutError:
            return False

    def end(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], check=False, capture_output=True)
