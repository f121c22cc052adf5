#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What others build on: the library as it is installed, with its header, its pkg-config file and the manual pages.
load common

setup_file() {
    export INSTALLED=$BATS_FILE_TMPDIR/installed
    local build=${OCCFS:-${BASH_SOURCE[0]%/*}/../../build/fs/occfs}
    build=${build%/fs/occfs}
    meson install -C "$build" --no-rebuild --quiet --destdir "$INSTALLED" >"$BATS_FILE_TMPDIR/log" 2>&1 || {
        cat "$BATS_FILE_TMPDIR/log"
        return 1
    }
    local pc
    pc=$(find "$INSTALLED" -name occfs.pc)
    export PKG_CONFIG_PATH=${pc%/*} LD_LIBRARY_PATH=${pc%/pkgconfig/*}
    PREFIX=$(sed -n 's/^prefix=//p' "$pc")
    export PREFIX=$INSTALLED$PREFIX
    # Under a sanitizer the library wants what the daemon was built with.
    SANITIZER=$(jq -r '.[] | select(.name == "b_sanitize").value' "$build/meson-info/intro-buildoptions.json")
    [ "$SANITIZER" = none ] && SANITIZER='' || SANITIZER=-fsanitize=$SANITIZER
    CC=$(jq -r '.[0].command | split(" ")[0]' "$build/compile_commands.json")
    export SANITIZER CC
}

flags() { pkg-config --define-variable=prefix="$PREFIX" "$@" occfs; }

build() { # compiler, source, options of pkg-config
    local program=$BATS_TEST_TMPDIR/program
    # shellcheck disable=SC2046,SC2086 # lists of words
    "$1" -Wall -Wextra -Werror -g $SANITIZER -o "$program" "$ROOT/tests/examples/$2" $(flags --cflags --libs "${@:3}")
    echo "$program"
}

@test "a program is built with what pkg-config says, and counts with seven others" {
    counter=$(build "$CC" counter.c)
    objdump -p "$counter" | grep -q 'NEEDED *liboccfs\.so\.0$'
    counters=()
    for _ in 1 2 3 4 5 6 7 8; do
        "$counter" number 10 >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
        counters+=($!)
    done
    wait "${counters[@]}"
    equal "$(cat number)" 80
    equal "$(ordinal number)" 80
    equal "$(getfattr --only-values -n user.occ.message number)" "one more"
    run "$counter" "$BATS_TEST_TMPDIR/number"
    [ "$status" -eq 0 ] && false
    [ ! -e "$BATS_TEST_TMPDIR/number" ]
}

@test "a program that has the library in it needs no other file of it" {
    # The static library alone: pkg-config's names are looked up as archives first.
    archive=$(find "$INSTALLED" -name liboccfs.a)
    program=$BATS_TEST_TMPDIR/program
    # shellcheck disable=SC2046,SC2086 # lists of words
    "$CC" -Wall -Werror -g $SANITIZER -o "$program" "$ROOT/tests/examples/history.c" $(flags --cflags) \
        -Wl,-Bstatic $(flags --libs --static) -Wl,-Bdynamic
    [ -s "$archive" ]
    run objdump -p "$program"
    [[ $output != *liboccfs* && $output != *libjansson* ]]
    write f one
    write f two
    LD_LIBRARY_PATH='' "$program" f >"$BATS_TEST_TMPDIR/out"
    equal "$(cut -f 1,3,7 "$BATS_TEST_TMPDIR/out")" "$(printf '2\twrite\ttwo\n1\twrite\tone\n0\tcreate\t')"
    run "$program" absent
    equal "$status $output" "1 history: absent: No such file or directory"
}

@test "the header is good for C++" {
    case $CC in
    clang*) expect=$(build clang++ expect.cc) ;;
    *) expect=$(build g++ expect.cc) ;;
    esac
    write f one
    token=$(token f)
    new=$(echo two | "$expect" f "$token")
    equal "$new" "$(token f)"
    run "$expect" f "$token" <<<three
    equal "$status $output" "75 expect: f: somebody was faster; f.conflict has the content"
    equal "$(cat f f.conflict)" "$(printf 'two\nthree')"
}

@test "the library exports the functions of its list, under a version, and no other" {
    library=$(find "$INSTALLED" -name 'liboccfs.so.0.*')
    objdump -p "$library" | grep -q 'SONAME *liboccfs\.so\.0$'
    listed=$(sed -n 's/^ *\(occfs_.*\);$/\1/p' "$ROOT/lib/client/liboccfs.map")
    equal "$(nm -D --defined-only "$library" | sed -n 's/.* [TRD] \(.*\)@@OCCFS_0$/\1/p' | sort)" "$listed"
    equal "$(nm -D --defined-only "$library" | grep -v '@@OCCFS_0$' | grep -v ' A OCCFS_0')" ''
}

@test "every function has a manual page of its own name" {
    for function in $(sed -n 's/^ *\(occfs_.*\);$/\1/p' "$ROOT/lib/client/liboccfs.map"); do
        page=$(find -L "$INSTALLED" -path "*/man3/$function.3")
        [ -s "$page" ] || { echo "$function.3 is not installed"; false; }
        grep -q "^\.Nm $function\b" "$page"
    done
}
