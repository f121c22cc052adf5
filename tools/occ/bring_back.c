/* SPDX-License-Identifier: Apache-2.0 */
#include "bring_back.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arguments.h"
#include "described.h"
#include "terminal.h"
#include "verb.h"

int content_share(int from, int to)
{
    struct stat status;
    off_t at = 0, end = 0;
    if (fstat(from, &status) != 0) return -errno;
    while (at < status.st_size) {
        ssize_t copied = copy_file_range(from, &at, to, &end, (size_t)(status.st_size - at), 0);
        if (copied < 0 && errno == EINTR) continue;
        if (copied < 0) return -errno;
        if (copied == 0) return -EIO; /* versions do not become shorter */
    }
    return 0;
}

static int tell_committed(const struct bringing *bringing, const char *token)
{
    struct occfs_version made;
    int error = occfs_version(AT_FDCWD, bringing->file, token, &made);
    if (error) return failure(bringing->file, error);
    if (bringing->json) {
        int code =
            json_print(json_pack("{s:o, s:s, s:I, s:s, s:I}", "path", json_of_text(bringing->file), "token", made.token,
                                 "ordinal", (json_int_t)made.ordinal, "source", bringing->source->token,
                                 "source_ordinal", (json_int_t)bringing->source->ordinal));
        occfs_version_release(&made);
        return code;
    }
    if (!quiet) {
        print_text(bringing->file);
        printf(": version %llu, %s from version %llu\n", (unsigned long long)made.ordinal, bringing->verb,
               (unsigned long long)bringing->source->ordinal);
    }
    occfs_version_release(&made);
    return EXIT_DONE;
}

int bring_back_commit(const struct bringing *bringing, int fd)
{
    struct occfs_outcome outcome;
    int error = occfs_set_message(fd, bringing->message);
    if (!error) error = occfs_commit(fd, &outcome);
    if (error) {
        occfs_discard(fd);
        return failure(bringing->file, error);
    }
    int code = EXIT_CONFLICT;
    if (outcome.result == OCCFS_COMMITTED) code = tell_committed(bringing, outcome.token);
    else complain(bringing->file, "somebody was faster; what was to be written is in %s", outcome.conflict.sibling);
    occfs_outcome_release(&outcome);
    return code;
}
