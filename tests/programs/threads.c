/* SPDX-License-Identifier: Apache-2.0 */

/*
 * usage: threads FILE HOW
 * Truncates FILE, and eight threads write 100 bytes each to it. Then, without a close, according to HOW:
 *   return     main returns, with the threads at work on something else
 *   exit       a thread that is not the first calls exit
 *   leaderless the first thread has ended, another one ends the process
 *   each       every thread ends by itself; the last one takes the process along
 *   kill       SIGKILL
 *   abort      SIGABRT, raised by a thread that is not the first
 */
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 8, PIECE = 100 };

static int file;
static const char *how;
static pthread_barrier_t written;
static pthread_t leader;

static void *work(void *argument)
{
    long number = (long)argument;
    char piece[PIECE];
    memset(piece, 'a' + (int)number, sizeof piece);
    if (pwrite(file, piece, sizeof piece, number * PIECE) != sizeof piece) err(1, "pwrite");
    pthread_barrier_wait(&written);
    if (strcmp(how, "each") == 0) return NULL;
    if (number == 0) {
        if (strcmp(how, "exit") == 0) exit(0);
        if (strcmp(how, "abort") == 0) abort();
        if (strcmp(how, "leaderless") == 0) {
            pthread_join(leader, NULL);
            _exit(0);
        }
    }
    for (;;)
        pause();
}

int main(int argc, char **argv)
{
    if (argc != 3) errx(2, "usage: threads FILE HOW");
    how = argv[2];
    leader = pthread_self();
    file = open(argv[1], O_WRONLY | O_TRUNC);
    if (file < 0) err(1, "%s", argv[1]);
    pthread_barrier_init(&written, NULL, THREADS + 1);
    for (long number = 0; number < THREADS; number++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, work, (void *)number) != 0) errx(1, "pthread_create");
    }
    pthread_barrier_wait(&written);
    if (strcmp(how, "return") == 0) return 0;
    if (strcmp(how, "kill") == 0) kill(getpid(), SIGKILL);
    if (strcmp(how, "leaderless") == 0 || strcmp(how, "each") == 0) pthread_exit(NULL);
    for (;;)
        pause();
}
