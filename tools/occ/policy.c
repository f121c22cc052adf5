/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#include "arguments.h"
#include "described.h"
#include "effective_policy.h"
#include "mountpoints.h"
#include "terminal.h"
#include "verb.h"

enum { OPTION_JSON = 256 };

static const char attribute[] = "user.occ.policy";

static int get(const char *path, bool json)
{
    struct effective_policy effective;
    int code = EXIT_DONE, error = effective_policy_init(&effective, path);
    if (error) return failure(path, error);
    if (json) {
        code = json_print(json_pack("{s:o, s:s, s:o}", "path", json_of_text(path), "policy", effective.policy, "from",
                                    json_of_text(effective.from)));
    } else {
        printf("%s", effective.policy);
        if (effective.from && !quiet) {
            printf("\tset on ");
            print_text(effective.from);
        } else if (!quiet) {
            printf("\tof the mount");
        }
        putchar('\n');
    }
    effective_policy_release(&effective);
    return code;
}

/* `policy` NULL: none is to be set any more. */
static int set(const char *path, const char *policy)
{
    int error = mountpoint_check(path);
    if (error) return failure(path, error);
    int result = policy ? setxattr(path, attribute, policy, strlen(policy), 0) : removexattr(path, attribute);
    if (result == 0 || (!policy && errno == ENODATA)) return EXIT_DONE;
    if (errno == EINVAL && policy)
        return misuse("%s: no policy that can be set here (reject or live, on regular files and directories)", policy);
    if (errno != EPERM) return failure(path, -errno);
    complain(path, "only its owner and root may set the policy");
    return EXIT_FAILURE_IO;
}

static int act(char *operands[], int count, bool json)
{
    const char *what = operands[0];
    if (strcmp(what, "get") == 0 && count == 2) return get(operands[1], json);
    if (json) return misuse("--json goes with get");
    if (strcmp(what, "set") == 0 && count == 3) return set(operands[2], operands[1]);
    if (strcmp(what, "unset") == 0 && count == 2) return set(operands[1], NULL);
    return misuse("'get PATH', 'set POLICY PATH' or 'unset PATH' is wanted");
}

static int run(int argc, char *argv[])
{
    bool json = false;
    int id;
    while ((id = option_next(argc, argv)) != -1)
        json |= id == OPTION_JSON;
    operands_check(argc, 1, 3);
    int code = act(argv + optind, argc - optind, json);
    int end = pager_end();
    return code ? code : end;
}

const struct verb verb_of_policy = {
    .name = "policy",
    .operands = "get PATH | set POLICY PATH | unset PATH",
    .summary = "tell or set what happens when writers meet",
    .help =
        "get tells the policy of a file or directory and where it is set: on itself, on a directory above it, or for\n"
        "the mount. set sets it, for a directory also for all below that have none of their own; unset takes that\n"
        "back. POLICY is\n"
        "  reject  each writer has a draft of its own; who would overwrite what they have not seen is refused\n"
        "  live    one content for everybody at once, as on other filesystems; versions are made now and then",
    .options =
        (const struct verb_option[]){
            {OPTION_JSON, "json", ARGUMENT_NONE, NULL, "with get: print a JSON object", NULL},
            {0},
        },
    .operand = ARGUMENT_PATH,
    .words = "get|set|unset",
    .run = run,
};
