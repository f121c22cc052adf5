# SPDX-License-Identifier: Apache-2.0
"""Editors: those with a screen are driven by their keys, the others by their commands."""
import re

from mount import eventually
from process import Command, message_of
from program import Meeting, Program, Report, Saving, Session
from screen import Screen


class Editor(Session):
    """One with a screen. Part of loading is that the line is typed: people take their time before they save."""

    command = ""

    def __init__(self, place):
        super().__init__(place)
        self.screen = None

    def begin(self):
        self.screen = Screen(self.place, self.command)

    def answer(self, question, keys, pattern):
        """Waits for the pattern; should the program ask the question before, it is answered by the keys."""
        if re.search(question, self.screen.wait_for(f"{question}|{pattern}")[0]):
            self.screen.press(*keys)
        return self.screen.wait_for(pattern)

    def end(self):
        if self.screen:
            self.screen.end()


class Vim(Editor):
    options = ""

    def __init__(self, place):
        super().__init__(place)
        self.count = 0

    @property
    def command(self):
        return f"vim --clean -c 'set {self.options}' f"

    def say(self):
        """Something new on its last line: all commands before have been done."""
        self.count += 1
        self.screen.type(f":echo 'ready' {self.count}")
        self.screen.press("Enter")
        self.screen.wait_for(rf"^ready {self.count}\b")

    def load(self):
        if not self.screen:
            self.begin()
            self.screen.wait_for(r"^0000 the quick")
        else:
            self.screen.type(":e!")
            self.screen.press("Enter")
        self.screen.type(f"Go{self.line}")
        self.screen.press("Escape")
        self.say()

    def save(self):
        self.screen.type(":w")
        self.screen.press("Enter")
        match = self.answer(r"write to it \(y/n\)\?", "y", r'^"f".* written\b|(?P<error>E\d+: .*?)\s*$')
        self.screen.press("Escape")  # from "Press ENTER", if it asks for that
        return Report(None, match["error"] or "")


class VimAuto(Vim):
    options = "backupcopy=auto"


class VimYes(Vim):
    options = "backupcopy=yes"


class VimNo(Vim):
    options = "backupcopy=no"


class Nano(Editor):
    """It cannot reload: it is left and started again."""

    command = "nano --ignorercfiles f"

    def load(self):
        if self.screen:
            self.screen.end()
        self.begin()
        self.screen.wait_for(r"\[ Read \d+ lines \]")
        self.screen.press("M-/")
        self.screen.type(self.line)
        self.screen.wait_for(f"^{self.line}")

    def save(self):
        self.screen.press("C-s")
        match = self.answer(r"continue saving\?", "y", r"\[ Wrote \d+ lines \]|\[ (?P<error>Error .*?) \]")
        return Report(None, match["error"] or "")


class NanoBackup(Nano):
    command = "nano --ignorercfiles -B f"


class Emacs(Editor):
    command = "emacs -nw --no-site-file f"
    setting = "make-backup-files nil"
    YES = ("y", "e", "s", "Enter")

    def __init__(self, place):
        super().__init__(place)
        self.count = 0

    def begin(self):
        """Else it would start to compile itself, for a home that will be gone."""
        settings = self.place.scratch / ".emacs.d/early-init.el"
        settings.parent.mkdir()
        settings.write_text(f"(setq native-comp-deferred-compilation nil inhibit-startup-screen t {self.setting})")
        super().begin()

    def asks_for_expression(self):
        """Keys that are pressed just before an error are dropped."""
        self.screen.press("M-:")
        return self.screen.shows("^Eval:", seconds=2)

    def last_message(self):
        """What it said last, when all commands before have been done."""
        self.count += 1
        said = '(car (last (split-string (with-current-buffer "*Messages*" (buffer-string)) "\\n" t)))'
        eventually(self.asks_for_expression, "asking for an expression")
        self.screen.type(f'(format "{self.count}: %s" {said})')
        self.screen.press("Enter")
        return self.screen.wait_for(rf'^"{self.count}: (.*)"$')[1]

    def load(self):
        if not self.screen:
            self.begin()
            self.screen.wait_for(r"^0000 the quick")
        else:
            self.screen.press("C-x", "x", "g")
            self.answer(r"\(yes or no\)", self.YES, "^-UU-:--")
        self.edit()
        self.last_message()

    def edit(self):
        self.screen.press("M->")
        self.screen.type(self.line[0])
        self.answer(r"really edit the buffer\?", "y", r"^-UU-:\*\*")
        self.screen.type(self.line[1:])
        self.screen.press("Enter")

    def save(self):
        self.screen.press("C-x", "C-s")
        self.answer(r"Save anyway\? \(yes or no\)", self.YES, "^Wrote |temporarily unavailable")
        said = self.last_message().removeprefix("basic-save-buffer-2: ")  # which is only in the log
        return Report(None, "" if said.startswith("Wrote ") else message_of(said, self.place))


class EmacsBackup(Emacs):
    setting = "make-backup-files t"


class EmacsPrecious(Emacs):
    setting = "file-precious-flag t"


class EmacsLate(Emacs):
    """The first key is pressed when the other one has committed."""

    def edit(self):
        pass

    def save(self):
        super().edit()
        self.last_message()
        return super().save()


class Ed(Command):
    def input(self):
        return f"$a\n{self.line}\n.\nw\nq\n".encode()


class Ex(Ed):
    """It waits in select: it says when it has loaded."""

    def wait(self):
        loaded = self.place.scratch / "loaded"
        loaded.unlink(missing_ok=True)
        self.process.give(f"call writefile([], '{loaded}')\n".encode())
        self.process.wait_until(loaded.exists, "telling that it has loaded")


WARNS = "Asks first whether to overwrite what has changed; was told to."
PROGRAMS = [
    Program("vim, backupcopy=auto", Saving.ANEW, VimAuto, note=WARNS),
    Program("vim, backupcopy=yes", Saving.IN_PLACE, VimYes, note=WARNS),
    Program("vim, backupcopy=no", Saving.ANEW, VimNo, note=WARNS),
    Program("nano", Saving.IN_PLACE, Nano, note=WARNS),
    Program("nano -B", Saving.IN_PLACE, NanoBackup, note=WARNS),
    Program("emacs, without backups", Saving.IN_PLACE, Emacs, note=WARNS),
    Program("emacs, with backups", Saving.ANEW, EmacsBackup, note=WARNS),
    Program("emacs, file-precious-flag", Saving.RENAME, EmacsPrecious, note=WARNS),
    Program("emacs, edited after the change", Saving.UNPROTECTED, EmacsLate, Meeting.OVERWRITTEN,
            note="Asks whether to edit what has changed,\n"
                 "reads the new version to compare, and asks again.\n"
                 "Who says yes to both has been told."),
    Program("ed", Saving.IN_PLACE, lambda place: Ed(place, ("ed", "-s", "f"))),
    Program("ex -s", Saving.OWN_CHECK, lambda place: Ex(place, ("ex", "-s", "f")), Meeting.REFUSED,
            note="Asks whether to overwrite what has changed;\na script has no answer."),
]
