#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Each of these idioms is one commit with the right content.
load common

one_commit() { # script, expected content
    local shell before
    for shell in bash dash; do
        echo old >f.$shell
        mv f.$shell f
        before=$(ordinal f)
        $shell -c "$1"
        equal "$(cat f)" "$2"
        equal "$shell: $(ordinal f)" "$shell: $((before + 1))"
    done
}

@test "echo > f" { one_commit 'echo a > f' a; }
@test "{ ...; } > f" { one_commit '{ echo a; echo b; } > f' $'a\nb'; }
@test "{ ...; } > f with commands" { one_commit '{ /bin/echo a; /bin/echo b; } > f' $'a\nb'; }
@test "(a; b) > f" { one_commit '(/bin/echo a; /bin/echo b) > f' $'a\nb'; }
@test "(a & b; wait) > f" { one_commit '(sleep 0.1 & /bin/echo b; wait) > f' b; }
@test "exec 3> f" { one_commit 'exec 3>f; echo a >&3; /bin/echo b >&3; exec 3>&-' $'a\nb'; }
@test "cmd >> f" { one_commit '/bin/echo a >> f' $'old\na'; }
@test "builtin >> f" { one_commit 'echo a >> f' $'old\na'; }
@test "a here-document" { one_commit $'cat > f <<EOT\nx\ny\nEOT' $'x\ny'; }
@test "a pipeline into f" { one_commit 'seq 3 | sort -r > f' $'3\n2\n1'; }
@test "a loop into f" { one_commit 'for i in 1 2 3; do /bin/echo $i; done > f' $'1\n2\n3'; }
@test "both streams into f" { one_commit '{ /bin/echo a; /bin/echo b >&2; } > f 2>&1' $'a\nb'; }
@test "a function's output, with a subshell" { one_commit 'g() { /bin/echo a; (/bin/echo b); }; g > f' $'a\nb'; }

@test "subprocess with stdout=f" {
    echo old >f
    py '
with open("f", "w") as f: subprocess.run(["sh", "-c", "echo a; echo b"], stdout=f, check=True)
equal(get("f"), "a\nb\n"); assert token("f").startswith("2.")
with open("f", "w") as f:
    p = subprocess.Popen(["sh", "-c", "echo c; sleep 0.2; echo d"], stdout=f); p.wait()
equal(get("f"), "c\nd\n"); assert token("f").startswith("3.")'
}

@test "dup2 over the last descriptor commits" {
    echo old >f
    py '
fd = os.open("f", os.O_WRONLY); os.write(fd, b"new"); null = os.open("/dev/null", os.O_WRONLY)
os.dup2(null, fd); equal(get("f"), "new\n")'
}

@test "a duplicate that stays open postpones the commit" {
    echo old >f
    py '
fd = os.open("f", os.O_WRONLY); copy = os.dup(fd); os.write(fd, b"new")
os.close(fd); equal(get("f"), "old\n")
os.write(copy, b"er"); os.close(copy); equal(get("f"), "newer")'
}

@test "two drafts of one file in one process are told apart" {
    echo old >f
    py '
a, b = os.open("f", os.O_WRONLY), os.open("f", os.O_WRONLY)
os.write(a, b"A"); os.write(b, b"B")
os.close(a); equal(get("f"), "Ald\n")
equal(refused(os.close, b), "EAGAIN"); equal(get("f"), "Ald\n"); equal(get("f.conflict"), "Bld\n")'
}

@test "exit commits, with or without close" {
    echo old >f
    py 'fd = os.open("f", os.O_WRONLY | os.O_TRUNC); os.write(fd, b"new"); os._exit(3)' || true
    equal "$(cat f)" new
}

@test "a pipeline whose writer dies of SIGPIPE keeps what was there" {
    echo old >f
    bash -c '(yes | head -c 100 >/dev/null); yes | tee f | head -n 1 >/dev/null' || true
    equal "$(cat f)" old
}

# /dev/stderr is opened anew: with O_TRUNC, and a position of its own. What ext4 makes of it is what is expected here.
@test "redirection to /dev/stderr joins the draft" {
    mkdir "$BATS_TEST_TMPDIR/plain"
    for directory in . "$BATS_TEST_TMPDIR/plain"; do
        (
            cd "$directory" && echo old >f && echo old >g
            bash -c '{ echo first >/dev/stderr; echo b >&2; } 2> f; { echo c >&2; echo d >>/dev/stderr; } 2> g'
        )
        equal "$(cat "$directory/f")" $'b\nrst'
        equal "$(cat "$directory/g")" $'c\nd'
    done
    equal "$(ordinal f)" 2
    equal "$(ordinal g)" 2
}
