# SPDX-License-Identifier: Apache-2.0
"""What a row of the table is, and what a driver of a program has to offer."""
import dataclasses
import enum
import typing


class Meeting(enum.Enum):
    """What comes of it when somebody else has committed since the program loaded f."""

    CONFLICT = "the other's version stands, a sibling has what the program wrote"
    REFUSED = "the other's version stands, the program wrote nothing"
    APPENDED = "what the program appended stands behind the other's version"
    OVERWRITTEN = "the other's version is the one before the program's"


class Saving(enum.Enum):
    """How a program saves: a section of the manual."""

    IN_PLACE = "Writing in place"
    RENAME = "Writing a temporary file and renaming it"
    ANEW = "Removing or renaming the file and creating it anew"
    APPEND = "Appending"
    TOKEN = "Scripts that keep the token"
    OWN_CHECK = "Programs that look themselves"
    UNPROTECTED = "What nobody can protect"


@dataclasses.dataclass(frozen=True)
class Report:
    """What a program told: its exit status (None: it runs on), and its message ('': none)."""

    status: int | None
    message: str


class Session:
    """A program at work on the file f in place.directory. A driver derives from it.

    The calls come in this order: load, save, load, save, ..., end. Each save adds a line to what was loaded."""

    line = ""  # the one that the next save adds; set before load

    def __init__(self, place):
        self.place = place

    def load(self):
        """Reads f, or opens it for writing; once more after a save. Returns when that has happened."""
        raise NotImplementedError

    def save(self):
        """Writes f, with the line added to what was loaded; returns the Report."""
        raise NotImplementedError

    def stands_at(self):
        """Path of what was f when the program met another's version, after its save."""
        return self.place.file

    def recover(self):
        """Does what its user has to do after that before f can be loaded again."""

    def end(self):
        """Leaves no process behind, whatever happened."""

    def content(self, loaded):
        """What f, or the sibling, is to have after a save."""
        return loaded + self.line.encode() + b"\n"


@dataclasses.dataclass(frozen=True)
class Program:
    name: str  # as the manual shows it
    saving: Saving
    start: typing.Callable  # (Place) -> Session
    meeting: Meeting = Meeting.CONFLICT
    note: str = ""  # for the manual, mdoc text
