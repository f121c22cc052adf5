/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1024 };

static atomic_int most_verbose_level = LOG_LEVEL_INFO;
static atomic_bool to_syslog;

static const char *const level_names[] = {"error", "warning", "info", "debug"};
static const int syslog_priorities[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};

void log_set_level(enum log_level most_verbose)
{
    most_verbose_level = (int)most_verbose;
}

bool log_enabled(enum log_level level)
{
    return (int)level <= most_verbose_level;
}

void log_to_syslog(const char *identity)
{
    openlog(identity, LOG_PID, LOG_DAEMON);
    to_syslog = true;
}

void log_write(enum log_level level, const char *format, ...)
{
    if (!log_enabled(level)) return;
    char line[LINE_MAX_BYTES];
    int head = snprintf(line, sizeof line, "occfs: %s: ", level_names[level]);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + head, sizeof line - (size_t)head - 1, format, arguments);
    va_end(arguments);
    for (char *at = line; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f) *at = '?';
    if (to_syslog) {
        syslog(syslog_priorities[level], "%s", line + sizeof "occfs: " - 1);
        return;
    }
    /* One write, so that lines of several threads do not mix. */
    size_t length = strlen(line);
    line[length++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, length);
    (void)written; /* there is nowhere to complain */
}
