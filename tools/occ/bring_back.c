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

static int content_share(int from, int to)
{
    struct stat status;
    off_t at = 0, end = 0;
    if (fstat(from, &status) != 0 || ftruncate(to, 0) != 0) return -errno;
    while (at < status.st_size) {
        ssize_t copied = copy_file_range(from, &at, to, &end, (size_t)(status.st_size - at), 0);
        if (copied < 0 && errno == EINTR) continue;
        if (copied < 0) return -errno;
        if (copied == 0) return -EIO; /* versions do not become shorter */
    }
    return 0;
}

/* `token` NULL: the file is live, and has made a version if nobody else has it open for writing. */
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
        if (token) printf(": version %llu, ", (unsigned long long)made.ordinal);
        else printf(": live, ");
        printf("%s from version %llu\n", bringing->verb, (unsigned long long)bringing->source->ordinal);
    }
    occfs_version_release(&made);
    return EXIT_DONE;
}

/* A live file has neither drafts nor messages: what is written is there at once, and becomes a version when it is closed. */
static int take_message(const struct bringing *bringing, int fd, bool *ret_live)
{
    int error = occfs_set_message(fd, bringing->message);
    *ret_live = error == -EPERM;
    return *ret_live && !bringing->message_wanted ? 0 : error;
}

static int write_and_commit(int from, int to, bool live, struct occfs_outcome *ret_outcome)
{
    int error = content_share(from, to);
    if (!error) error = occfs_commit(to, ret_outcome);
    if (error && !live) occfs_discard(to);
    return error;
}

int bring_back(const struct bringing *bringing, int from, int to, bool *ret_ended)
{
    struct occfs_outcome outcome;
    bool live = false;
    int error = take_message(bringing, to, &live);
    if (error && live) complain(bringing->file, "is live, and its versions have no messages");
    int code = error && live ? EXIT_FAILURE_IO : error ? failure(bringing->file, error) : EXIT_DONE;
    if (!error) {
        error = write_and_commit(from, to, live, &outcome);
        if (error) code = failure(bringing->file, error);
    }
    close(to);
    *ret_ended = !error;
    if (error) return code;
    if (outcome.result == OCCFS_COMMITTED) {
        code = tell_committed(bringing, live ? NULL : outcome.token);
    } else {
        complain(bringing->file, "somebody was faster; what was to be written is in %s", outcome.conflict.sibling);
        code = EXIT_CONFLICT;
    }
    occfs_outcome_release(&outcome);
    return code;
}
