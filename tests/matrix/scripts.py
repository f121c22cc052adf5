# SPDX-License-Identifier: Apache-2.0
"""Shell scripts: those that keep the token of what they have read, and those that do not."""
import zipfile

from process import Command, command
from program import Meeting, Program, Saving

# What they do with "$line" follows.
READ = 'old=$(cat f); read -r line; new() { printf "%s\\n" "$old" "$line"; }; '
READ_TOKEN = "token=$(getfattr --only-values -n user.occ.version f) || exit; " + READ
ARM = "setfattr -n user.occ.version -v \"$token\" f; "
CARRY = "new >f.tmp && setfattr -n user.occ.version -v \"$token\" f.tmp && "


def armed(action, shell="bash"):
    return command(shell, "-c", READ_TOKEN + ARM + action)


class Truncate(Command):
    """Cuts the end off what it has read."""

    def __init__(self, place):
        super().__init__(place, ("bash", "-c", READ_TOKEN + ARM + "truncate -s $((${#old} - 10)) f"))

    def content(self, loaded):
        return loaded[:len(loaded.rstrip(b"\n")) - 10]


class Unzip(Command):
    """The archive is there before it loads."""

    def __init__(self, place):
        self.archive = place.scratch / "archive.zip"
        super().__init__(place, ("bash", "-c", READ_TOKEN + ARM + f"unzip -qo {self.archive}"))

    def load(self):
        with zipfile.ZipFile(self.archive, "w") as archive:
            archive.writestr("f", self.content(self.place.content()))
        super().load()


PROGRAMS = [
    Program("setfattr f; printf > f", Saving.TOKEN, armed("new >f")),
    Program("setfattr f; printf > f (dash)", Saving.TOKEN, armed("new >f", "dash")),
    Program("setfattr f; cat > f", Saving.TOKEN, armed("new | cat >f")),
    Program("setfattr f; cp new f", Saving.TOKEN, armed("new >new; cp new f")),
    Program("setfattr f; mv new f", Saving.TOKEN, armed("new >new; mv new f")),
    Program("setfattr f; ln -f new f", Saving.TOKEN, armed("name=$(mktemp -u new.XXXXXX); new >$name; ln -f $name f")),
    Program("setfattr f; truncate f", Saving.TOKEN, Truncate),
    Program("setfattr f; unzip -o", Saving.TOKEN, Unzip, Meeting.REFUSED),
    Program("setfattr f; rm f", Saving.TOKEN, armed("rm f && new >f"), Meeting.REFUSED),
    Program("setfattr f.tmp; mv f.tmp f", Saving.TOKEN, command("bash", "-c", READ_TOKEN + CARRY + "mv f.tmp f")),
    Program("jq > f.tmp; setfattr f.tmp; mv f.tmp f", Saving.TOKEN, command("bash", "-c", READ_TOKEN +
            "new | jq -Rr . >f.tmp && setfattr -n user.occ.version -v \"$token\" f.tmp && mv f.tmp f")),
    Program("setfattr f; sponge", Saving.TOKEN, armed("new | { all=$(cat); printf '%s\\n' \"$all\" >f; }")),
    Program("jq > f.tmp; mv f.tmp f", Saving.UNPROTECTED,
            command("bash", "-c", READ + "new | jq -Rr . >f.tmp && mv f.tmp f"), Meeting.OVERWRITTEN),
    Program("sponge", Saving.UNPROTECTED,
            command("bash", "-c", READ + "new | { all=$(cat); printf '%s\\n' \"$all\" >f; }"), Meeting.OVERWRITTEN),
]
