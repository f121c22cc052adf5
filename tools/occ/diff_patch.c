/* SPDX-License-Identifier: Apache-2.0 */
#include "diff_patch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "spool.h"

/* ---- form ---- */

struct lines {
    const char *at, *end;
};

/* The next line, without its end; NULL if there is none. */
static const char *lines_next(struct lines *lines, size_t *ret_length)
{
    const char *line = lines->at;
    if (line == lines->end) return NULL;
    const char *newline = memchr(line, '\n', (size_t)(lines->end - line));
    *ret_length = (size_t)((newline ? newline : lines->end) - line);
    lines->at = newline ? newline + 1 : lines->end;
    return line;
}

static bool begins(const char *line, size_t length, const char *with)
{
    return length >= strlen(with) && memcmp(line, with, strlen(with)) == 0;
}

/* `-12,3` or `-12`: how many lines. */
static bool read_range(const char **at, char sign, unsigned long *ret_count)
{
    char *end;
    if (**at != sign) return false;
    strtoul(*at + 1, &end, 10);
    bool is_range = end > *at + 1;
    *ret_count = 1;
    if (*end == ',') {
        const char *digits = end + 1;
        *ret_count = strtoul(digits, &end, 10);
        is_range &= end > digits;
    }
    *at = end;
    return is_range;
}

/* `@@ -1,2 +1,3 @@` and anything. */
static bool read_hunk(const char *line, size_t length, unsigned long *ret_old, unsigned long *ret_new)
{
    char text[96];
    snprintf(text, sizeof text, "%.*s", (int)(length < sizeof text ? length : sizeof text - 1), line);
    const char *at = text + 3;
    if (!begins(line, length, "@@ ") || !read_range(&at, '-', ret_old) || *at++ != ' ') return false;
    return read_range(&at, '+', ret_new) && strncmp(at, " @@", 3) == 0;
}

/* The lines of a hunk. An empty one is context whose space was lost on the way. */
static bool skip_hunk(struct lines *lines, unsigned long old, unsigned long new)
{
    while (old > 0 || new > 0) {
        size_t length;
        const char *line = lines_next(lines, &length);
        if (!line) return false;
        char sign = length > 0 && line[0] != '\r' ? line[0] : ' ';
        if ((sign != '+' && old == 0) || (sign != '-' && new == 0)) return sign == '\\';
        if (!strchr("+- \\", sign)) return false;
        old -= sign == '-' || sign == ' ';
        new -= sign == '+' || sign == ' ';
    }
    return true;
}

const char *diff_patch_check(const void *patch, size_t size)
{
    struct lines lines = {.at = patch, .end = (const char *)patch + size};
    unsigned files = 0, hunks = 0;
    bool removed = false; /* the line before was `--- file` */
    size_t length;
    for (const char *line; (line = lines_next(&lines, &length)) != NULL;) {
        unsigned long old, new;
        if (removed && begins(line, length, "+++ ") && ++files > 1) return "it is of several files";
        removed = begins(line, length, "--- ");
        if (!begins(line, length, "@@")) continue;
        if (!read_hunk(line, length, &old, &new)) return "a line that begins with @@ is not the head of a hunk";
        if (!skip_hunk(&lines, old, new)) return "a hunk is not whole";
        hunks++;
    }
    return hunks > 0 ? NULL : "it has no hunk of a unified difference";
}

/* ---- the program, in a directory of its own ---- */

struct workshop {
    char directory[PATH_MAX - 16]; /* "" : none was made */
    char content[PATH_MAX], patch[PATH_MAX], result[PATH_MAX];
};

static int put_file(const char *path, const void *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int error = fd < 0 ? -errno : spool_append(fd, data, size);
    if (fd >= 0) close(fd);
    return error;
}

static int workshop_init(struct workshop *workshop)
{
    const char *temporary = getenv("TMPDIR");
    if (!temporary || !*temporary) temporary = P_tmpdir;
    size_t size = sizeof workshop->directory;
    bool fits = snprintf(workshop->directory, size, "%s/occ.XXXXXX", temporary) < (int)size;
    if (!fits || !mkdtemp(workshop->directory)) {
        workshop->directory[0] = '\0';
        return fits ? -errno : -ENAMETOOLONG;
    }
    snprintf(workshop->content, sizeof workshop->content, "%s/content", workshop->directory);
    snprintf(workshop->patch, sizeof workshop->patch, "%s/patch", workshop->directory);
    snprintf(workshop->result, sizeof workshop->result, "%s/result", workshop->directory);
    return 0;
}

static void workshop_release(struct workshop *workshop)
{
    if (!workshop->directory[0]) return;
    unlink(workshop->content);
    unlink(workshop->patch);
    unlink(workshop->result);
    rmdir(workshop->directory);
}

/* What it says, with spaces for the breaks of lines. */
static void read_text(int spool, char ret_text[DIFF_TEXT_SIZE])
{
    ssize_t size = pread(spool, ret_text, DIFF_TEXT_SIZE - 1, 0);
    if (size < 0) size = 0;
    while (size > 0 && ret_text[size - 1] == '\n')
        size--;
    ret_text[size] = '\0';
    for (char *c = ret_text; *c; c++)
        if (*c == '\n') *c = ' ';
}

static int run_patch(struct workshop *workshop, int said, int *ret_status)
{
    char program[] = "patch", unified[] = "--unified", force[] = "--force", silent[] = "--silent", fuzz[] = "--fuzz=0",
         binary[] = "--binary", rejects[] = "--reject-file=-", get[] = "--get=0", output[] = "--output", end[] = "--";
    char *argv[] = {program,         unified, force,  silent,           fuzz, binary,
                    rejects,         get,     output, workshop->result, end,  workshop->content,
                    workshop->patch, NULL};
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nothing < 0) return -errno;
    int error = command_run(argv, nothing, said, said, ret_status);
    close(nothing);
    return error;
}

static int read_result(const char *path, void **ret_data, size_t *ret_size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -errno;
    int error = spool_content(fd, ret_data, ret_size);
    close(fd);
    return error;
}

int diff_patch_apply(const void *content, size_t content_size, const void *patch, size_t patch_size, void **ret_data,
                     size_t *ret_size, char ret_text[DIFF_TEXT_SIZE])
{
    struct workshop workshop;
    int status = 0, said = spool_open();
    if (said < 0) return said;
    int error = workshop_init(&workshop);
    if (!error) error = put_file(workshop.content, content, content_size);
    if (!error) error = put_file(workshop.patch, patch, patch_size);
    if (!error) error = run_patch(&workshop, said, &status);
    if (!error) read_text(said, ret_text);
    bool applied = !error && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    bool rejected = !error && WIFEXITED(status) && WEXITSTATUS(status) == 1;
    if (applied) error = read_result(workshop.result, ret_data, ret_size);
    workshop_release(&workshop);
    close(said);
    return error ? error : applied ? DIFF_APPLIED : rejected ? DIFF_REJECTED : DIFF_FAILED;
}
