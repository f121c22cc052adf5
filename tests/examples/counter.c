/* SPDX-License-Identifier: Apache-2.0 */

/*
 * usage: counter FILE [TIMES]
 * Adds 1 to the number in FILE, which is made if there is none. However many do so at once, none of them is lost.
 *
 *     cc -o counter counter.c $(pkg-config --cflags --libs occfs)
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <occfs.h>

/* Called again with the newest content, if somebody else was faster. */
static int add_one(void *context, const struct occfs_content *old, void **ret_data, size_t *ret_size)
{
    unsigned long *number = context;
    char text[32] = "";
    if (old->size >= sizeof text) return -EFBIG;
    if (old->size > 0) memcpy(text, old->data, old->size);
    *number = strtoul(text, NULL, 10) + 1;
    int size = snprintf(text, sizeof text, "%lu\n", *number);
    *ret_data = strdup(text);
    if (!*ret_data) return -ENOMEM;
    *ret_size = (size_t)size;
    return 0;
}

int main(int argc, char *argv[])
{
    /* Where many count at once, each waits for a time that nobody knows. */
    const struct occfs_retry patient = {.tries = 1000, .delay_ms = 5, .factor = 2, .full_jitter = true, .max_ms = 200};
    const struct occfs_update_options options = {
        .retry = &patient, .message = "one more", .create = true, .mode = 0666};
    unsigned long number = 0;
    if (argc < 2) {
        fprintf(stderr, "usage: counter FILE [TIMES]\n");
        return 2;
    }
    for (int left = argc > 2 ? atoi(argv[2]) : 1; left > 0; left--) {
        struct occfs_outcome outcome;
        int error = occfs_update(AT_FDCWD, argv[1], add_one, &number, &options, &outcome);
        if (error) {
            fprintf(stderr, "counter: %s: %s\n", argv[1], strerror(-error));
            return 1;
        }
        if (outcome.result == OCCFS_CONFLICT) {
            fprintf(stderr, "counter: %s: somebody was faster, %u times\n", argv[1], outcome.tries);
            occfs_outcome_release(&outcome);
            return 75;
        }
    }
    printf("%lu\n", number);
    return 0;
}
