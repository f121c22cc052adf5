# SPDX-License-Identifier: Apache-2.0
"""Where a program works: a directory on the mount with the file f, and one elsewhere for what is not to be on it."""
import dataclasses
import json
import os
import subprocess

FIRST_CONTENT = b"".join(b"%04d the quick brown fox jumps over it\n" % number for number in range(1000))


@dataclasses.dataclass(frozen=True)
class Look:
    content: bytes
    token: str
    ordinal: int
    siblings: dict


class Place:
    def __init__(self, mount, name):
        slug = "".join(letter if letter.isalnum() else "-" for letter in name)
        self.directory = mount.directory / slug
        self.scratch = mount.scratch / slug
        self.directory.mkdir()
        self.scratch.mkdir()
        self.file = self.directory / "f"
        self.commit(FIRST_CONTENT)

    def commit(self, content, name="f"):
        """By a process of its own, which has read nothing."""
        subprocess.run(["dd", f"of={name}", "bs=1M", "status=none"], cwd=self.directory, input=content, check=True)

    def content(self):
        return self.file.read_bytes()

    def look(self, path=None):
        """What there is: the content, token and ordinal of f, or of the other path; the siblings' contents."""
        path = path or self.file
        token = os.getxattr(path, "user.occ.version").decode()
        return Look(path.read_bytes(), token, int(token.split(".")[0]), self.siblings())

    def siblings(self):
        """Name -> content of the .conflict files."""
        return {path.name: path.read_bytes() for path in self.directory.glob("*.conflict")}

    def version(self, ordinal):
        return (self.directory / "f@@" / str(ordinal)).read_bytes()

    def base_of(self, sibling):
        """The token of the version that the loser had seen."""
        return json.loads(os.getxattr(self.directory / sibling, "user.occ.conflict"))["base"]
