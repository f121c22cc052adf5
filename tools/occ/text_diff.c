/* SPDX-License-Identifier: Apache-2.0 */
#include "text_diff.h"

#include <errno.h>
#include <string.h>

#include "git_library.h"
#include "terminal.h"

enum { BINARY_LOOK = 8000, CONTEXT_LINES = 3 };

bool text_is_binary(const void *data, size_t size)
{
    return size > 0 && memchr(data, '\0', size < BINARY_LOOK ? size : BINARY_LOOK);
}

/* ---- what libgit2 calls ---- */

struct printing {
    FILE *stream;
    const struct diff_side *old, *new;
    bool coloured;
    bool begun;
};

static const char *paint(const struct printing *printing, enum colour what)
{
    return printing->coloured ? colour(what) : "";
}

static void print_side(const struct printing *printing, const char *mark, const struct diff_side *side)
{
    fprintf(printing->stream, "%s%s ", paint(printing, COLOUR_BOLD), mark);
    for (const char *c = side->name; *c; c++)
        putc((unsigned char)*c < ' ' ? '?' : *c, printing->stream);
    fprintf(printing->stream, "%s%s%s\n", side->detail ? "\t" : "", side->detail ? side->detail : "",
            paint(printing, COLOUR_NONE));
}

static void print_header(struct printing *printing)
{
    if (!printing->begun) {
        print_side(printing, "---", printing->old);
        print_side(printing, "+++", printing->new);
    }
    printing->begun = true;
}

static int print_hunk(const git_diff_delta *delta, const git_diff_hunk *hunk, void *context)
{
    struct printing *printing = context;
    (void)delta;
    print_header(printing);
    size_t length = hunk->header_len;
    if (length > 0 && hunk->header[length - 1] == '\n') length--;
    fprintf(printing->stream, "%s%.*s%s\n", paint(printing, COLOUR_CYAN), (int)length, hunk->header,
            paint(printing, COLOUR_NONE));
    return ferror(printing->stream) ? -1 : 0;
}

static int print_line(const git_diff_delta *delta, const git_diff_hunk *hunk, const git_diff_line *line, void *context)
{
    struct printing *printing = context;
    (void)delta;
    (void)hunk;
    bool added = line->origin == GIT_DIFF_LINE_ADDITION, removed = line->origin == GIT_DIFF_LINE_DELETION;
    bool ends = line->content_len > 0 && line->content[line->content_len - 1] == '\n';
    if (added || removed) fputs(paint(printing, added ? COLOUR_GREEN : COLOUR_RED), printing->stream);
    if (added || removed || line->origin == GIT_DIFF_LINE_CONTEXT) putc(line->origin, printing->stream);
    fwrite(line->content, 1, line->content_len - ends, printing->stream);
    if (added || removed) fputs(paint(printing, COLOUR_NONE), printing->stream);
    if (ends) putc('\n', printing->stream); /* else a line of its own says that there is none */
    return 0;
}

struct reporting {
    text_diff_change *change;
    void *context;
};

/* An empty range is said to begin at the line before it. */
static struct line_range range_of(int start, int count)
{
    return (struct line_range){(size_t)(count > 0 ? start - 1 : start), (size_t)count};
}

static int report_hunk(const git_diff_delta *delta, const git_diff_hunk *hunk, void *context)
{
    const struct reporting *reporting = context;
    (void)delta;
    reporting->change(reporting->context, range_of(hunk->old_start, hunk->old_lines),
                      range_of(hunk->new_start, hunk->new_lines));
    return 0;
}

/* ---- comparing ---- */

static int compare(const struct diff_side *old, const struct diff_side *new, unsigned context_lines,
                   git_diff_hunk_cb hunk, git_diff_line_cb line, void *context)
{
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    options.context_lines = context_lines;
    options.flags = GIT_DIFF_FORCE_TEXT | GIT_DIFF_INDENT_HEURISTIC;
    const struct git_library *git = git_library_load();
    if (!git) return -ELIBACC;
    int result = git->diff_buffers(old->size ? old->data : "", old->size, NULL, new->size ? new->data : "", new->size,
                                   NULL, &options, NULL, NULL, hunk, line, context);
    return result == 0 ? 0 : git_library_error();
}

static bool is_same(const struct diff_side *old, const struct diff_side *new)
{
    return old->size == new->size && (old->size == 0 || memcmp(old->data, new->data, old->size) == 0);
}

int text_diff_print(FILE *stream, const struct diff_side *old, const struct diff_side *new)
{
    struct printing printing = {.stream = stream, .old = old, .new = new, .coloured = stream == stdout};
    if (is_same(old, new)) return 0;
    if (text_is_binary(old->data, old->size) || text_is_binary(new->data, new->size)) {
        print_header(&printing);
        fprintf(stream, "Binary files differ: %zu and %zu bytes\n", old->size, new->size);
        return 1;
    }
    int error = compare(old, new, CONTEXT_LINES, print_hunk, print_line, &printing);
    return error && !ferror(stream) ? error : 1;
}

int text_diff_changes(const struct diff_side *old, const struct diff_side *new, text_diff_change *change, void *context)
{
    struct reporting reporting = {.change = change, .context = context};
    return is_same(old, new) ? 0 : compare(old, new, 0, report_hunk, NULL, &reporting);
}
