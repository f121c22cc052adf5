/* SPDX-License-Identifier: Apache-2.0 */
#include "text_merge.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "git_library.h"
#include "text_diff.h"

/* The longest run of one marker's character with which a line begins. */
static size_t longest_marker(const struct merge_side *side)
{
    const char *at = side->data, *end = at + side->size;
    size_t longest = 0;
    while (at < end) {
        const char *line = at, *newline = memchr(line, '\n', (size_t)(end - line));
        while (strchr("<|=>", *line) && *line && at < end && *at == *line)
            at++;
        if ((size_t)(at - line) > longest) longest = (size_t)(at - line);
        at = newline ? newline + 1 : end;
    }
    return longest;
}

/* Longer than everything in the contents that looks like a marker. 0: there is no room for such a one. */
static unsigned short marker_size(const struct merge_side *sides[3])
{
    size_t size = GIT_MERGE_CONFLICT_MARKER_SIZE;
    for (int i = 0; i < 3; i++) {
        size_t longest = longest_marker(sides[i]);
        if (longest >= size) size = longest + 1;
    }
    return size <= USHRT_MAX ? (unsigned short)size : 0;
}

/* No line of the contents began with so many of them: those that do are markers. */
size_t text_conflicts(const void *data, size_t size, size_t marker)
{
    const char *at = data, *end = at + size;
    size_t count = 0;
    while (at < end) {
        size_t run = 0;
        while (run < marker && at + run < end && at[run] == '<')
            run++;
        count += run == marker;
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline ? newline + 1 : end;
    }
    return count;
}

static git_merge_file_input input_of(const struct merge_side *side)
{
    git_merge_file_input input = GIT_MERGE_FILE_INPUT_INIT;
    input.ptr = side->size ? side->data : "";
    input.size = side->size;
    return input;
}

static int take_result(const git_merge_file_result *result, size_t marker, struct text_merge *merge)
{
    void *data = malloc(result->len + 1); /* the library's memory goes with the library's free */
    if (!data) return -ENOMEM;
    if (result->len > 0) memcpy(data, result->ptr, result->len);
    *merge = (struct text_merge){
        .data = data,
        .size = result->len,
        .conflicts = result->automergeable ? 0 : text_conflicts(data, result->len, marker),
        .marker = marker,
    };
    return 0;
}

int text_merge_init(struct text_merge *merge, const struct merge_side *base, const struct merge_side *mine,
                    const struct merge_side *theirs)
{
    const struct merge_side *sides[] = {base, mine, theirs};
    for (int i = 0; i < 3; i++)
        if (text_is_binary(sides[i]->data, sides[i]->size)) return -EILSEQ;
    git_merge_file_options options = GIT_MERGE_FILE_OPTIONS_INIT;
    options.ancestor_label = "base";
    options.our_label = "mine";
    options.their_label = "theirs";
    options.flags = GIT_MERGE_FILE_STYLE_DIFF3;
    options.marker_size = marker_size(sides);
    if (options.marker_size == 0) return -EILSEQ;
    const git_merge_file_input ancestor = input_of(base), ours = input_of(mine), others = input_of(theirs);
    git_merge_file_result result = {0};
    const struct git_library *git = git_library_load();
    if (!git) return -ELIBACC;
    if (git->merge_file(&result, &ancestor, &ours, &others, &options) != 0) return git_library_error();
    int error = take_result(&result, options.marker_size, merge);
    git->merge_file_result_free(&result);
    return error;
}

void text_merge_release(struct text_merge *merge)
{
    free(merge->data);
    *merge = (struct text_merge){0};
}
