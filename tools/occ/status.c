/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arguments.h"
#include "attribute.h"
#include "described.h"
#include "effective_policy.h"
#include "mount_status.h"
#include "place.h"
#include "siblings.h"
#include "terminal.h"
#include "verb.h"

enum { OPTION_JSON = 256, LABEL_WIDTH = 10 };

static bool json_wanted;

static void print_label(const char *label)
{
    printf("%*s: ", LABEL_WIDTH, label);
}

static void print_row(const char *label, const char *text)
{
    print_label(label);
    print_text(text);
    putchar('\n');
}

/* Of an object that the mount has made: "" for what is not there. */
static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static long long number_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

/* ---- a mount ---- */

static void print_options(const json_t *options)
{
    const char *key;
    json_t *value;
    const char *separator = "";
    print_label("Options");
    json_object_foreach((json_t *)options, key, value)
    {
        char *text = json_dumps(value, JSON_ENCODE_ANY);
        size_t quotes = text && *text == '"';
        printf("%s%s=%.*s", separator, key, text ? (int)(strlen(text) - 2 * quotes) : 1, text ? text + quotes : "?");
        separator = ", ";
        free(text);
    }
    putchar('\n');
}

static void print_draft(const json_t *draft)
{
    const char *path = text_of(draft, "path");
    printf("%*s  ", LABEL_WIDTH, "");
    print_text(*path ? path : "(removed)");
    printf(", by ");
    print_text(text_of(draft, "command"));
    printf(" (pid %lld, %s), %lld bytes%s, since %s\n", number_of(draft, "pid"),
           user_name((uid_t)number_of(draft, "uid")), number_of(draft, "size"),
           json_is_true(json_object_get(draft, "changed")) ? ", changed" : "", text_of(draft, "since"));
}

static void print_uptime(const char *version, pid_t daemon, long long seconds)
{
    print_label("Daemon");
    printf("occfs %s, ", version);
    if (daemon) printf("pid %d, ", (int)daemon);
    printf("up %lldd %02lld:%02lld:%02lld\n", seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
}

static void print_mount(const struct mountpoint *mount, const json_t *status)
{
    const json_t *store = json_object_get(status, "store"), *drafts = json_object_get(status, "drafts");
    printf("%s", colour(COLOUR_BOLD));
    print_text(mount->point);
    printf("%s\n", colour(COLOUR_NONE));
    print_row("Store", text_of(store, "path"));
    printf("%*s  id %s, format %lld, of %s\n", LABEL_WIDTH, "", text_of(store, "id"), number_of(store, "format"),
           text_of(store, "created"));
    print_uptime(text_of(status, "version"), mountpoint_daemon(mount), number_of(status, "uptime_seconds"));
    print_options(json_object_get(status, "options"));
    print_label("Open");
    printf("%lld files, %lld drafts\n", number_of(status, "files_open"), number_of(status, "drafts_open"));
    for (size_t i = 0; i < json_array_size(drafts); i++)
        print_draft(json_array_get(drafts, i));
    print_label("Conflicts");
    printf("%lld unresolved\n", number_of(status, "conflicts"));
}

static int show_mount(const char *path)
{
    struct mountpoint_list list;
    const struct mountpoint *mount;
    json_t *status;
    int code = EXIT_DONE, error = mountpoint_list_init(&list);
    if (error) return failure(path, error);
    error = mountpoint_of(&list, path, &mount);
    if (!error) error = mount_status(&list, mount, &status);
    if (error) {
        code = failure(path, error);
    } else if (json_wanted) {
        pid_t daemon = mountpoint_daemon(mount);
        json_object_set_new(status, "mountpoint", json_of_text(mount->point));
        json_object_set_new(status, "pid", daemon ? json_integer(daemon) : json_null());
        code = json_print(status);
    } else {
        print_mount(mount, status);
        json_decref(status);
    }
    mountpoint_list_release(&list);
    return code;
}

/* ---- a file ---- */

struct file_status {
    const char *file;
    bool removed;
    struct occfs_version version;
    struct effective_policy policy; /* none of a removed file */
    struct sibling_list siblings;
    char *target; /* if the file is itself a sibling: of what; else NULL */
    json_t *last; /* user.occ.last: an object or null */
};

static int read_last(struct file_status *status)
{
    char *text;
    int error = attribute_get(AT_FDCWD, status->file, "user.occ.last", &text);
    if (error) return error;
    status->last = json_loads(text, JSON_DECODE_ANY, NULL);
    free(text);
    return status->last ? 0 : -EPROTO;
}

static void file_status_release(struct file_status *status)
{
    occfs_version_release(&status->version);
    effective_policy_release(&status->policy);
    sibling_list_release(&status->siblings);
    free(status->target);
    json_decref(status->last);
}

/* A sibling is not one of its own conflicts. */
static int take_target(struct file_status *status)
{
    const struct sibling *first = status->siblings.siblings;
    if (status->siblings.count != 1 || strcmp(first->path, status->file) != 0) return 0;
    status->target = strdup(first->target);
    sibling_list_release(&status->siblings);
    return status->target ? 0 : -ENOMEM;
}

static int file_status_init(struct file_status *status, const struct place *place, bool removed)
{
    *status = (struct file_status){.file = place->file, .removed = removed};
    int error = place_version(place, &status->version);
    if (!error) error = sibling_list_init(&status->siblings, place->file);
    if (!error) error = take_target(status);
    if (!error && !removed) error = effective_policy_init(&status->policy, place->file);
    if (!error && !removed) error = read_last(status);
    if (error) file_status_release(status);
    return error;
}

static json_t *siblings_json(const struct sibling_list *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array, json_of_text(list->siblings[i].path));
    return array;
}

static int print_file_json(const struct file_status *status)
{
    return json_print(json_pack(
        "{s:o, s:b, s:o, s:s?, s:o, s:o, s:o, s:O?}", "path", json_of_text(status->file), "removed", status->removed,
        "version", json_of_version(&status->version), "policy", status->removed ? NULL : status->policy.policy,
        "policy_from", json_of_text(status->policy.from), "siblings", siblings_json(&status->siblings), "sibling_of",
        json_of_text(status->target), "last", status->last ? status->last : json_null()));
}

static void print_last(const json_t *last)
{
    const json_t *writer = json_object_get(last, "writer");
    const char *sibling = text_of(last, "sibling");
    print_label("Last");
    printf("%s of a %s by ", text_of(last, "kind"), text_of(last, "operation"));
    print_text(text_of(writer, "command"));
    printf(" (pid %lld, %s), %s", number_of(writer, "pid"), user_name((uid_t)number_of(writer, "uid")),
           text_of(last, "time"));
    if (*sibling) printf(", kept in ");
    print_text(sibling);
    putchar('\n');
}

static int print_file(const struct file_status *status)
{
    char who[WHO_TEXT_SIZE], when[TIME_TEXT_SIZE];
    const struct occfs_version *version = &status->version;
    writer_text(&version->writer, who);
    time_text(version->time, when);
    printf("%s", colour(COLOUR_BOLD));
    print_text(status->file);
    printf("%s%s\n", colour(COLOUR_NONE), status->removed ? " (removed; 'occ undelete' brings it back)" : "");
    print_label("Version");
    printf("%llu %s\n", (unsigned long long)version->ordinal, version->token);
    print_row("Author", who);
    print_label("Change");
    printf("%s, %s\n", version->operation, when);
    if (version->message) print_row("Message", version->message);
    print_label("Content");
    printf("%llu bytes, hash %s\n", (unsigned long long)version->size, version->hash);
    if (!status->removed) {
        print_label("Policy");
        printf("%s%s", status->policy.policy, status->policy.from ? ", set on " : ", of the mount");
        print_text(status->policy.from ? status->policy.from : "");
        putchar('\n');
    }
    if (status->target) print_row("Sibling of", status->target);
    print_label("Conflicts");
    printf("%zu unresolved\n", status->siblings.count);
    for (size_t i = 0; i < status->siblings.count; i++) {
        printf("%*s  %s", LABEL_WIDTH, "", colour(COLOUR_RED));
        print_text(status->siblings.siblings[i].path);
        printf("%s\n", colour(COLOUR_NONE));
    }
    if (json_is_object(status->last)) print_last(status->last);
    return EXIT_DONE;
}

static int show_file(const struct place *place, bool removed)
{
    struct file_status status;
    int error = file_status_init(&status, place, removed);
    if (error) return failure(place->text, error);
    int code = json_wanted ? print_file_json(&status) : print_file(&status);
    file_status_release(&status);
    return code;
}

/* ---- the verb ---- */

static int show(const char *operand)
{
    struct place place;
    struct stat status;
    int error = place_init(&place, operand), code;
    if (error) return place_failure(operand, error);
    bool there = stat(place.file, &status) == 0;
    if (place.version) code = misuse("%s: a file or a mount is wanted, not a version", operand);
    else if (!there && errno != ENOENT) code = failure(operand, -errno);
    else if (there && !S_ISREG(status.st_mode)) code = show_mount(place.file);
    else code = show_file(&place, !there);
    place_release(&place);
    return code;
}

static int run(int argc, char *argv[])
{
    int id, code = EXIT_DONE;
    while ((id = option_next(argc, argv)) != -1)
        json_wanted |= id == OPTION_JSON;
    operands_check(argc, 0, -1);
    if (optind == argc) code = show(".");
    for (int i = optind; i < argc; i++) {
        int one = show(argv[i]);
        if (one > code) code = one;
    }
    int end = pager_end();
    return end ? end : code;
}

const struct verb verb_of_status = {
    .name = "status",
    .operands = "[MOUNT | FILE]...",
    .summary = "tell the state of a mount or a file",
    .help = "Of a mount: its store, its daemon and options, and what is open. Any directory on it will do; without an\n"
            "argument it is the current one. Of a file: its newest version, policy, unresolved conflicts and the last\n"
            "thing that went wrong.",
    .options =
        (const struct verb_option[]){
            {OPTION_JSON, "json", ARGUMENT_NONE, NULL, "one JSON object a line", NULL},
            {0},
        },
    .operand = ARGUMENT_PATH,
    .run = run,
};
