/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "arguments.h"
#include "bring_back.h"
#include "mountpoints.h"
#include "place.h"
#include "terminal.h"
#include "verb.h"

enum { OPTION_JSON = 256 };

static struct {
    const char *message;
    bool json;
} options;

/* ---- rights ---- */

static const char acl_name[] = "system.posix_acl_access";

/* As the kernel has access control lists in that attribute (linux/posix_acl_xattr.h), little-endian. */
enum { ACL_HEADER = 4, ACL_ENTRY = 8, ACL_OWNER = 0x01, ACL_SIZE_MAX = 4096 };

/* What the entry of a directory of history that may be read means for the file. */
static unsigned char bits_of(unsigned char directory_bits, bool runs, bool owner)
{
    unsigned char readable = directory_bits & S_IROTH;
    return (unsigned char)(readable | (readable && runs ? S_IXOTH : 0) | (owner ? S_IROTH | S_IWOTH : 0));
}

/*
 * The rights that a removed file had last stand on `f@@`: its owner and group, and who may read. Who could write it is not told: the owner
 * can. They are to be read before the name is taken again.
 */
struct rights {
    uid_t uid;
    gid_t gid;
    mode_t mode;
    unsigned char list[ACL_SIZE_MAX];
    size_t list_size; /* 0: none */
};

static int read_list(int history, bool runs, struct rights *rights)
{
    ssize_t size = fgetxattr(history, acl_name, rights->list, sizeof rights->list);
    rights->list_size = size > 0 ? (size_t)size : 0;
    if (size < 0) return errno == ENODATA || errno == EOPNOTSUPP ? 0 : -errno;
    for (unsigned char *entry = rights->list + ACL_HEADER; entry + ACL_ENTRY <= rights->list + size; entry += ACL_ENTRY)
        entry[2] = bits_of(entry[2], runs, entry[0] == ACL_OWNER);
    return 0;
}

/* `version`: the version that is brought back; it says whether the file is a program. */
static int rights_read(const char *file, int version, struct rights *ret_rights)
{
    char path[PATH_MAX];
    struct stat last, content;
    if (snprintf(path, sizeof path, "%s@@", file) >= (int)sizeof path) return -ENAMETOOLONG;
    int history = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (history < 0) return -errno;
    int error = fstat(history, &last) != 0 || fstat(version, &content) != 0 ? -errno : 0;
    if (!error) {
        bool runs = content.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH);
        ret_rights->uid = last.st_uid;
        ret_rights->gid = last.st_gid;
        ret_rights->mode =
            (mode_t)(bits_of(last.st_mode >> 6 & 7, runs, true) << 6 |
                     bits_of(last.st_mode >> 3 & 7, runs, false) << 3 | bits_of(last.st_mode & 7, runs, false));
        error = read_list(history, runs, ret_rights);
    }
    close(history);
    return error;
}

/* A user who may not give files away has made one of their own, which is for them alone. */
static int rights_give(const struct rights *rights, int fd)
{
    if (fchown(fd, rights->uid, rights->gid) != 0)
        return errno == EPERM && fchmod(fd, rights->mode & S_IRWXU) == 0 ? 0 : -errno;
    if (rights->list_size > 0 && fsetxattr(fd, acl_name, rights->list, rights->list_size, 0) != 0) return -errno;
    return fchmod(fd, rights->mode) == 0 ? 0 : -errno;
}

/* ---- the file ---- */

static int create(const struct bringing *bringing, int source)
{
    struct rights rights;
    int error = rights_read(bringing->file, source, &rights);
    if (error) return failure(bringing->file, error);
    int fd = occfs_open(AT_FDCWD, bringing->file, 0, S_IRUSR | S_IWUSR, "");
    if (fd == -EEXIST) {
        complain(bringing->file, "somebody has made it meanwhile");
        return EXIT_CONFLICT;
    }
    if (fd < 0) return failure(bringing->file, fd);
    bool ended = false;
    int code;
    error = rights_give(&rights, fd);
    if (error) {
        code = failure(bringing->file, error);
        close(fd);
    } else {
        code = bring_back(bringing, source, fd, &ended);
    }
    if (!ended) unlink(bringing->file); /* it was made for nothing */
    return code;
}

static int undelete(const struct place *place)
{
    struct occfs_version source;
    char message[64];
    int error = place_version(place, &source);
    if (error == -ENOENT) {
        complain(place->text, "nothing of that name was removed there");
        return EXIT_NO;
    }
    if (error) return failure(place->text, error);
    int fd = occfs_version_open(AT_FDCWD, place->file, source.token), code;
    if (fd < 0) {
        code = failure(place->text, fd);
    } else {
        snprintf(message, sizeof message, "undelete of %llu", (unsigned long long)source.ordinal);
        const struct bringing bringing = {.file = place->file,
                                          .source = &source,
                                          .verb = "undeleted",
                                          .message = options.message ? options.message : message,
                                          .message_wanted = options.message,
                                          .json = options.json};
        code = create(&bringing, fd);
        close(fd);
    }
    occfs_version_release(&source);
    return code;
}

static int undelete_removed(const struct place *place)
{
    struct stat status;
    int error = mountpoint_check(place->file);
    if (error) return failure(place->text, error);
    if (lstat(place->file, &status) != 0) return errno == ENOENT ? undelete(place) : failure(place->text, -errno);
    complain(place->file, "is there ('occ restore' brings back a version of it)");
    return EXIT_NO;
}

static int run(int argc, char *argv[])
{
    struct place place;
    int id;
    while ((id = option_next(argc, argv)) != -1) {
        if (id == 'm') options.message = option_message();
        options.json |= id == OPTION_JSON;
    }
    operands_check(argc, 1, 1);
    int error = place_init(&place, argv[optind]);
    if (error) return place_failure(argv[optind], error);
    int code = undelete_removed(&place);
    place_release(&place);
    int end = pager_end();
    return code ? code : end;
}

const struct verb verb_of_undelete = {
    .name = "undelete",
    .operands = "FILE[@@N]",
    .summary = "bring back a removed file",
    .help = "Makes the removed FILE anew, with the content of its newest version or of version N. It belongs to whom\n"
            "it belonged, and they who could read it can. Its history goes on.",
    .options =
        (const struct verb_option[]){
            {OPTION_JSON, "json", ARGUMENT_NONE, NULL, "print a JSON object", NULL},
            {'m', "message", ARGUMENT_TEXT, "TEXT", "for history, instead of 'undelete of N'", NULL},
            {0},
        },
    .operand = ARGUMENT_VERSION,
    .run = run,
};
