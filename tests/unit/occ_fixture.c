/* SPDX-License-Identifier: Apache-2.0 */
#include "occ_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "draft_chunks.h"
#include "memory.h"
#include "random_numbers.h"

/* ---- the store ---- */

static int occ_fixture_open(struct occ_fixture *fixture)
{
    struct kv *kv;
    struct blobs *blobs;
    if (fixture->in_memory) {
        kv = memory_kv_new();
        blobs = memory_blobs_new();
    } else {
        store_fixture_engines(fixture->directory, &kv, &blobs);
    }
    kv = recording_kv_new(fault_kv_new(kv, fixture->faults), &fixture->recording);
    return store_open(kv, fault_blobs_new(blobs, fixture->faults), &fixture->store);
}

static int setup(void **state, bool in_memory)
{
    struct occ_fixture *fixture = calloc(1, sizeof *fixture);
    void *directory;
    if (!fixture || store_fixture_setup_empty(&directory)) return -1;
    fixture->directory = directory;
    fixture->faults = fault_plan_new();
    fixture->in_memory = in_memory;
    *state = fixture;
    if (draft_chunks_set_directory(fixture->directory->directory)) return -1;
    return occ_fixture_open(fixture);
}

int occ_fixture_setup(void **state)
{
    return setup(state, false);
}

int occ_fixture_setup_in_memory(void **state)
{
    return setup(state, true);
}

int occ_fixture_teardown(void **state)
{
    struct occ_fixture *fixture = *state;
    void *directory = fixture->directory;
    assert_success(fault_plan_set(fixture->faults, ""));
    assert_no_stray_blobs(fixture->store);
    store_close(fixture->store);
    fault_plan_free(fixture->faults);
    free(fixture);
    return store_fixture_teardown(&directory);
}

void occ_fixture_crash(struct occ_fixture *fixture)
{
    assert_false(fixture->in_memory);
    store_close(fixture->store);
    assert_success(occ_fixture_open(fixture));
}

/* ---- blobs and who names them ---- */

struct blob_set {
    uint64_t *ids; /* ascending */
    bool *named;
    size_t count, capacity;
    struct store *store;
};

static int collect_blob(void *context, uint64_t id)
{
    struct blob_set *set = context;
    if (set->count == set->capacity) {
        set->capacity = set->capacity ? 2 * set->capacity : 64;
        set->ids = realloc(set->ids, set->capacity * sizeof *set->ids);
        assert_non_null(set->ids);
    }
    set->ids[set->count++] = id;
    return 0;
}

static int compare_ids(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

static void name_blobs(struct blob_set *set, const struct chunk_ref *ref, unsigned height)
{
    if (ref->id == 0) return;
    const uint64_t *found = bsearch(&ref->id, set->ids, set->count, sizeof *set->ids, compare_ids);
    if (!found) fail_msg("blob %llu is named by a version and is not there", (unsigned long long)ref->id);
    bool *named = &set->named[found - set->ids];
    if (*named || height == 0) {
        *named = true;
        return;
    }
    *named = true;
    struct chunk_node *node = malloc(sizeof *node);
    assert_non_null(node);
    assert_success(chunk_node_get(set->store, ref, node));
    for (unsigned slot = 0; slot < CHUNK_FANOUT; slot++)
        name_blobs(set, &node->entries[slot], height - 1);
    free(node);
}

static int name_blobs_of_version(void *context, struct slice key, struct slice value)
{
    struct record_key copy = {.size = 0};
    struct version version;
    record_key_bytes(&copy, key);
    assert_success(version_decode(&copy, value, &version));
    if (version.content.kind == CONTENT_TREE) name_blobs(context, &version.content.root, version.content.height);
    return 0;
}

static int intent_is_left(void *context, struct slice key, struct slice value)
{
    (void)context;
    (void)key;
    (void)value;
    fail_msg("an intent is left");
    return 0;
}

static void scan_kind(struct store *store, enum record_kind kind, kv_visit *visit, void *context)
{
    struct record_key first, end;
    record_key_begin(&first, kind);
    record_key_after(&end, &first);
    const struct kv_range range = {.first = record_key_slice(&first), .end = record_key_slice(&end)};
    assert_success(kv_scan(store->kv, NULL, &range, visit, context));
}

uint64_t assert_no_stray_blobs(struct store *store)
{
    struct blob_set set = {.store = store};
    scan_kind(store, RECORD_INTENT, intent_is_left, NULL);
    assert_success(blob_list(store->blobs, 0, collect_blob, &set));
    set.named = calloc(set.count + 1, sizeof *set.named);
    assert_non_null(set.named);
    scan_kind(store, RECORD_VERSION, name_blobs_of_version, &set);
    size_t stray = 0;
    for (size_t i = 0; i < set.count; i++)
        stray += !set.named[i];
    if (stray > 0) fail_msg("%zu of %zu blobs are named by no version", stray, set.count);
    free(set.ids);
    free(set.named);
    return set.count;
}

static int count_blob(void *context, uint64_t id)
{
    (void)id;
    ++*(uint64_t *)context;
    return 0;
}

uint64_t count_blobs(struct store *store)
{
    uint64_t count = 0;
    assert_success(blob_list(store->blobs, 0, count_blob, &count));
    return count;
}

/* ---- files ---- */

struct writer writer_of_pid(uint32_t pid)
{
    return (struct writer){.author = {.uid = UID, .gid = GID, .pid = pid, .command = "test"}, .started = 10};
}

struct inode file_create(struct store *store, const char *name)
{
    const struct new_inode new_inode = {.mode = S_IFREG | MODE, .uid = UID, .gid = GID};
    const struct writer writer = writer_of_pid(1);
    struct inode inode;
    assert_success(namespace_create(store, ROOT_INO, SLICE_STRING(name), &new_inode, &writer, &inode, &(uint64_t){0}));
    return inode;
}

bool file_exists(struct store *store, const char *name)
{
    struct dirent_record dirent;
    return namespace_lookup(store, ROOT_INO, SLICE_STRING(name), &dirent) == 0;
}

struct inode file_find(struct store *store, const char *name)
{
    struct dirent_record dirent;
    struct inode inode;
    assert_success(namespace_lookup(store, ROOT_INO, SLICE_STRING(name), &dirent));
    assert_success(inode_get(store, dirent.ino, &inode));
    return inode;
}

struct version file_head(struct store *store, const char *name)
{
    struct inode inode = file_find(store, name);
    struct version version;
    assert_success(version_get(store, inode.head.lineage, inode.head.ordinal, &version));
    assert_true(version_id_equal(&version.id, &inode.head));
    assert_int_equal(inode.size, version.content.size);
    assert_int_equal(inode.allocated, version.content.allocated);
    return version;
}

struct inode file_put(struct store *store, const char *name, struct slice bytes)
{
    struct opened opened;
    if (!file_exists(store, name)) file_create(store, name);
    opened_init(&opened, store, name, 1);
    assert_success(draft_truncate(&opened.draft, 0));
    opened_write(&opened, 0, bytes);
    assert_commit(&opened, COMMIT_DONE);
    opened_release(&opened);
    return file_find(store, name);
}

void assert_version(struct store *store, const struct version *version, struct slice bytes)
{
    struct content_reader reader;
    uint8_t *got = malloc(bytes.size + 1);
    assert_non_null(got);
    assert_int_equal(version->content.size, bytes.size);
    content_reader_init(&reader, store, &version->id, version->abandoned, &version->content);
    got[bytes.size] = 0xff;
    assert_success(content_read(&reader, 0, got, bytes.size + 1));
    assert_true(slice_equal(SLICE(got, bytes.size), bytes));
    assert_int_equal(got[bytes.size], 0); /* nothing of what was cut off lies behind the end */
    content_reader_release(&reader);
    free(got);
}

void assert_message(struct store *store, const struct version *version, const char *message)
{
    struct buffer got = {0};
    assert_int_equal(version->message_size, message ? strlen(message) : 0);
    if (!message) return;
    assert_success(message_get(store, version, &got));
    assert_true(slice_equal(buffer_slice(&got), SLICE_STRING(message)));
    buffer_release(&got);
}

void assert_file(struct store *store, const char *name, struct slice bytes)
{
    struct version head = file_head(store, name);
    assert_version(store, &head, bytes);
}

int rename_in(struct store *store, uint64_t from_directory, struct slice from_name, uint64_t to_directory,
              struct slice to_name, bool no_replace, const struct writer *writer, struct rename_result *ret_result)
{
    const struct rename_request request = {.from_directory = from_directory,
                                           .to_directory = to_directory,
                                           .from_name = from_name,
                                           .to_name = to_name,
                                           .no_replace = no_replace,
                                           .writer = writer};
    return namespace_rename(store, &request, ret_result);
}

/* ---- writers ---- */

void opened_init(struct opened *opened, struct store *store, const char *name, uint32_t pid)
{
    struct inode inode = file_find(store, name);
    struct version head = file_head(store, name);
    snprintf(opened->name, sizeof opened->name, "%s", name);
    draft_init(&opened->draft, store, &head);
    opened->request = (struct commit_request){.ino = inode.ino,
                                              .base = {.opened = inode.head},
                                              .operation = VERSION_WRITE,
                                              .writer = writer_of_pid(pid),
                                              .directory = ROOT_INO,
                                              .name = opened->name};
}

void opened_release(struct opened *opened)
{
    draft_release(&opened->draft);
}

void opened_write(struct opened *opened, uint64_t offset, struct slice bytes)
{
    assert_success(draft_write(&opened->draft, offset, bytes, false));
}

void opened_append(struct opened *opened, struct slice bytes)
{
    assert_success(draft_write(&opened->draft, opened->draft.size, bytes, true));
}

void assert_opened(struct opened *opened, struct slice bytes)
{
    uint8_t *got = malloc(bytes.size + 1);
    size_t size;
    assert_non_null(got);
    assert_success(draft_read(&opened->draft, 0, got, bytes.size + 1, &size));
    assert_true(slice_equal(SLICE(got, size), bytes));
    free(got);
}

int opened_commit(struct opened *opened, struct commit_result *ret_result)
{
    struct commit_result result;
    int error = commit_draft(&opened->draft, &opened->request, &result);
    if (error) return error;
    *ret_result = result;
    if (result.outcome == COMMIT_CONFLICT) opened->request.conflicted = true;
    else if (result.version.id.lineage != 0) opened->request.base = (struct base_facts){.opened = result.version.id};
    return 0;
}

struct commit_result assert_commit(struct opened *opened, enum commit_outcome outcome)
{
    struct commit_result result;
    assert_success(opened_commit(opened, &result));
    assert_int_equal(result.outcome, outcome);
    assert_false(opened->draft.changed);
    return result;
}

uint8_t *bytes_of_seed(uint64_t seed, size_t size)
{
    struct random_numbers numbers = {seed};
    uint8_t *bytes = malloc(size ? size : 1);
    assert_non_null(bytes);
    for (size_t at = 0; at < size; at += sizeof(uint64_t)) {
        uint64_t value = random_next(&numbers);
        memcpy(bytes + at, &value, size - at < sizeof value ? size - at : sizeof value);
    }
    return bytes;
}
