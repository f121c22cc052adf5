/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kv_fixture.h"
#include "rocks.h"
#include "unit.h"

/* What RocksDB alone promises: durability, and one process per database. */

static int open_in(const char *directory, bool create, struct kv **ret_kv, struct blobs **ret_blobs)
{
    const struct rocks_options options = {.create = create, .cache_bytes = 8 * 1024 * 1024};
    return rocks_open(directory, &options, ret_kv, ret_blobs);
}

/* The only engines of a test. */
struct database {
    char directory[64];
};

static int setup(void **state)
{
    static struct database database;
    strcpy(database.directory, "/tmp/occfs-unit-XXXXXX");
    *state = &database;
    return mkdtemp(database.directory) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

static int teardown(void **state)
{
    return nftw(((struct database *)*state)->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- other processes: this program again, because RocksDB's threads do not survive a fork ---- */

/* Commits for ever: blob n, then record "n" which names it, then n on standard output. */
static int commit_for_ever(const char *directory)
{
    struct kv *kv;
    struct blobs *blobs;
    int error = open_in(directory, true, &kv, &blobs);
    struct kv_batch *batch = kv_batch_new();
    for (uint32_t n = 1; !error; n++) {
        enum kv_outcome outcome;
        error = blob_put(blobs, n, SLICE(&n, sizeof n));
        if (error) break;
        kv_batch_clear(batch);
        kv_batch_put(batch, SLICE(&n, sizeof n), SLICE(&n, sizeof n));
        error = kv_commit(kv, batch, false, &outcome);
        if (!error && write(STDOUT_FILENO, &n, sizeof n) != sizeof n) return 0;
    }
    return 1;
}

/* Says with its exit status whether the database is in use. */
static int open_once(const char *directory)
{
    struct kv *kv;
    struct blobs *blobs;
    return open_in(directory, false, &kv, &blobs) == ERR_STORE_IN_USE ? 0 : 1;
}

static pid_t start(const char *role, const char *directory, int output)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child > 0) return child;
    if (output >= 0) dup2(output, STDOUT_FILENO);
    dup2(open("/dev/null", O_WRONLY), STDERR_FILENO); /* RocksDB's message */
    execl("/proc/self/exe", "test_kv_rocks", role, directory, (char *)NULL);
    _exit(127);
}

enum { ACKNOWLEDGED_ENOUGH = 400 };

/* The last number that the child has said, read until its end; kills it when it has said enough. */
static uint32_t last_acknowledged(int from, pid_t child)
{
    uint32_t n, last = 0;
    ssize_t size;
    while ((size = read(from, &n, sizeof n)) != 0) {
        if (size < 0 && errno == EINTR) continue;
        assert_int_equal(size, sizeof n);
        last = n;
        if (n == ACKNOWLEDGED_ENOUGH) kill(child, SIGKILL);
    }
    return last;
}

static int compare_bytes(void *context, struct slice bytes)
{
    return slice_equal(bytes, SLICE(context, sizeof(uint32_t))) ? 0 : ERR_DAMAGED;
}

static void kill_9_loses_nothing_that_was_acknowledged(void **state)
{
    const struct database *database = *state;
    struct kv *kv;
    struct blobs *blobs;
    struct buffer value = {0};
    int ends[2], status;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = start("commit-for-ever", database->directory, ends[1]);
    close(ends[1]);
    uint32_t last = last_acknowledged(ends[0], child);
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_true(last >= ACKNOWLEDGED_ENOUGH);

    assert_success(open_in(database->directory, false, &kv, &blobs));
    for (uint32_t n = 1; n <= last; n++) {
        assert_success(kv_get(kv, NULL, SLICE(&n, sizeof n), &value));
        assert_true(slice_equal(buffer_slice(&value), SLICE(&n, sizeof n)));
        assert_success(blob_get(blobs, n, compare_bytes, &n));
    }
    buffer_release(&value);
    kv_free(kv);
    blobs_free(blobs);
}

static void a_second_open_finds_the_database_in_use(void **state)
{
    const struct database *database = *state;
    struct kv *kv, *second_kv = NULL;
    struct blobs *blobs, *second_blobs = NULL;
    assert_success(open_in(database->directory, true, &kv, &blobs));
    assert_error(open_in(database->directory, false, &second_kv, &second_blobs), ERR_STORE_IN_USE);
    assert_null(second_kv);
    assert_null(second_blobs);
    int status;
    pid_t child = start("open-once", database->directory, -1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    kv_free(kv);
    assert_error(open_in(database->directory, false, &second_kv, &second_blobs), ERR_STORE_IN_USE); /* the other's */
    blobs_free(blobs);
    assert_success(open_in(database->directory, false, &kv, &blobs));
    kv_free(kv);
    blobs_free(blobs);
}

static void without_create_there_must_be_a_database(void **state)
{
    const struct database *database = *state;
    struct kv *kv;
    struct blobs *blobs;
    assert_error(open_in(database->directory, false, &kv, &blobs), ERR_NOT_A_STORE);
    assert_success(open_in(database->directory, true, &kv, &blobs));
    put_text(kv, "key", "value");
    kv_free(kv);
    blobs_free(blobs);
    assert_success(open_in(database->directory, false, &kv, &blobs));
    assert_text(kv, NULL, "key", "value");
    kv_free(kv);
    blobs_free(blobs);
}

static void a_database_that_makes_no_sense_is_damaged(void **state)
{
    const struct database *database = *state;
    struct kv *kv;
    struct blobs *blobs;
    char path[128];
    assert_success(open_in(database->directory, true, &kv, &blobs));
    kv_free(kv);
    blobs_free(blobs);
    snprintf(path, sizeof path, "%s/CURRENT", database->directory);
    FILE *current = fopen(path, "w");
    assert_non_null(current);
    fputs("nonsense", current);
    fclose(current);
    assert_error(open_in(database->directory, false, &kv, &blobs), ERR_DAMAGED);
}

/* ---- durability: how often the log is synced ---- */

static atomic_uint syncs;

/* In the place of libc's, for RocksDB as well. */
int fdatasync(int descriptor)
{
    syncs++;
    return (int)syscall(SYS_fdatasync, descriptor);
}

static unsigned syncs_of_commit(struct kv *kv, bool durable)
{
    struct kv_batch *batch = batch_new();
    enum kv_outcome outcome;
    unsigned before = syncs;
    batch_put_text(batch, "key", "value");
    assert_success(kv_commit(kv, batch, durable, &outcome));
    assert_int_equal(outcome, KV_DONE);
    kv_batch_free(batch);
    return syncs - before;
}

static void a_durable_commit_is_on_the_disk_and_others_wait_for_a_sync(void **state)
{
    const struct database *database = *state;
    struct kv *kv;
    struct blobs *blobs;
    uint64_t first;
    assert_success(open_in(database->directory, true, &kv, &blobs));
    assert_int_equal(syncs_of_commit(kv, false), 0);
    assert_int_equal(syncs_of_commit(kv, true), 1);
    assert_int_equal(syncs_of_commit(kv, false), 0);
    unsigned before = syncs;
    assert_success(kv_sync(kv));
    assert_int_equal(syncs - before, 1);
    assert_success(kv_reserve_ids(kv, "a", 1, &first));
    assert_int_equal(syncs - before, 2);
    kv_free(kv);
    blobs_free(blobs);
}

#define WITH_DATABASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(int argc, char **argv)
{
    if (argc == 3) return strcmp(argv[1], "open-once") == 0 ? open_once(argv[2]) : commit_for_ever(argv[2]);
    const struct CMUnitTest tests[] = {
        WITH_DATABASE(kill_9_loses_nothing_that_was_acknowledged),
        WITH_DATABASE(a_second_open_finds_the_database_in_use),
        WITH_DATABASE(without_create_there_must_be_a_database),
        WITH_DATABASE(a_database_that_makes_no_sense_is_damaged),
        WITH_DATABASE(a_durable_commit_is_on_the_disk_and_others_wait_for_a_sync),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
