# SPDX-License-Identifier: Apache-2.0
"""The three scenes that every program plays: alone, after somebody else's commit, and once more after reloading."""
import os.path
import traceback

from place import FIRST_CONTENT, Place
from program import Meeting, Report


class Scenes:
    """One program. After play() there are results, (name, complaint or ''), and its report on meeting another."""

    def __init__(self, program, mount):
        self.program = program
        self.mount = mount
        self.results = []
        self.report = Report(None, "")
        self.place = self.session = None
        self.is_stuck = False
        self.history = {}  # ordinal -> content

    def play(self):
        scenes = {
            "saves what it loaded": self.alone,
            "saves after somebody else": self.meet,
            "saves after it has reloaded": self.reload,
        }
        try:
            self.place = Place(self.mount, self.program.name)
            self.history[self.place.look().ordinal] = FIRST_CONTENT
            self.session = self.program.start(self.place)
            for name, scene in scenes.items():
                complaint = "not played" if self.is_stuck else self.complaint_of(scene)
                self.results.append((name, complaint))
        finally:
            self.end()

    def complaint_of(self, scene):
        try:
            scene()
            return ""
        except AssertionError as error:
            return str(error)
        except Exception:  # the driver got stuck, which is the end of this program, not of the run
            self.is_stuck = True
            return traceback.format_exc()

    def end(self):
        if self.session:
            self.session.end()

    # ---- the scenes ----

    def alone(self):
        before = self.place.look()
        self.session.line = self.next_line("mine")
        self.session.load()
        report = self.session.save()
        expect("the message", report.message, "")
        expect("the exit status", report.status or 0, 0)
        self.expect_next_version(before, self.session.content(before.content))
        expect("siblings", sorted(self.place.siblings()), sorted(before.siblings))

    def meet(self):
        before = self.place.look()
        self.session.line = self.next_line("mine")
        self.session.load()
        theirs = before.content + self.next_line("theirs").encode() + b"\n"
        self.place.commit(theirs)
        self.expect_next_version(before, theirs)
        met = self.place.look()
        self.report = self.session.save()
        others = self.session.stands_at()
        after = self.place.look(others)
        mine = self.session.content(before.content)
        new_siblings = {name: content for name, content in after.siblings.items() if name not in before.siblings}
        if self.program.meeting in (Meeting.CONFLICT, Meeting.REFUSED):
            expect("the content", after.content, theirs)
            expect("the head", after.token if others == self.place.file else met.token, met.token)
        if self.program.meeting == Meeting.CONFLICT:
            expect("new siblings", len(new_siblings), 1)
            expect("the sibling", *new_siblings.values(), mine)
            expect("the sibling's base", self.place.base_of(*new_siblings), before.token)
        else:
            expect("new siblings", len(new_siblings), 0)
        if self.program.meeting == Meeting.APPENDED:
            self.expect_next_version(met, self.session.content(theirs))
        if self.program.meeting == Meeting.OVERWRITTEN:
            self.expect_next_version(met, mine)

    def reload(self):
        self.session.recover()
        self.alone()

    # ---- what they look at ----

    def next_line(self, who):
        """In the order of their making, so that programs that sort may take part."""
        return f"{len(self.place.content().splitlines()):04} {who}"

    def expect_next_version(self, before, content):
        expect("the content", self.place.content(), content)
        expect("the ordinal", self.place.look().ordinal, before.ordinal + 1)
        self.history[before.ordinal + 1] = content
        for ordinal, old in self.history.items():
            expect(f"version {ordinal}", self.place.version(ordinal), old)


def expect(what, got, expected):
    """Contents are cut where they are equal: they are long."""
    if got == expected:
        return
    if isinstance(got, bytes) and isinstance(expected, bytes):
        same = len(os.path.commonprefix([got, expected]))
        got, expected = (f"{len(text)} bytes ...{text[same:same + 200]}" for text in (got, expected))
    raise AssertionError(f"{what}: {got}, expected: {expected}")
