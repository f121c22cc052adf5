/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_LOG_H
#define OCC_LOG_H

#include <stdarg.h>
#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/*
 * Where lines go: standard error until log_to_syslog is called (the daemon does when it has gone to the
 * background). One line per call, `occfs: LEVEL: text`, at most 1024 bytes, control characters of
 * the text replaced by '?', so that a file's name cannot forge a line. Thread-safe.
 */
void log_set_level(enum log_level most_verbose);
bool log_enabled(enum log_level level);
void log_to_syslog(const char *identity);

__attribute__((format(printf, 2, 3))) void log_write(enum log_level level, const char *format, ...);

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
/* Arguments are evaluated only when debug lines are written. */
#define log_debug(...)                                                                                                 \
    do {                                                                                                               \
        if (log_enabled(LOG_LEVEL_DEBUG)) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__);                                     \
    } while (0)

#endif
