/* SPDX-License-Identifier: Apache-2.0 */
#include "git_library.h"

#include <errno.h>
#include <stdlib.h>

#include <git2.h>

static void end(void)
{
    git_libgit2_shutdown();
}

bool git_library_ready(void)
{
    static bool begun;
    if (!begun && git_libgit2_init() >= 0) begun = atexit(end) == 0;
    return begun;
}

int git_library_error(void)
{
    const git_error *error = git_error_last();
    return error && error->klass == GIT_ERROR_NOMEMORY ? -ENOMEM : -EFBIG;
}
