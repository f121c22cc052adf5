/* SPDX-License-Identifier: Apache-2.0 */
#include "rocks.h"

#include <errno.h>
#include <rocksdb/c.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "log.h"
#include "mutex.h"
#include "space.h"
#include "watchers.h"

enum { STRIPES = 256, LOG_LEVEL_FATAL = 4, KIB = 1024, MIB = 1024 * KIB };

/* The database behind both handles. */
struct rocks {
    rocksdb_t *db;
    rocksdb_column_family_handle_t *records;
    rocksdb_column_family_handle_t *blobs;
    rocksdb_cache_t *cache;
    rocksdb_options_t *options;
    rocksdb_options_t *blob_options;
    rocksdb_readoptions_t *read;
    rocksdb_writeoptions_t *write;
    rocksdb_writeoptions_t *write_durable;
    struct space space; /* asked before every write but those that delete blobs */
    /* Conditions of a commit are checked and applied under the stripes of all its keys, taken in ascending order. */
    struct mutex stripes[STRIPES];
    struct watchers watchers; /* of records; its lock is taken after the stripes */
    atomic_int handles;
};

struct rocks_kv {
    struct kv kv;
    struct rocks *rocks;
};

struct rocks_blobs {
    struct blobs blobs;
    struct rocks *rocks;
};

static struct rocks *rocks_of(struct kv *kv)
{
    return ((struct rocks_kv *)kv)->rocks;
}

/* RocksDB's messages end here: logged and classified. Frees `message`; 0 if it is NULL. */
static int classify(const char *what, char *message)
{
    static const struct {
        const char *pattern;
        int error;
    } classes[] = {
        {"No space left", ERR_NOSPC},
        {"quota exceeded", ERR_DQUOT},
        {"lock hold by current process", ERR_STORE_IN_USE},
        {"While lock file", ERR_STORE_IN_USE},
        {"does not exist (create_if_missing is false)", ERR_NOT_A_STORE},
        {"Corruption", ERR_DAMAGED},
        {"Read-only file system", ERR_ROFS},
    };
    if (!message) return 0;
    int error = ERR_IO;
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (strstr(message, classes[i].pattern)) {
            error = classes[i].error;
            break;
        }
    if (error == ERR_NOT_A_STORE) log_debug("rocksdb: %s: %s", what, message);
    else log_error("rocksdb: %s: %s", what, message);
    rocksdb_free(message);
    return error;
}

/* ---- records ---- */

/* The newest value of a key, pinned; NULL when absent. */
static int pin(struct rocks *rocks, struct slice key, rocksdb_pinnableslice_t **ret_value)
{
    char *message = NULL;
    *ret_value = rocksdb_get_pinned_cf(rocks->db, rocks->read, rocks->records, key.data, key.size, &message);
    return classify("get", message);
}

static struct slice pinned_slice(const rocksdb_pinnableslice_t *value)
{
    size_t size;
    const char *data = rocksdb_pinnableslice_value(value, &size);
    return SLICE(data, size);
}

static int rocks_get(struct kv *kv, const struct kv_snapshot *snapshot, struct slice key, struct buffer *ret_value)
{
    struct rocks *rocks = rocks_of(kv);
    rocksdb_readoptions_t *read = rocks->read;
    if (snapshot) {
        read = rocksdb_readoptions_create();
        rocksdb_readoptions_set_snapshot(read, (const rocksdb_snapshot_t *)snapshot);
    }
    char *message = NULL;
    rocksdb_pinnableslice_t *value =
        rocksdb_get_pinned_cf(rocks->db, read, rocks->records, key.data, key.size, &message);
    if (snapshot) rocksdb_readoptions_destroy(read);
    int error = classify("get", message);
    if (error) return error;
    if (!value) return ERR_NOT_FOUND;
    buffer_clear(ret_value);
    buffer_append(ret_value, pinned_slice(value));
    rocksdb_pinnableslice_destroy(value);
    return buffer_failed(ret_value);
}

static void scan_seek(rocksdb_iterator_t *iterator, const struct kv_range *range)
{
    if (!range->reverse) {
        rocksdb_iter_seek(iterator, range->first.data, range->first.size);
        return;
    }
    if (range->end.size == 0) {
        rocksdb_iter_seek_to_last(iterator);
        return;
    }
    rocksdb_iter_seek_for_prev(iterator, range->end.data, range->end.size);
    size_t size;
    const char *key = rocksdb_iter_valid(iterator) ? rocksdb_iter_key(iterator, &size) : NULL;
    if (key && slice_equal(SLICE(key, size), range->end)) rocksdb_iter_prev(iterator); /* the end is exclusive */
}

static int rocks_scan(struct kv *kv, const struct kv_snapshot *snapshot, const struct kv_range *range, kv_visit *visit,
                      void *context)
{
    struct rocks *rocks = rocks_of(kv);
    rocksdb_readoptions_t *read = rocksdb_readoptions_create();
    if (snapshot) rocksdb_readoptions_set_snapshot(read, (const rocksdb_snapshot_t *)snapshot);
    rocksdb_readoptions_set_iterate_lower_bound(read, range->first.data, range->first.size);
    if (range->end.size > 0) rocksdb_readoptions_set_iterate_upper_bound(read, range->end.data, range->end.size);
    rocksdb_iterator_t *iterator = rocksdb_create_iterator_cf(rocks->db, read, rocks->records);
    int result = 0;
    size_t taken = 0;
    for (scan_seek(iterator, range); rocksdb_iter_valid(iterator) && result == 0;) {
        if (range->limit > 0 && taken++ == range->limit) break;
        size_t key_size, value_size;
        const char *key = rocksdb_iter_key(iterator, &key_size);
        const char *value = rocksdb_iter_value(iterator, &value_size);
        result = visit(context, SLICE(key, key_size), SLICE(value, value_size));
        if (range->reverse) rocksdb_iter_prev(iterator);
        else rocksdb_iter_next(iterator);
    }
    char *message = NULL;
    rocksdb_iter_get_error(iterator, &message);
    int error = classify("scan", message);
    rocksdb_iter_destroy(iterator);
    rocksdb_readoptions_destroy(read);
    if (error) return error;
    return result < 0 ? result : 0;
}

static int rocks_snapshot(struct kv *kv, struct kv_snapshot **ret_snapshot)
{
    *ret_snapshot = (struct kv_snapshot *)rocksdb_create_snapshot(rocks_of(kv)->db);
    return *ret_snapshot ? 0 : ERR_NOMEM;
}

static void rocks_snapshot_free(struct kv *kv, struct kv_snapshot *snapshot)
{
    rocksdb_release_snapshot(rocks_of(kv)->db, (const rocksdb_snapshot_t *)snapshot);
}

/* ---- commit ---- */

struct stripe_set {
    uint64_t bits[STRIPES / 64];
};

static void stripe_add(struct stripe_set *set, struct slice key)
{
    uint32_t hash = 2166136261u; /* FNV-1a: keys are short */
    for (size_t i = 0; i < key.size; i++)
        hash = (hash ^ ((const uint8_t *)key.data)[i]) * 16777619u;
    unsigned stripe = (hash ^ hash >> 16) % STRIPES;
    set->bits[stripe / 64] |= 1ULL << (stripe % 64);
}

static void stripes_apply(struct rocks *rocks, const struct stripe_set *set, void (*apply)(struct mutex *))
{
    for (unsigned word = 0; word < STRIPES / 64; word++)
        for (uint64_t left = set->bits[word]; left; left &= left - 1)
            apply(&rocks->stripes[word * 64 + (unsigned)__builtin_ctzll(left)]);
}

static int condition_holds(struct rocks *rocks, const struct kv_condition *condition, bool *ret_holds)
{
    rocksdb_pinnableslice_t *value;
    int error = pin(rocks, condition->key, &value);
    if (error) return error;
    *ret_holds = condition->present ? value && slice_equal(pinned_slice(value), condition->value) : !value;
    if (value) rocksdb_pinnableslice_destroy(value);
    return 0;
}

static int write_operations(struct rocks *rocks, const struct kv_operation *operations, size_t count, bool durable)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += operations[i].key.size + operations[i].value.size;
    int error = space_take(&rocks->space, bytes);
    if (error) return error;
    rocksdb_writebatch_t *writes = rocksdb_writebatch_create();
    for (size_t i = 0; i < count; i++) {
        struct slice key = operations[i].key, value = operations[i].value;
        if (operations[i].put)
            rocksdb_writebatch_put_cf(writes, rocks->records, key.data, key.size, value.data, value.size);
        else rocksdb_writebatch_delete_cf(writes, rocks->records, key.data, key.size);
    }
    char *message = NULL;
    rocksdb_write(rocks->db, durable ? rocks->write_durable : rocks->write, writes, &message);
    rocksdb_writebatch_destroy(writes);
    return classify("commit", message);
}

static int rocks_commit(struct kv *kv, const struct kv_batch *batch, bool durable, enum kv_outcome *ret_outcome)
{
    struct rocks *rocks = rocks_of(kv);
    kv_batch_assert_limits(batch);
    const struct kv_operation *operations;
    const struct kv_condition *conditions;
    size_t operation_count = kv_batch_operations(batch, &operations);
    size_t condition_count = kv_batch_conditions(batch, &conditions);
    struct stripe_set set = {{0}};
    for (size_t i = 0; i < operation_count; i++)
        stripe_add(&set, operations[i].key);
    for (size_t i = 0; i < condition_count; i++)
        stripe_add(&set, conditions[i].key);

    stripes_apply(rocks, &set, mutex_lock);
    bool holds = true;
    int error = 0;
    for (size_t i = 0; i < condition_count && holds && !error; i++)
        error = condition_holds(rocks, &conditions[i], &holds);
    if (!error && holds) {
        watchers_begin(&rocks->watchers);
        error = write_operations(rocks, operations, operation_count, durable);
        watchers_end(&rocks->watchers, error ? NULL : batch);
    }
    stripes_apply(rocks, &set, mutex_unlock);
    if (!error) *ret_outcome = holds ? KV_DONE : KV_CONDITION_FALSE;
    return error;
}

static int rocks_sync(struct kv *kv)
{
    char *message = NULL;
    rocksdb_flush_wal(rocks_of(kv)->db, 1, &message);
    return classify("sync", message);
}

static int rocks_watch(struct kv *kv, const struct kv_range *range, kv_watch_visit *visit, void *context,
                       struct kv_snapshot **ret_snapshot, struct kv_watch **ret_watch)
{
    return watchers_add(&rocks_of(kv)->watchers, kv, range, visit, context, ret_snapshot, ret_watch);
}

static void rocks_watch_cancel(struct kv *kv, struct kv_watch *watch)
{
    watchers_remove(&rocks_of(kv)->watchers, watch);
}

/* ---- blobs ---- */

static void id_key(uint64_t id, char key[8])
{
    for (int i = 0; i < 8; i++)
        key[i] = (char)(id >> (56 - 8 * i));
}

static int rocks_blob_put(struct blobs *blobs, uint64_t id, struct slice bytes)
{
    struct rocks *rocks = ((struct rocks_blobs *)blobs)->rocks;
    char key[8], *message = NULL;
    int error = space_take(&rocks->space, bytes.size);
    if (error) return error;
    id_key(id, key);
    rocksdb_put_cf(rocks->db, rocks->write, rocks->blobs, key, sizeof key, bytes.data, bytes.size, &message);
    return classify("blob put", message);
}

static int rocks_blob_get(struct blobs *blobs, uint64_t id, blob_visit *visit, void *context)
{
    struct rocks *rocks = ((struct rocks_blobs *)blobs)->rocks;
    char key[8], *message = NULL;
    id_key(id, key);
    rocksdb_pinnableslice_t *value =
        rocksdb_get_pinned_cf(rocks->db, rocks->read, rocks->blobs, key, sizeof key, &message);
    int error = classify("blob get", message);
    if (error) return error;
    if (!value) return ERR_NOT_FOUND;
    int result = visit(context, pinned_slice(value));
    rocksdb_pinnableslice_destroy(value);
    return result;
}

/* Above SINGLE_DELETES_MAX a range tombstone is cheaper than one for each, which reads pay for less. From COMPACT_MIN on the
 * space is given back at once and not when a compaction happens to come by: who fills the disk with a draft and drops it
 * can then go on. */
enum { SINGLE_DELETES_MAX = 64, COMPACT_MIN = 512 };

static int compact_blobs(struct rocks *rocks, const char first[8], const char end[8])
{
    char *message = NULL;
    rocksdb_flushoptions_t *flush = rocksdb_flushoptions_create();
    rocksdb_compactoptions_t *compact = rocksdb_compactoptions_create();
    rocksdb_compactoptions_set_exclusive_manual_compaction(compact, 0);
    rocksdb_flush_cf(rocks->db, flush, rocks->blobs, &message);
    if (!message) rocksdb_compact_range_cf_opt(rocks->db, rocks->blobs, compact, first, 8, end, 8);
    rocksdb_flushoptions_destroy(flush);
    rocksdb_compactoptions_destroy(compact);
    return classify("blob compaction", message);
}

static int rocks_blob_delete_range(struct blobs *blobs, uint64_t first, uint64_t count)
{
    struct rocks *rocks = ((struct rocks_blobs *)blobs)->rocks;
    rocksdb_writebatch_t *writes = rocksdb_writebatch_create();
    char key[8], end[8], *message = NULL;
    if (count > SINGLE_DELETES_MAX) {
        id_key(first, key);
        id_key(first + count, end);
        rocksdb_writebatch_delete_range_cf(writes, rocks->blobs, key, sizeof key, end, sizeof end);
    }
    for (uint64_t i = 0; i < count && count <= SINGLE_DELETES_MAX; i++) {
        id_key(first + i, key);
        rocksdb_writebatch_delete_cf(writes, rocks->blobs, key, sizeof key);
    }
    rocksdb_write(rocks->db, rocks->write, writes, &message);
    rocksdb_writebatch_destroy(writes);
    int error = classify("blob delete", message);
    return error || count < COMPACT_MIN ? error : compact_blobs(rocks, key, end);
}

static int rocks_blob_list(struct blobs *blobs, uint64_t first, blob_id_visit *visit, void *context)
{
    struct rocks *rocks = ((struct rocks_blobs *)blobs)->rocks;
    char key[8], *message = NULL;
    id_key(first, key);
    rocksdb_iterator_t *iterator = rocksdb_create_iterator_cf(rocks->db, rocks->read, rocks->blobs);
    int result = 0;
    for (rocksdb_iter_seek(iterator, key, sizeof key); rocksdb_iter_valid(iterator) && result == 0;
         rocksdb_iter_next(iterator)) {
        size_t size;
        struct reader reader;
        const char *at = rocksdb_iter_key(iterator, &size);
        reader_init(&reader, SLICE(at, size));
        result = visit(context, reader_u64(&reader));
    }
    rocksdb_iter_get_error(iterator, &message);
    int error = classify("blob list", message);
    rocksdb_iter_destroy(iterator);
    if (error) return error;
    return result < 0 ? result : 0;
}

/* ---- opening and closing ---- */

static void rocks_drop(struct rocks *rocks)
{
    if (atomic_fetch_sub(&rocks->handles, 1) > 1) return;
    if (rocks->records) rocksdb_column_family_handle_destroy(rocks->records);
    if (rocks->blobs) rocksdb_column_family_handle_destroy(rocks->blobs);
    if (rocks->db) rocksdb_close(rocks->db);
    rocksdb_readoptions_destroy(rocks->read);
    rocksdb_writeoptions_destroy(rocks->write);
    rocksdb_writeoptions_destroy(rocks->write_durable);
    rocksdb_options_destroy(rocks->options);
    rocksdb_options_destroy(rocks->blob_options);
    rocksdb_cache_destroy(rocks->cache);
    for (unsigned i = 0; i < STRIPES; i++)
        mutex_release(&rocks->stripes[i]);
    watchers_release(&rocks->watchers);
    space_release(&rocks->space);
    free(rocks);
}

static void rocks_kv_free(struct kv *kv)
{
    rocks_drop(rocks_of(kv));
    free(kv);
}

static void rocks_blobs_free(struct blobs *blobs)
{
    rocks_drop(((struct rocks_blobs *)blobs)->rocks);
    free(blobs);
}

static const struct kv_engine rocks_engine = {
    .name = "rocksdb",
    .get = rocks_get,
    .scan = rocks_scan,
    .snapshot = rocks_snapshot,
    .snapshot_free = rocks_snapshot_free,
    .commit = rocks_commit,
    .sync = rocks_sync,
    .watch = rocks_watch,
    .watch_cancel = rocks_watch_cancel,
    .free = rocks_kv_free,
};

static const struct blob_engine rocks_blob_engine = {
    .name = "rocksdb",
    .put = rocks_blob_put,
    .get = rocks_blob_get,
    .delete_range = rocks_blob_delete_range,
    .list = rocks_blob_list,
    .free = rocks_blobs_free,
};

static rocksdb_options_t *table_options(rocksdb_cache_t *cache, size_t memtable)
{
    rocksdb_options_t *options = rocksdb_options_create();
    rocksdb_block_based_table_options_t *table = rocksdb_block_based_options_create();
    rocksdb_block_based_options_set_block_cache(table, cache);
    rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1);
    rocksdb_block_based_options_set_filter_policy(table, rocksdb_filterpolicy_create_bloom_full(10));
    rocksdb_options_set_block_based_table_factory(options, table);
    rocksdb_block_based_options_destroy(table);
    rocksdb_options_set_write_buffer_size(options, memtable);
    rocksdb_options_set_max_write_buffer_number(options, 3);
    return options;
}

/* Bytes of both families that are in memory and in the log only. */
static int64_t bytes_to_flush(void *context)
{
    struct rocks *rocks = context;
    uint64_t records = 0, blobs = 0;
    if (!rocks->db) return 0;
    rocksdb_property_int_cf(rocks->db, rocks->records, "rocksdb.cur-size-all-mem-tables", &records);
    rocksdb_property_int_cf(rocks->db, rocks->blobs, "rocksdb.cur-size-all-mem-tables", &blobs);
    return (int64_t)(records + blobs);
}

/* Both, since the log has what is in either. */
static void flush_all(void *context)
{
    struct rocks *rocks = context;
    rocksdb_column_family_handle_t *families[] = {rocks->records, rocks->blobs};
    rocksdb_flushoptions_t *flush = rocksdb_flushoptions_create();
    for (int i = 0; i < 2; i++) {
        char *message = NULL;
        rocksdb_flush_cf(rocks->db, flush, families[i], &message);
        classify("flush", message);
    }
    rocksdb_flushoptions_destroy(flush);
}

/* Bounds what a mount after a crash replays, and what of a small disk the log takes. */
static uint64_t log_size(const struct rocks *rocks)
{
    uint64_t part = space_of_disk(&rocks->space) / 16;
    return part < 16 * MIB ? 16 * MIB : part < 128 * MIB ? part : 128 * MIB;
}

/* What a full disk asks for. Files that are allocated ahead take what nobody has counted (there is no function for that
 * option). Debian's library ends the process by an assertion when it cannot write its own log, so it has none but in need. */
static int set_options_for_full_disk(struct rocks *rocks)
{
    char *message = NULL;
    rocksdb_options_t *options = rocksdb_options_create();
    rocksdb_get_options_from_string(rocks->options, "allow_fallocate=false", options, &message);
    rocksdb_options_destroy(rocks->options);
    rocks->options = options;
    rocksdb_options_set_info_log_level(options, LOG_LEVEL_FATAL);
    return classify("options", message);
}

static int set_options(struct rocks *rocks, const struct rocks_options *given)
{
    rocks->cache = rocksdb_cache_create_lru(given->cache_bytes ? given->cache_bytes : 64 * MIB);
    rocks->options = table_options(rocks->cache, 16 * MIB);
    rocksdb_options_set_create_if_missing(rocks->options, given->create);
    rocksdb_options_set_create_missing_column_families(rocks->options, given->create);
    rocksdb_options_increase_parallelism(rocks->options, 2);
    rocksdb_options_set_max_total_wal_size(rocks->options, log_size(rocks));
    rocksdb_options_set_keep_log_file_num(rocks->options, 3);
    rocksdb_options_set_max_open_files(rocks->options, 512);
    rocksdb_options_set_advise_random_on_open(rocks->options, 0); /* the kernel's readahead helps large files */
    rocksdb_options_set_compression(rocks->options, rocksdb_lz4_compression);

    rocks->blob_options = table_options(rocks->cache, 32 * MIB);
    rocksdb_options_set_enable_blob_files(rocks->blob_options, 1);
    rocksdb_options_set_min_blob_size(rocks->blob_options, 4 * KIB);
    rocksdb_options_set_enable_blob_gc(rocks->blob_options, 1);
    rocksdb_options_set_compression(rocks->blob_options, rocksdb_no_compression);

    rocks->read = rocksdb_readoptions_create();
    rocks->write = rocksdb_writeoptions_create();
    rocks->write_durable = rocksdb_writeoptions_create();
    rocksdb_writeoptions_set_sync(rocks->write_durable, 1);
    return set_options_for_full_disk(rocks);
}

int rocks_open(const char *directory, const struct rocks_options *options, struct kv **ret_kv, struct blobs **ret_blobs)
{
    struct rocks *rocks = calloc(1, sizeof *rocks);
    struct rocks_kv *kv = malloc(sizeof *kv);
    struct rocks_blobs *blobs = malloc(sizeof *blobs);
    int error = rocks && kv && blobs ? 0 : ERR_NOMEM;
    if (!error && options->create && mkdir(directory, 0700) != 0 && errno != EEXIST) error = error_from_errno(errno);
    const struct space_engine engine = {.pending = bytes_to_flush, .flush = flush_all, .context = rocks};
    if (!error) error = space_init(&rocks->space, directory, &engine);
    if (error) {
        free(rocks);
        free(kv);
        free(blobs);
        return error == ERR_NOENT ? ERR_NOT_A_STORE : error;
    }
    for (unsigned i = 0; i < STRIPES; i++)
        mutex_init(&rocks->stripes[i]);
    watchers_init(&rocks->watchers);
    error = set_options(rocks, options);

    const char *names[] = {"default", "blobs"};
    const rocksdb_options_t *family_options[] = {rocks->options, rocks->blob_options};
    rocksdb_column_family_handle_t *families[2] = {NULL, NULL};
    char *message = NULL;
    if (!error) {
        rocks->db =
            rocksdb_open_column_families(rocks->options, directory, 2, names, family_options, families, &message);
        rocks->records = families[0];
        rocks->blobs = families[1];
        error = classify("open", message);
    }
    if (error) {
        rocks->handles = 1;
        rocks_drop(rocks);
        free(kv);
        free(blobs);
        return error;
    }
    rocks->handles = 2;
    *kv = (struct rocks_kv){.kv = {&rocks_engine}, .rocks = rocks};
    *blobs = (struct rocks_blobs){.blobs = {&rocks_blob_engine}, .rocks = rocks};
    *ret_kv = &kv->kv;
    *ret_blobs = &blobs->blobs;
    return 0;
}
