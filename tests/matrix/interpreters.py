# SPDX-License-Identifier: Apache-2.0
"""What programs do that are written in Python, Perl, JavaScript, awk and for shells."""
from process import command
from program import Program, Saving

PYTHON_WRITE = """
import os, sys
with open('f') as file: text = file.read()
text += sys.stdin.readline()
with open('f', 'w') as file: file.write(text)
"""
PYTHON_UPDATE = """
import os, sys
with open('f', 'r+') as file:
    text = file.read()
    text += sys.stdin.readline()
    file.seek(0)
    file.write(text)
    file.truncate()
"""
PYTHON_NO_CLOSE = """
import os, sys
text = open('f').read()
file = os.open('f', os.O_WRONLY | os.O_TRUNC)
os.write(file, (text + sys.stdin.readline()).encode())
"""
PYTHON_REPLACE = """
import os, sys
with open('f') as file: text = file.read()
text += sys.stdin.readline()
with open('f.tmp', 'w') as file: file.write(text)
os.replace('f.tmp', 'f')
"""
PERL_WRITE = """
open(F, '<', 'f') or die; @lines = <F>; close F;
push @lines, scalar <STDIN>;
open(F, '>', 'f') or die; print F @lines; close F or die "close: $!\\n";
"""
NODE_READ = """
const fs = require('fs'), read = fs.readFileSync('f');
const text = Buffer.concat([read, fs.readFileSync(0)]), told = (error) => { if (error) throw error; };
"""
NODE_WRITE = NODE_READ + "fs.writeFile('f', text, told);"
NODE_RENAME = NODE_READ + "fs.writeFile('f.tmp', text, (error) => { told(error); fs.rename('f.tmp', 'f', told); });"
# What VS Code does (doWriteFileAndFlush of its node/pfs.ts).
NODE_FLUSH = NODE_READ + """
fs.open('f', 'w', 0o666, (error, fd) => {
    told(error);
    fs.writeFile(fd, text, (error) => {
        if (error) return fs.close(fd, () => told(error));
        fs.fdatasync(fd, (error) => fs.close(fd, (closed) => told(error || closed)));
    });
});
"""
AWK_PRINT = """{ all = all $0 "\\n" }
END { getline line < "/dev/stdin"; printf "%s%s\\n", all, line > "f" }"""
# Builtins alone: a program that the shell starts would be another process than the one that has read.
BASH_WRITE = 'mapfile -t lines <f; read -r line; printf "%s\\n" "${lines[@]}" "$line" >f'
SH_WRITE = """
text=; while IFS= read -r line; do text="$text$line\\n"; done <f
line=$(cat); printf "$text%s\\n" "$line" >f
"""
HERE_DOCUMENT = """
old=$(cat f)
{ read -r line; cat <<END
$old
$line
END
} >f
"""

PROGRAMS = [
    Program("Python, read, then write", Saving.IN_PLACE, command("python3", "-c", PYTHON_WRITE)),
    Program("Python, opened with r+", Saving.IN_PLACE, command("python3", "-c", PYTHON_UPDATE)),
    Program("Python, without close", Saving.IN_PLACE, command("python3", "-c", PYTHON_NO_CLOSE)),
    Program("Perl, read, then write", Saving.IN_PLACE, command("perl", "-e", PERL_WRITE)),
    Program("Node.js, fs.writeFile", Saving.IN_PLACE, command("node", "-e", NODE_WRITE)),
    Program("VS Code's way, by Node.js", Saving.IN_PLACE, command("node", "-e", NODE_FLUSH)),
    Program("gawk, print > f", Saving.IN_PLACE, command("gawk", AWK_PRINT, "f")),
    Program("bash, mapfile and printf > f", Saving.IN_PLACE, command("bash", "-c", BASH_WRITE)),
    Program("dash, read and printf > f", Saving.IN_PLACE, command("dash", "-c", SH_WRITE)),
    Program("busybox sh, read and printf > f", Saving.IN_PLACE, command("busybox", "sh", "-c", SH_WRITE)),
    Program("a here-document in { } > f", Saving.IN_PLACE, command("bash", "-c", HERE_DOCUMENT)),
    Program("Python, os.replace", Saving.RENAME, command("python3", "-c", PYTHON_REPLACE)),
    Program("Node.js, fs.rename", Saving.RENAME, command("node", "-e", NODE_RENAME)),
]
