/* SPDX-License-Identifier: Apache-2.0 */
#include "content.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "side.h"

enum { PIECE = 128 * 1024, LARGE_HOLE = 8 * 1024 * 1024 };

static bool same_piece(const int descriptors[2], off_t at, ssize_t *ret_got, const char *object,
                       struct complaint *complaint)
{
    static uint8_t bytes[SIDES][PIECE];
    ssize_t got[SIDES];
    for (unsigned which = 0; which < SIDES; which++) {
        got[which] = pread(descriptors[which], bytes[which], PIECE, at);
        if (got[which] < 0)
            return complain(complaint, "read", "%s: read at %lld on the %s: %s", object, (long long)at,
                            which == MOUNT ? "mount" : "plain directory", strerrorname_np(errno));
    }
    if (got[PLAIN] != got[MOUNT])
        return complain(complaint, "content", "%s: %zd bytes at %lld, on the mount %zd", object, got[PLAIN],
                        (long long)at, got[MOUNT]);
    for (ssize_t i = 0; i < got[PLAIN]; i++)
        if (bytes[PLAIN][i] != bytes[MOUNT][i])
            return complain(complaint, "content", "%s: byte %lld is %02x, on the mount %02x", object,
                            (long long)(at + i), bytes[PLAIN][i], bytes[MOUNT][i]);
    *ret_got = got[PLAIN];
    return true;
}

/* Where to read on after `at`: the last piece of a large hole, or here. */
static off_t skip_hole(int plain, off_t at)
{
    off_t data = lseek(plain, at, SEEK_DATA);
    off_t end = data >= 0 ? data : lseek(plain, 0, SEEK_END);
    return end - at > LARGE_HOLE ? end - PIECE : at;
}

bool content_same(const int descriptors[2], const char *object, struct complaint *complaint)
{
    ssize_t got = 0;
    for (off_t at = 0;; at = skip_hole(descriptors[PLAIN], at + got)) {
        if (!same_piece(descriptors, at, &got, object, complaint)) return false;
        if (got == 0) return true;
    }
}
