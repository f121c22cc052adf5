/* SPDX-License-Identifier: Apache-2.0 */
#include "marked_text.h"

#include <stdlib.h>
#include <string.h>

#include "foreground.h"
#include "private_copy.h"
#include "terminal.h"
#include "verb.h"

static int look_at(const char *file, const struct private_copy *copy, const struct text_merge *merge,
                   struct occfs_content *ret_content)
{
    struct occfs_content content = {0};
    int error = private_copy_read(copy, &content);
    if (error) return failure(copy->path, error);
    size_t left = text_conflicts(content.data, content.size, merge->marker);
    if (left == 0) {
        *ret_content = content;
        return EXIT_DONE;
    }
    bool edited = content.size != merge->size || memcmp(content.data, merge->data, content.size) != 0;
    free(content.data);
    if (edited)
        complain(file, "%zu conflict%s left: nothing was changed (the text is kept in %s)", left,
                 left > 1 ? "s are" : " is", copy->path);
    else complain(file, "the conflicts are as they were: nothing was changed");
    if (!edited) private_copy_remove(copy);
    return EXIT_CONFLICT;
}

int marked_text_edit(const char *file, const struct text_merge *merge, struct occfs_content *ret_content)
{
    struct private_copy copy;
    int error = private_copy_init(&copy, file, merge->data, merge->size);
    if (error) return failure(file, error);
    int code = editor_run(copy.path);
    if (code != EXIT_DONE) complain(file, "nothing was changed (the text is kept in %s)", copy.path);
    else code = look_at(file, &copy, merge, ret_content);
    if (code == EXIT_DONE) private_copy_remove(&copy);
    return code;
}
