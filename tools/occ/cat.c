/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "place.h"
#include "terminal.h"
#include "verb.h"

enum { PIECE = 1 << 17 };

static int copy_out(const char *name, int fd)
{
    static char piece[PIECE];
    for (;;) {
        ssize_t size = read(fd, piece, sizeof piece);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return failure(name, -errno);
        if (size == 0) return EXIT_DONE;
        if (fwrite(piece, 1, (size_t)size, stdout) == (size_t)size) continue;
        return failure("standard output", -errno);
    }
}

static int cat(const char *operand)
{
    struct place place;
    int error = place_init(&place, operand);
    if (error) return place_failure(operand, error);
    int fd = place_open(&place);
    int code = fd < 0 ? failure(operand, fd) : copy_out(operand, fd);
    if (fd >= 0) close(fd);
    place_release(&place);
    return code;
}

static int run(int argc, char *argv[])
{
    int code = EXIT_DONE;
    while (option_next(argc, argv) != -1)
        ;
    operands_check(argc, 1, -1);
    for (int i = optind; i < argc; i++) {
        int one = cat(argv[i]);
        if (one > code) code = one;
    }
    int end = pager_end();
    return code ? code : end;
}

const struct verb verb_of_cat = {
    .name = "cat",
    .operands = "FILE[@@N]...",
    .summary = "print versions of files",
    .help = "Prints the content of each file, or of the version of it that is named: by its ordinal, its token,\n"
            "or N.killed for what a killed writer has left.",
    .operand = ARGUMENT_VERSION,
    .run = run,
};
