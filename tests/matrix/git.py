# SPDX-License-Identifier: Apache-2.0
"""git, which has what it would write in its own store, and looks whether a file is as it left it."""
import os
import subprocess

from process import Process
from program import Meeting, Program, Saving, Session

NOBODY = {"GIT_CONFIG_NOSYSTEM": "1", "HOME": "/nonexistent", "GIT_AUTHOR_NAME": "x", "GIT_AUTHOR_EMAIL": "x",
          "GIT_COMMITTER_NAME": "x", "GIT_COMMITTER_EMAIL": "x"}


class Git(Session):
    """A repository with f. What is to come is a commit on top of what f is now."""

    arguments = ()

    def __init__(self, place):
        super().__init__(place)
        self.git("init", "-q")
        self.git("add", "f")

    def git(self, *arguments, text=b""):
        environment = {**os.environ, **NOBODY}
        ran = subprocess.run(["git", *arguments], cwd=self.place.directory, env=environment, input=text,
                             capture_output=True, check=True)
        return ran.stdout.decode().strip()

    def load(self):
        self.git("add", "f")
        self.git("commit", "-q", "--allow-empty", "-m", "what is there")
        blob = self.git("hash-object", "-w", "--stdin", text=self.content(self.place.content()))
        tree = self.git("mktree", text=f"100644 blob {blob}\tf\n".encode())
        commit = self.git("commit-tree", "-p", "HEAD", "-m", "what is to come", tree)
        self.git("branch", "-f", "next", commit)

    def save(self):
        return Process(self.place, ("git", *self.arguments), NOBODY).finish(b"")


class Merge(Git):
    arguments = ("merge", "-q", "next")


class Checkout(Git):
    arguments = ("checkout", "-q", "next", "--", "f")


class Switch(Git):
    arguments = ("checkout", "-q", "--detach", "next")


PROGRAMS = [
    Program("git merge", Saving.OWN_CHECK, Merge, Meeting.REFUSED),
    Program("git checkout", Saving.OWN_CHECK, Switch, Meeting.REFUSED),
    Program("git checkout -- f", Saving.UNPROTECTED, Checkout, Meeting.OVERWRITTEN),
]
