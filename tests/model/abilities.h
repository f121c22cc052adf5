/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_ABILITIES_H
#define MODEL_ABILITIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What both sides can do, found by trying: nothing else is drawn. */
struct abilities {
    int64_t fallocate_modes[8];
    size_t fallocate_mode_count;
    bool trusted_xattrs, security_xattrs;
    bool users;      /* the model may become other users */
    bool set_id;     /* modes with set-id bits: whoever runs the model says so */
    bool fine_times; /* each change after a look gives a new time */
};

/* Tries in files of two directories. false, told on standard error: a directory cannot be used. */
bool abilities_find(const char *plain, const char *mount, struct abilities *ret_abilities);

/* One line for people. */
void abilities_print(const struct abilities *abilities);

#endif
