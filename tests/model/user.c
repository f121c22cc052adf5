/* SPDX-License-Identifier: Apache-2.0 */
#include "user.h"

#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Also what chown arguments are drawn from (draw.c): 2 is in the group of 1. */
static const struct {
    uid_t uid;
    gid_t gid;
    gid_t others[1];
    size_t other_count;
} users[USERS] = {{0}, {1001, 1001, {0}, 0}, {1002, 1002, {1001}, 1}};

static void must(int result, const char *what)
{
    if (result == 0) return;
    perror(what);
    exit(2);
}

void user_become(unsigned user)
{
    if (user == 0 || user >= USERS) return;
    must(setgroups(users[user].other_count, users[user].others), "setgroups");
    must(setegid(users[user].gid), "setegid");
    must(seteuid(users[user].uid), "seteuid");
}

void user_return(void)
{
    if (geteuid() == getuid()) return;
    must(seteuid(getuid()), "seteuid");
    must(setegid(getgid()), "setegid");
    must(setgroups(0, NULL), "setgroups");
}
