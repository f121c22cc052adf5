# SPDX-License-Identifier: Apache-2.0
"""man/occfs-tools.7: what the programs said, in mdoc(7)."""
import difflib
import re

from mount import ROOT
from program import Saving

PAGE = ROOT / "man/occfs-tools.7"
HEAD = r""".\" SPDX-License-Identifier: Apache-2.0
.\" Made by tests/matrix/run --man: change the table there.
.Dd {date}
.Dt OCCFS-TOOLS 7
.Os
.Sh NAME
.Nm occfs-tools
.Nd how programs save files, and what they say on a conflict
.Sh DESCRIPTION
These programs have been run on a mount of
.Xr occfs 8 ,
as Debian 12 has them.
Each loads the file
.Pa f ,
then somebody else commits a version of it, then the program saves what it has
made of the old one.
Listed is what it says about that: its exit status and its message.
.Pp
Unless the section says otherwise
.Bl -bullet -compact
.It
the other's version stands at
.Pa f ;
.It
what the program wrote is in
.Pa f.conflict ,
whole, whether or not the program says anything;
.It
once it has loaded
.Pa f
again, it saves without a conflict.
.El
.Pp
Each save makes one version, and the history in
.Pa f@@
goes on, however the program saves.
What a program does not say,
.Va user.occ.last
of
.Pa f
does.
.Xr occfs 7
has the rules.
"""
TAIL = """.Sh SEE ALSO
.Xr getfattr 1 ,
.Xr setfattr 1 ,
.Xr occfs 7 ,
.Xr occfs 8
"""
SECTIONS = {
    Saving.IN_PLACE: """\
These open
.Pa f
and write into it.
The call that fails is
.Xr close 2
or
.Xr fsync 2 .
Those that have read the file by its name before conflict with what was
committed since they read it, the others with what was committed since they
opened it for writing.
""",
    Saving.RENAME: """\
These write a file of another name and rename it to
.Pa f .
The call that fails is
.Xr rename 2 .
""",
    Saving.ANEW: """\
At the time of the conflict the name is free, or just created anew.
The file gets back what the name had.
""",
    Saving.APPEND: """\
What is only appended conflicts with nothing: it stands in
.Pa f
behind the other's version.
""",
    Saving.TOKEN: """\
A script has read the file through other programs.
It takes the token before it reads,
.Dl token=$(getfattr --only-values -n user.occ.version f)
and sets it on
.Pa f
before it writes, or on the new file before it renames that:
.Dl setfattr -n user.occ.version -v \\(dq$token\\(dq f
.Pp
.Xr setfattr 1
itself says already that the token is no longer that of the head; these scripts
go on all the same.
""",
    Saving.OWN_CHECK: """\
They find that the file is not what they have read, and write nothing.
There is no
.Pa f.conflict .
""",
    Saving.UNPROTECTED: """\
The program that replaces the file is another one than that which has read it,
or is told to replace it whatever it is.
There is no conflict: the other's version is the one before that of the
program, and is kept in
.Pa f@@ .
""",
}


def escape(text):
    """For a line of text."""
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq").replace("`", r"\(ga")
    return re.sub(r"^\.", r"\\&.", text)


def quote(text):
    """For an argument of a macro, which is that macro's whatever its words are."""
    return '"' + escape(text).replace('"', r"\(dq") + '"'


def item(program, report):
    status = "It stays open" if report.status is None else f"Exit status {report.status}"
    lines = [f".It Ic {quote(program.name)}"]
    lines += program.note.splitlines()
    lines.append(f"{status}, {'and says' if report.message else 'no message.'}")
    if report.message:
        lines += [f".Dl {quote(report.message)}"]
    return lines


def page(programs, reports, date):
    lines = []
    for saving, text in SECTIONS.items():
        lines += [f".Sh {saving.value.upper()}", *text.splitlines(), ".Bl -tag -width Ds"]
        for program in programs:
            if program.saving == saving:
                lines += item(program, reports[program.name])
        lines.append(".El")
    return HEAD.format(date=date) + "\n".join(lines) + "\n" + TAIL


def regenerated(programs, reports):
    """(the page as it is, as it should be)"""
    old = PAGE.read_text() if PAGE.exists() else ".Dd November 25, 2026\n"
    return old, page(programs, reports, re.search(r"^\.Dd (.*)", old, re.MULTILINE)[1])


def write(programs, reports):
    PAGE.write_text(regenerated(programs, reports)[1])


def difference(programs, reports):
    """A diff, '' if there is none."""
    old, new = regenerated(programs, reports)
    return "".join(difflib.unified_diff(old.splitlines(True), new.splitlines(True), "in the manual", "now"))
