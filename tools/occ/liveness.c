/* SPDX-License-Identifier: Apache-2.0 */
#include "liveness.h"

#include <stdbool.h>
#include <string.h>

#include "effective_policy.h"
#include "terminal.h"
#include "verb.h"

int liveness_refuse(const char *file)
{
    struct effective_policy effective;
    if (effective_policy_init(&effective, file) != 0) return EXIT_DONE;
    bool live = strcmp(effective.policy, "live") == 0;
    effective_policy_release(&effective);
    if (!live) return EXIT_DONE;
    complain(file, "a live file: a change by somebody else would not be noticed ('occ put --force' writes to it)");
    return EXIT_FAILURE_IO;
}
