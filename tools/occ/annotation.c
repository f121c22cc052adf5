/* SPDX-License-Identifier: Apache-2.0 */
#include "annotation.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "place.h"
#include "terminal.h"
#include "text_diff.h"

static const size_t NO_LINE = SIZE_MAX;

/* One version that is looked at, and for each line of it which line of the newest it has become, or NO_LINE. */
struct stage {
    struct occfs_content content;
    size_t *becomes;
    size_t count;
};

static void stage_release(struct stage *stage)
{
    free(stage->content.data);
    free(stage->becomes);
}

static size_t count_lines(const struct occfs_content *content)
{
    size_t count = 0;
    const char *at = content->data, *end = at + content->size;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline ? newline + 1 : end;
        count++;
    }
    return count;
}

static int stage_init(struct stage *stage, const char *file, const char *token)
{
    *stage = (struct stage){0};
    int error = version_content(file, token, &stage->content);
    if (error) return error;
    stage->count = count_lines(&stage->content);
    stage->becomes = calloc(stage->count + 1, sizeof *stage->becomes);
    if (stage->becomes) return 0;
    stage_release(stage);
    return -ENOMEM;
}

/* ---- one step back ---- */

struct step {
    struct annotation *annotation;
    const struct stage *new;
    struct stage *old;
    size_t new_at, old_at; /* up to where both have been gone through */
    size_t left;           /* lines that are still to be found */
};

/* Lines that both have. */
static void pass_on(struct step *step, size_t count)
{
    for (; count > 0 && step->old_at < step->old->count && step->new_at < step->new->count; count--)
        step->old->becomes[step->old_at++] = step->new->becomes[step->new_at++];
}

/* Lines that came with the newer one. */
static void settle(struct step *step, size_t count)
{
    for (; count > 0 && step->new_at < step->new->count; count--) {
        size_t line = step->new->becomes[step->new_at++];
        if (line == NO_LINE) continue;
        step->annotation->lines[line].version = step->annotation->version_count - 1;
        step->left--;
    }
}

static void change(void *context, struct line_range old, struct line_range new)
{
    struct step *step = context;
    pass_on(step, new.start - step->new_at);
    settle(step, new.count);
    for (size_t i = 0; i < old.count && step->old_at < step->old->count; i++)
        step->old->becomes[step->old_at++] = NO_LINE;
}

static int append_version(struct annotation *annotation, const struct occfs_version *version)
{
    struct occfs_version *more = reallocarray(annotation->versions, annotation->version_count + 1, sizeof *more);
    if (!more) return -ENOMEM;
    annotation->versions = more;
    annotation->versions[annotation->version_count++] = *version;
    return 0;
}

/* Looks for the lines of `stage`, which shows the last of the versions, in its parent, which is `stage` then. 1: there is more to be
 * found; 0: all is found. */
static int step_back(struct annotation *annotation, const char *file, struct stage *stage, size_t *left)
{
    const struct occfs_version *version = &annotation->versions[annotation->version_count - 1];
    struct occfs_version parent;
    struct stage old = {0};
    struct step step = {.annotation = annotation, .new = stage, .old = &old, .left = *left};
    int error = version->parent_count ? occfs_version(AT_FDCWD, file, version->parents[0], &parent) : -ENOENT;
    if (!error) {
        error = stage_init(&old, file, parent.token);
        if (error) occfs_version_release(&parent);
    }
    if (error == -ENOENT) { /* of another file, or not kept any more: they came with this one, as far as can be told */
        settle(&step, stage->count);
        return 0;
    }
    if (error) return error;
    error =
        text_diff_changes(&(struct diff_side){.data = old.content.data, .size = old.content.size},
                          &(struct diff_side){.data = stage->content.data, .size = stage->content.size}, change, &step);
    if (!error) pass_on(&step, stage->count - step.new_at);
    if (!error) error = append_version(annotation, &parent);
    if (error) {
        occfs_version_release(&parent);
        stage_release(&old);
        return error;
    }
    stage_release(stage);
    *stage = old;
    *left = step.left;
    return step.left > 0;
}

/* ---- all of them ---- */

static int split(struct annotation *annotation)
{
    const char *at = annotation->content.data, *end = at + annotation->content.size;
    annotation->line_count = count_lines(&annotation->content);
    annotation->lines = calloc(annotation->line_count + 1, sizeof *annotation->lines);
    if (!annotation->lines) return -ENOMEM;
    for (struct annotated_line *line = annotation->lines; at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        *line = (struct annotated_line){.text = at, .length = (size_t)((newline ? newline : end) - at)};
        at += line->length + 1;
    }
    return 0;
}

static int find_versions(struct annotation *annotation, const char *file)
{
    struct stage stage;
    size_t left = annotation->line_count;
    int result = stage_init(&stage, file, annotation->versions[0].token);
    if (result) return result;
    for (size_t i = 0; i < stage.count; i++)
        stage.becomes[i] = i;
    result = left > 0;
    while (result == 1) {
        result = step_back(annotation, file, &stage, &left);
        progress("lines", annotation->line_count - left, annotation->line_count);
    }
    progress_end();
    stage_release(&stage);
    return result;
}

int annotation_init(struct annotation *annotation, const char *file, struct occfs_version *version)
{
    *annotation = (struct annotation){0};
    int error = append_version(annotation, version);
    if (error) occfs_version_release(version);
    if (!error) error = version_content(file, version->token, &annotation->content);
    if (!error && text_is_binary(annotation->content.data, annotation->content.size)) error = -EILSEQ;
    if (!error) error = split(annotation);
    if (!error) error = find_versions(annotation, file);
    if (error) annotation_release(annotation);
    return error;
}

void annotation_release(struct annotation *annotation)
{
    for (size_t i = 0; i < annotation->version_count; i++)
        occfs_version_release(&annotation->versions[i]);
    free(annotation->versions);
    free(annotation->lines);
    free(annotation->content.data);
    *annotation = (struct annotation){0};
}
