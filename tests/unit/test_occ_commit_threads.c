/* SPDX-License-Identifier: Apache-2.0 */

/* Writers of one file at once: for each base exactly one of them makes the next version. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "occ_fixture.h"

enum { WRITERS = 6, ROUNDS = 40, LINE = 8 };

/* Threads do not assert: cmocka knows one. What went wrong is counted. */
struct writing {
    struct store *store;
    struct opened opened;
    pthread_barrier_t *start;
    struct commit_result result;
    int error;
};

static void *commit_one(void *context)
{
    struct writing *writing = context;
    pthread_barrier_wait(writing->start);
    writing->error = opened_commit(&writing->opened, &writing->result);
    return NULL;
}

/* All drafts lie over one version and are committed together. */
static void commit_together(struct writing writings[WRITERS])
{
    pthread_t threads[WRITERS];
    pthread_barrier_t start;
    assert_int_equal(pthread_barrier_init(&start, NULL, WRITERS), 0);
    for (size_t i = 0; i < WRITERS; i++) {
        writings[i].start = &start;
        assert_int_equal(pthread_create(&threads[i], NULL, commit_one, &writings[i]), 0);
    }
    for (size_t i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_success(writings[i].error);
    }
    pthread_barrier_destroy(&start);
}

static void exactly_one_writer_of_a_base_commits(struct store *store, size_t size)
{
    struct writing writings[WRITERS] = {{.store = store}};
    uint8_t *bytes = bytes_of_seed(1, size);
    file_create(store, "f");
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t ordinal = file_head(store, "f").id.ordinal;
        for (uint32_t i = 0; i < WRITERS; i++) {
            opened_init(&writings[i].opened, store, "f", 100 + i);
            memcpy(bytes, &round, sizeof round);
            bytes[sizeof round] = (uint8_t)i;
            opened_write(&writings[i].opened, 0, SLICE(bytes, size));
        }
        commit_together(writings);
        unsigned done = 0;
        for (uint32_t i = 0; i < WRITERS; i++) {
            bytes[sizeof round] = (uint8_t)i;
            if (writings[i].result.outcome == COMMIT_DONE) {
                done++;
                assert_file(store, "f", SLICE(bytes, size));
            } else {
                assert_int_equal(writings[i].result.outcome, COMMIT_CONFLICT);
                assert_file(store, writings[i].result.sibling_name, SLICE(bytes, size));
            }
            opened_release(&writings[i].opened);
        }
        assert_int_equal(done, 1);
        assert_int_equal(file_head(store, "f").id.ordinal, ordinal + 1);
    }
    free(bytes);
}

static void of_small_drafts_on_one_base_exactly_one_commits(void **state)
{
    exactly_one_writer_of_a_base_commits(((struct occ_fixture *)*state)->store, 100);
}

static void of_large_drafts_on_one_base_exactly_one_commits(void **state)
{
    exactly_one_writer_of_a_base_commits(((struct occ_fixture *)*state)->store, 200000);
}

static void appends_of_all_writers_are_all_there(void **state)
{
    struct store *store = ((struct occ_fixture *)*state)->store;
    struct writing writings[WRITERS] = {{.store = store}};
    file_create(store, "log");
    for (uint32_t i = 0; i < WRITERS; i++)
        opened_init(&writings[i].opened, store, "log", 100 + i);
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < WRITERS; i++) {
            char line[LINE + 1];
            snprintf(line, sizeof line, "%u %5u\n", i, round);
            opened_append(&writings[i].opened, SLICE(line, LINE));
        }
        commit_together(writings);
        for (unsigned i = 0; i < WRITERS; i++)
            assert_int_equal(writings[i].result.outcome, COMMIT_DONE);
    }
    static char text[WRITERS * ROUNDS * LINE + 1];
    struct version head = file_head(store, "log");
    struct content_reader reader;
    assert_int_equal(head.content.size, WRITERS * ROUNDS * LINE);
    content_reader_init(&reader, store, &head.id, false, &head.content);
    assert_success(content_read(&reader, 0, text, WRITERS * ROUNDS * LINE));
    for (unsigned i = 0; i < WRITERS; i++) {
        const char *at = text; /* each writer's lines in its order */
        for (unsigned round = 0; round < ROUNDS; round++) {
            char line[LINE + 1];
            snprintf(line, sizeof line, "%u %5u\n", i, round);
            at = strstr(at, line);
            assert_non_null(at);
        }
        opened_release(&writings[i].opened);
    }
    content_reader_release(&reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_OCC(of_small_drafts_on_one_base_exactly_one_commits),
        WITH_OCC_IN_MEMORY(of_large_drafts_on_one_base_exactly_one_commits),
        WITH_OCC(appends_of_all_writers_are_all_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
