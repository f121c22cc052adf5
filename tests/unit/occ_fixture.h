/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_OCC_FIXTURE_H
#define OCC_OCC_FIXTURE_H

#include "commit.h"
#include "fault.h"
#include "namespace.h"
#include "recording_kv.h"
#include "store_fixture.h"
#include "unit.h"

/*
 * A private store whose root holds the files of a test listed as WITH_OCC(test). The test fails at its end if a blob is
 * left that no version names, or an intent.
 */
#define WITH_OCC(test) cmocka_unit_test_setup_teardown(test, occ_fixture_setup, occ_fixture_teardown)
/* The same on engines in memory: faster, and without occ_fixture_crash. */
#define WITH_OCC_IN_MEMORY(test)                                                                                       \
    cmocka_unit_test_setup_teardown(test, occ_fixture_setup_in_memory, occ_fixture_teardown)

struct occ_fixture {
    struct store_fixture *directory;
    struct store *store; /* on `recording`, on `faults` */
    struct recording recording;
    struct fault_plan *faults; /* empty */
    bool in_memory;
};

int occ_fixture_setup(void **state);
int occ_fixture_setup_in_memory(void **state);
int occ_fixture_teardown(void **state);

/* Closes the store without a word to any draft, as a crash does, and opens it again. */
void occ_fixture_crash(struct occ_fixture *fixture);

/* Asserts that the blobs of the store are exactly those that versions name; returns their number. */
uint64_t assert_no_stray_blobs(struct store *store);
uint64_t count_blobs(struct store *store);

/* ---- files in the root ---- */

enum { MODE = 0644, UID = 1001, GID = 100 };

struct writer writer_of_pid(uint32_t pid);

/* A new file at ordinal 0. */
struct inode file_create(struct store *store, const char *name);
/* Creates the file if need be and commits the bytes as its next version. */
struct inode file_put(struct store *store, const char *name, struct slice bytes);
/* What the name leads to; the test fails if there is nothing. */
struct inode file_find(struct store *store, const char *name);
bool file_exists(struct store *store, const char *name);
struct version file_head(struct store *store, const char *name);
/* Asserts what the head contains, byte for byte. */
void assert_file(struct store *store, const char *name, struct slice bytes);
void assert_version(struct store *store, const struct version *version, struct slice bytes);
/* `message` NULL: that it has none. */
void assert_message(struct store *store, const struct version *version, const char *message);

/* namespace_rename by a caller who claims nothing. */
int rename_in(struct store *store, uint64_t from_directory, struct slice from_name, uint64_t to_directory,
              struct slice to_name, bool no_replace, const struct writer *writer, struct rename_result *ret_result);

/* ---- a writer of one of them ---- */

/* An open file description, as fs/ would hold it. The caller closes it. */
struct opened {
    struct draft draft;
    struct commit_request request;
    char name[256]; /* request.name */
};

void opened_init(struct opened *opened, struct store *store, const char *name, uint32_t pid);
void opened_release(struct opened *opened);

void opened_write(struct opened *opened, uint64_t offset, struct slice bytes);
void opened_append(struct opened *opened, struct slice bytes);
/* Asserts what the draft's owner reads. */
void assert_opened(struct opened *opened, struct slice bytes);
/* Commits; what was committed becomes the base of what is written next, and a conflict is remembered. */
int opened_commit(struct opened *opened, struct commit_result *ret_result);
/* Asserts the outcome as well. */
struct commit_result assert_commit(struct opened *opened, enum commit_outcome outcome);

/* Bytes that are no others; the caller frees them. */
uint8_t *bytes_of_seed(uint64_t seed, size_t size);

#endif
