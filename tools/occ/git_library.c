/* SPDX-License-Identifier: Apache-2.0 */
#include "git_library.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "terminal.h"

static const char file_name[] = "libgit2.so." LIBGIT2_SOVERSION; /* the one whose headers these are */

static struct git_library library;

static void end(void)
{
    library.shutdown();
}

static bool find(void *handle, const char *name, void *ret_function)
{
    void *address = dlsym(handle, name);
    *(void **)ret_function = address; /* as dlsym(3) has it */
    return address;
}

static bool find_all(void *handle)
{
    return find(handle, "git_libgit2_init", &library.init) && find(handle, "git_libgit2_shutdown", &library.shutdown) &&
           find(handle, "git_error_last", &library.error_last) &&
           find(handle, "git_diff_buffers", &library.diff_buffers) &&
           find(handle, "git_merge_file", &library.merge_file) &&
           find(handle, "git_merge_file_result_free", &library.merge_file_result_free);
}

const struct git_library *git_library_load(void)
{
    static bool begun;
    if (begun) return &library;
    void *handle = dlopen(file_name, RTLD_NOW | RTLD_LOCAL);
    if (!handle || !find_all(handle)) {
        complain(file_name, "cannot be loaded (install libgit2)");
        return NULL;
    }
    begun = library.init() >= 0 && atexit(end) == 0;
    return begun ? &library : NULL;
}

int git_library_error(void)
{
    const git_error *error = library.error_last();
    return error && error->klass == GIT_ERROR_NOMEMORY ? -ENOMEM : -EFBIG;
}
