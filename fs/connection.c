/* SPDX-License-Identifier: Apache-2.0 */
#include "connection.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "clock.h"

static int stop_event = -1;
static int64_t poll_ns;          /* how long a reader polls before it sleeps */
static atomic_bool init_pending; /* the next answer is INIT's */
static uint32_t init_offered;    /* flags of the kernel's INIT; written before init_pending */

void connection_set_stop_event(int event)
{
    stop_event = event;
}

static void note_init(const void *request, size_t size)
{
    const struct fuse_in_header *header = request;
    const struct fuse_init_in *init = (const void *)(header + 1);
    if (size < sizeof *header + offsetof(struct fuse_init_in, flags) + sizeof init->flags) return;
    init_offered = init->flags;
    init_pending = true;
}

/* ---- what the kernel says and libfuse does not hand on ---- */

static __thread bool sheds_privileges;

bool connection_sheds_privileges(void)
{
    return sheds_privileges;
}

static bool says_so(const struct fuse_in_header *header, size_t size)
{
    const void *arguments = header + 1;
    switch (header->opcode) {
    case FUSE_WRITE: {
        const struct fuse_write_in *in = arguments;
        return size >= sizeof *in && (in->write_flags & FUSE_WRITE_KILL_SUIDGID);
    }
    case FUSE_OPEN: {
        const struct fuse_open_in *in = arguments;
        return size >= sizeof *in && (in->open_flags & FUSE_OPEN_KILL_SUIDGID);
    }
    case FUSE_CREATE: {
        const struct fuse_create_in *in = arguments;
        return size >= sizeof *in && (in->open_flags & FUSE_OPEN_KILL_SUIDGID);
    }
    default:
        return false;
    }
}

static void note_request(const void *request, size_t size)
{
    const struct fuse_in_header *header = request;
    sheds_privileges = size > sizeof *header && says_so(header, size - sizeof *header);
    if (size > sizeof *header && header->opcode == FUSE_INIT) note_init(request, size);
}

/* Sleeps until there is a request; false: told to stop. */
static bool connection_wait(int device)
{
    struct pollfd events[] = {{.fd = device, .events = POLLIN}, {.fd = stop_event, .events = POLLIN}};
    while (poll(events, 2, -1) < 0 && errno == EINTR)
        continue;
    return !(events[1].revents & POLLIN);
}

static ssize_t connection_read(int device, void *request, size_t size, void *userdata)
{
    (void)userdata;
    int64_t give_up = 0;
    for (;;) {
        ssize_t got = read(device, request, size);
        if (got > 0) note_request(request, (size_t)got);
        if (got >= 0 || errno != EAGAIN) return got;
        int64_t now = clock_monotonic_ns();
        if (give_up == 0) give_up = now + poll_ns;
        if (now < give_up) {
            sched_yield(); /* whoever sends the next request may need this processor */
            continue;
        }
        if (!connection_wait(device)) {
            errno = ENODEV; /* what an unmount gives: libfuse ends the session quietly */
            return -1;
        }
        give_up = 0;
    }
}

static ssize_t connection_writev(int device, struct iovec *vector, int count, void *userdata)
{
    (void)userdata;
    if (init_pending && count >= 2 && vector[1].iov_len >= offsetof(struct fuse_init_out, flags) + 4) {
        struct fuse_init_out *init = vector[1].iov_base;
        init->flags |= init_offered & FUSE_HANDLE_KILLPRIV_V2;
        init_pending = false;
    }
    return writev(device, vector, count);
}

int connection_init(struct filesystem *fs)
{
    static const struct fuse_custom_io io = {.writev = connection_writev, .read = connection_read};
    int device = fuse_session_fd(fs->session);
    poll_ns = (int64_t)fs->options.poll_us * 1000;
    int flags = fcntl(device, F_GETFL);
    if (flags < 0 || fcntl(device, F_SETFL, flags | O_NONBLOCK) < 0) return error_from_errno(errno);
    int failed = fuse_session_custom_io(fs->session, &io, device);
    return failed ? error_from_errno(-failed) : 0;
}
