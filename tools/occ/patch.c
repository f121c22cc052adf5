/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "diff_patch.h"
#include "json_merge_patch.h"
#include "json_patch.h"
#include "spool.h"
#include "terminal.h"
#include "updating.h"
#include "verb.h"

enum { OPTION_TYPE = 256 };

enum patch_type { PATCH_BY_CONTENT, PATCH_JSON, PATCH_MERGE, PATCH_DIFF };

struct patch {
    enum patch_type type;
    const char *file, *name; /* of what is patched, and of the patch, for messages */
    void *data;
    size_t size;
};

/* ---- applying ---- */

/* Which exit code an error of a patch of JSON is, and whose it is. */
static int complain_json(const struct patch *patch, const struct json_error *error)
{
    switch (error->kind) {
    case JSON_BAD_PATCH:
    case JSON_MALFORMED_PATCH:
        complain(patch->name, "not a patch that can be applied: %s", error->text);
        return EXIT_MISUSE;
    case JSON_TEST_FAILED:
    case JSON_NOT_FOUND:
    case JSON_AMBIGUOUS:
        complain(patch->file, "%s (nothing was changed)", error->text);
        return EXIT_NO;
    case JSON_BAD_DOCUMENT:
        complain(patch->file, "its content is no JSON: %s (nothing was changed)", error->text);
        return EXIT_FAILURE_IO;
    default:
        complain(patch->file, "%s (nothing was changed)", error->text);
        return EXIT_FAILURE_IO;
    }
}

static int apply_json(const struct patch *patch, struct slice document, void **ret_data, size_t *ret_size)
{
    struct slice text = SLICE(patch->data, patch->size);
    struct json_error why;
    struct buffer result;
    buffer_init(&result);
    int error = patch->type == PATCH_JSON ? json_patch_apply(document, text, &result, &why)
                                          : json_merge_patch_apply(document, text, &result, &why);
    if (error) {
        buffer_release(&result);
        return error == ERR_INVAL ? complain_json(patch, &why) : failure(patch->file, -error_errno(error));
    }
    *ret_data = result.data;
    *ret_size = result.size;
    return EXIT_DONE;
}

static int apply_diff(const struct patch *patch, struct slice content, void **ret_data, size_t *ret_size)
{
    char text[DIFF_TEXT_SIZE];
    int result = diff_patch_apply(content.data, content.size, patch->data, patch->size, ret_data, ret_size, text);
    switch (result) {
    case DIFF_APPLIED:
        return EXIT_DONE;
    case DIFF_REJECTED:
        complain(patch->file, "%s does not fit its content: %s (nothing was changed)", patch->name, text);
        return EXIT_NO;
    case DIFF_FAILED:
        complain(patch->file, "patch(1) failed: %s (nothing was changed)", text);
        return EXIT_FAILURE_IO;
    case -ENOENT:
        complain("patch", "no such program (it applies differences: install it)");
        return EXIT_FAILURE_IO;
    default:
        return failure(patch->file, result);
    }
}

/* A file that is made begins as nothing: to a patch of JSON that is null. */
static int apply(void *context, const struct occfs_content *old, void **ret_data, size_t *ret_size)
{
    static const char nothing[] = "null\n";
    const struct patch *patch = context;
    struct slice content = SLICE(old->data, old->size);
    if (patch->type == PATCH_DIFF) return apply_diff(patch, content, ret_data, ret_size);
    return apply_json(patch, old->token[0] ? content : SLICE_STRING(nothing), ret_data, ret_size);
}

/* ---- the patch ---- */

static int read_patch(struct patch *patch, int fd)
{
    int spool = spool_open();
    int error = spool < 0 ? spool : spool_receive(spool, fd, "reading");
    if (!error) error = spool_content(spool, &patch->data, &patch->size);
    if (spool >= 0) close(spool);
    return error;
}

/* From a file, or from standard input. */
static int load(struct patch *patch, const char *path)
{
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : STDIN_FILENO;
    int error = fd < 0 ? -errno : read_patch(patch, fd);
    if (path && fd >= 0) close(fd);
    return error;
}

/* What the first character says that is no space and no byte order mark. */
static enum patch_type type_of(const struct patch *patch)
{
    const char *at = patch->data, *end = at + patch->size;
    if (patch->size >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0) at += 3;
    while (at < end && strchr(" \t\r\n", *at))
        at++;
    return at == end ? PATCH_BY_CONTENT : *at == '[' ? PATCH_JSON : *at == '{' ? PATCH_MERGE : PATCH_DIFF;
}

static int check(struct patch *patch)
{
    if (patch->type == PATCH_BY_CONTENT) patch->type = type_of(patch);
    const char *wrong = patch->type == PATCH_BY_CONTENT ? "it is empty"
                        : patch->type == PATCH_DIFF     ? diff_patch_check(patch->data, patch->size)
                                                        : NULL;
    if (!wrong) return EXIT_DONE;
    complain(patch->name, "not a patch that can be applied: %s", wrong);
    return EXIT_MISUSE;
}

/* ---- the verb ---- */

static enum patch_type type_argument(void)
{
    if (strcmp(optarg, "json") == 0) return PATCH_JSON;
    if (strcmp(optarg, "merge") == 0) return PATCH_MERGE;
    if (strcmp(optarg, "diff") == 0) return PATCH_DIFF;
    exit(misuse("%s: not a type of patch (json, merge or diff)", optarg));
}

static int run(int argc, char *argv[])
{
    struct updating updating = {0};
    struct patch patch = {0};
    for (int id; (id = option_next(argc, argv)) != -1;) {
        if (id == OPTION_TYPE) patch.type = type_argument();
        else updating_option(&updating, id);
    }
    operands_check(argc, 1, 2);
    patch.file = argv[optind];
    const char *path = argc - optind > 1 && strcmp(argv[optind + 1], "-") != 0 ? argv[optind + 1] : NULL;
    patch.name = path ? path : "standard input";
    int error = load(&patch, path);
    int code = error ? failure(patch.name, error) : check(&patch);
    if (code == EXIT_DONE) code = updating_run(&updating, patch.file, apply, &patch);
    free(patch.data);
    return code;
}

const struct verb verb_of_patch = {
    .name = "patch",
    .operands = "FILE [PATCH]",
    .summary = "apply a patch to a file, again after a conflict",
    .help = "Applies PATCH, or standard input, to the newest version of FILE: a JSON Patch (RFC 6902), which begins "
            "with [, a\n"
            "JSON Merge Patch (RFC 7386), which begins with {, or a unified difference. If somebody else was faster, "
            "it is\n"
            "applied to what FILE is then. All that the patch does not touch stays as it is, byte for byte.",
    .options =
        (const struct verb_option[]){
            {OPTION_TYPE, "type", ARGUMENT_WORD, "TYPE", "json, merge or diff; else by content", "json|merge|diff"},
            UPDATING_OPTIONS,
            {0},
        },
    .operand = ARGUMENT_PATH,
    .run = run,
};
