/* SPDX-License-Identifier: Apache-2.0 */
#include "terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arguments.h"
#include "verb.h"

static pid_t pager;

/* ---- messages ---- */

__attribute__((format(printf, 2, 0))) static void put_line(const char *place, const char *format, va_list arguments)
{
    char text[4096];
    int at = snprintf(text, sizeof text, "occ: %s%s", place ? place : "", place ? ": " : "");
    if (at >= 0 && at < (int)sizeof text) vsnprintf(text + at, sizeof text - (size_t)at, format, arguments);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' && ((*c != '\n' && *c != '\t') || c < text + at)) *c = '?';
    progress_end();
    fflush(stdout);
    fprintf(stderr, "%s\n", text);
}

void complain(const char *place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_line(place, format, arguments);
    va_end(arguments);
}

void tell(const char *place, const char *format, ...)
{
    va_list arguments;
    if (quiet) return;
    va_start(arguments, format);
    put_line(place, format, arguments);
    va_end(arguments);
}

int failure(const char *place, int error)
{
    switch (-error) {
    case EOPNOTSUPP:
        complain(place, "not a file of an occfs mount ('occ mounts' lists them)");
        return EXIT_NOWHERE;
    case ENOTCONN:
    case ECONNABORTED:
        complain(place, "the daemon of this mount is gone (unmount it with 'umount -l', and start occfs again)");
        return EXIT_NOWHERE;
    case ENOENT:
        complain(place, "no such file or version");
        return EXIT_NO;
    case EPROTO:
        complain(place, "the mount answers what this program does not understand (are occ and occfs of one version?)");
        return EXIT_FAILURE_IO;
    case ESTALE:
        complain(place, "changed meanwhile (try again)");
        return EXIT_CONFLICT;
    default:
        complain(place, "%s", strerror(-error));
        return EXIT_FAILURE_IO;
    }
}

void print_text(const char *text)
{
    for (; *text; text++)
        putchar((unsigned char)*text < ' ' && *text != '\t' ? '?' : *text);
}

/* ---- colour and the pager ---- */

bool colour_wanted(void)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return (pager || isatty(STDOUT_FILENO)) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

const char *colour(enum colour colour)
{
    static const char *const sequences[] = {"\033[m", "\033[31m", "\033[32m", "\033[33m", "\033[36m", "\033[1m"};
    return colour_wanted() ? sequences[colour] : "";
}

static const char *pager_command(void)
{
    const char *command = getenv("OCC_PAGER");
    if (!command) command = getenv("PAGER");
    return command ? command : "if command -v less >/dev/null; then exec less; else exec cat; fi";
}

void pager_begin(void)
{
    const char *command = pager_command();
    int ends[2];
    if (!isatty(STDOUT_FILENO) || !*command || strcmp(command, "cat") == 0 || pipe(ends) != 0) return;
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[0], STDIN_FILENO);
        close(ends[0]);
        close(ends[1]);
        setenv("LESS", "FRX", 0);
        execlp("sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    close(ends[0]);
    if (child > 0) {
        pager = child;
        dup2(ends[1], STDOUT_FILENO);
        signal(SIGPIPE, SIG_IGN); /* who leaves the pager has seen enough */
    }
    close(ends[1]);
}

int pager_end(void)
{
    bool failed = fflush(stdout) != 0 || ferror(stdout);
    int why = errno;
    if (pager) {
        fclose(stdout);
        while (waitpid(pager, NULL, 0) < 0 && errno == EINTR)
            ;
        return EXIT_DONE;
    }
    if (!failed) return EXIT_DONE;
    complain("standard output", "%s", strerror(why));
    return EXIT_FAILURE_IO;
}

/* ---- progress ---- */

static bool bar_shown;

void progress(const char *what, uint64_t done, uint64_t total)
{
    static time_t began, shown;
    enum { WIDTH = 30 };
    if (quiet || !isatty(STDERR_FILENO)) return;
    time_t now = time(NULL);
    if (!began) began = now;
    if (now - began < 2 || now == shown) return;
    shown = now;
    bar_shown = true;
    int filled = total ? (int)(done * WIDTH / total) : 0;
    if (total)
        fprintf(stderr, "\r%s [%-*.*s] %3d%%", what, WIDTH, filled, "##############################",
                (int)(done * 100 / total));
    else fprintf(stderr, "\r%s: %llu", what, (unsigned long long)done);
}

void progress_end(void)
{
    if (bar_shown) fprintf(stderr, "\r\033[K");
    bar_shown = false;
}
