/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "described.h"
#include "place.h"
#include "siblings.h"
#include "terminal.h"
#include "text_diff.h"
#include "verb.h"

enum { OPTION_CONFLICT = 256 };

/* ---- a side: one version, with its content ---- */

struct side {
    struct place place;
    struct occfs_version version;
    struct occfs_content content;
    char detail[OCCFS_TOKEN_SIZE + TIME_TEXT_SIZE];
};

static void side_release(struct side *side)
{
    place_release(&side->place);
    occfs_version_release(&side->version);
    free(side->content.data);
}

/* Loads the version that `side->place` names. */
static int side_load(struct side *side, const char *role)
{
    char when[TIME_TEXT_SIZE];
    int error = place_version(&side->place, &side->version);
    /* By its token: the newest one may be another by now. */
    if (!error)
        error = version_content(side->place.file, side->place.version ? side->place.version : side->version.token,
                                &side->content);
    if (error) return error;
    time_text_short(side->version.time, when);
    snprintf(side->detail, sizeof side->detail, "%s%sversion %llu, %s", role, *role ? ", " : "",
             (unsigned long long)side->version.ordinal, when);
    return 0;
}

/* `version` NULL: the newest. */
static int side_init(struct side *side, const char *file, const char *version, const char *role)
{
    *side = (struct side){.place = {.text = file, .file = strdup(file), .version = version ? strdup(version) : NULL}};
    int error = side->place.file && (!version || side->place.version) ? side_load(side, role) : -ENOMEM;
    if (error) side_release(side);
    return error;
}

/* What a version replaced; nothing, if it is the first. */
static int side_init_parent(struct side *side, const struct side *of)
{
    if (of->version.parent_count > 0) return side_init(side, of->place.file, of->version.parents[0], "");
    *side = (struct side){.place = {.file = strdup(of->place.file)}, .detail = "nothing"};
    return side->place.file ? 0 : -ENOMEM;
}

static struct diff_side shown(const struct side *side)
{
    return (struct diff_side){
        .name = side->place.file, .detail = side->detail, .data = side->content.data, .size = side->content.size};
}

static int print(const struct side *old, const struct side *new)
{
    struct diff_side from = shown(old), to = shown(new);
    int result = text_diff_print(stdout, &from, &to);
    if (result < 0) return failure(new->place.file, result);
    return result ? EXIT_NO : EXIT_DONE;
}

/* ---- two versions ---- */

/* `A` and `B` as they were given: a version of the file, or FILE@@N of any. */
static int side_named(struct side *side, const char *file, const char *name)
{
    struct place place;
    if (!strstr(name, "@@")) return side_init(side, file, name, "");
    int error = place_init(&place, name);
    if (error) return error;
    error = side_init(side, place.file, place.version, "");
    place_release(&place);
    return error;
}

static int diff_versions(const char *file, const char *from, const char *to)
{
    struct side old, new;
    int error = to ? side_named(&new, file, to) : side_init(&new, file, NULL, "");
    if (error) return failure(to ? to : file, error);
    error = from ? side_named(&old, file, from) : side_init_parent(&old, &new);
    int code = error ? failure(from ? from : file, error) : print(&old, &new);
    if (!error) side_release(&old);
    side_release(&new);
    return code;
}

/* FILE [A [B]], FILE@@A [B]: without B the newest, without A what that replaced. */
static int diff_operands(char *operands[], int count)
{
    struct place place;
    int error = place_init(&place, operands[0]);
    if (error) return place_failure(operands[0], error);
    const char *from = place.version ? place.version : count > 1 ? operands[1] : NULL;
    int code = EXIT_MISUSE, used = place.version ? 1 : 2;
    const char *to = count > used ? operands[used] : NULL;
    if (count > used + 1) code = misuse("more than two versions");
    else code = diff_versions(place.file, from, to);
    place_release(&place);
    return code;
}

/* ---- a conflict ---- */

static int diff_sibling(const struct sibling *sibling)
{
    struct side base, theirs, mine;
    const char *target = sibling->target, *path = sibling->path;
    int error = side_init(&base, target, sibling->conflict.base, "base");
    if (error) return failure(target, error);
    int code = EXIT_DONE;
    error = side_init(&theirs, target, NULL, "theirs");
    if (error) {
        code = failure(target, error);
    } else {
        code = print(&base, &theirs);
        side_release(&theirs);
    }
    error = side_init(&mine, path, NULL, "mine");
    if (error) {
        code = failure(path, error);
    } else {
        int differs = print(&base, &mine);
        if (differs > code) code = differs;
        side_release(&mine);
    }
    side_release(&base);
    return code;
}

static int diff_conflict(const char *operand)
{
    struct sibling_list list;
    struct place place;
    int code = EXIT_DONE, error = place_init(&place, operand);
    if (error) return place_failure(operand, error);
    error = sibling_list_init(&list, place.file);
    if (error) code = failure(operand, error);
    else if (list.count == 0) {
        tell(operand, "has no conflict");
        sibling_list_release(&list);
        code = EXIT_DONE;
    } else {
        for (size_t i = 0; i < list.count; i++) {
            int one = diff_sibling(&list.siblings[i]);
            if (one > code) code = one;
        }
        sibling_list_release(&list);
    }
    place_release(&place);
    return code;
}

static int run(int argc, char *argv[])
{
    int id;
    bool conflict = false;
    while ((id = option_next(argc, argv)) != -1)
        conflict |= id == OPTION_CONFLICT;
    operands_check(argc, 1, conflict ? 1 : 3);
    pager_begin();
    int code = conflict ? diff_conflict(argv[optind]) : diff_operands(argv + optind, argc - optind);
    int end = pager_end();
    return end ? end : code;
}

const struct verb verb_of_diff = {
    .name = "diff",
    .operands = "FILE [A [B]]",
    .summary = "compare versions of a file",
    .help =
        "Prints the differences from version A of FILE to version B: ordinals, tokens, or FILE@@N, also of another\n"
        "file. Without B: to the newest. Without A, too: what the newest has changed. The same as 'FILE A' is "
        "FILE@@A.\n"
        "With --conflict FILE is a sibling, or has some: what the others have changed since the base (theirs), and\n"
        "what is kept in the sibling (mine). Exits with 1 if there are differences.",
    .options =
        (const struct verb_option[]){
            {OPTION_CONFLICT, "conflict", ARGUMENT_NONE, NULL, "compare the sides of a conflict", NULL},
            {0},
        },
    .operand = ARGUMENT_VERSION,
    .run = run,
};
