/* SPDX-License-Identifier: Apache-2.0 */
#include "sibling.h"

#include <string.h>

#include "conflict.h"
#include "conflict_index.h"
#include "content_same.h"
#include "dirent_record.h"
#include "succession.h"

/* ---- finding ---- */

static bool same_attempt(const struct sibling_query *query, const struct conflict_record *record)
{
    const struct writer *writer = query->writer;
    return writer->author.pid != 0 && record->writer.pid == writer->author.pid &&
           record->writer_started == writer->started && version_id_equal(&record->base, query->base);
}

/* Loads the sibling, if it still is where its record says and answers the query. ERR_NOT_FOUND. Whoever changes its record or its name
 * changes the inode, which therefore comes first. */
static int consider(struct transaction *tx, const struct sibling_query *query, uint64_t lineage, uint64_t ino,
                    struct sibling *ret_sibling)
{
    struct sibling sibling;
    struct dirent_record dirent;
    int error = inode_load(tx, ino, &sibling.inode);
    if (!error) error = conflict_record_get(tx->store, lineage, ino, &sibling.record);
    if (!error) error = dirent_get(tx->store, query->directory, SLICE_STRING(sibling.record.name), &dirent);
    if (error == ERR_NOENT || (!error && dirent.ino != ino)) return ERR_NOT_FOUND;
    if (error) return error;
    const struct version_id *head = &sibling.inode.head;
    error = version_get(tx->store, head->lineage, head->ordinal, &sibling.version);
    if (error) return error == ERR_NOT_FOUND ? ERR_DAMAGED : error;
    error = content_same_as_sealed(tx->store, query->sealed, &sibling.version, &sibling.same_bytes);
    if (error) return error;
    sibling.mine = ino == query->own || same_attempt(query, &sibling.record);
    if (!sibling.mine && !sibling.same_bytes) return ERR_NOT_FOUND;
    *ret_sibling = sibling;
    return 0;
}

static int consider_at(struct transaction *tx, const struct sibling_query *query, uint64_t lineage,
                       const struct record_key *key, struct sibling *ret_sibling)
{
    uint64_t ino;
    int error = conflict_index_get(tx->store, key, &ino);
    return error ? error : consider(tx, query, lineage, ino, ret_sibling);
}

static int find_of(struct transaction *tx, const struct sibling_query *query, uint64_t lineage,
                   struct sibling *ret_sibling)
{
    const struct content *content = &query->sealed->content;
    const struct author *author = &query->writer->author;
    struct record_key key;
    conflict_index_by_content(lineage, content->size, &content->hash, &key);
    int error = consider_at(tx, query, lineage, &key, ret_sibling);
    if (error == ERR_NOT_FOUND && query->own != 0) error = consider(tx, query, lineage, query->own, ret_sibling);
    if (error == ERR_NOT_FOUND && author->pid != 0) {
        conflict_index_by_writer(lineage, author->pid, query->writer->started, query->base, &key);
        error = consider_at(tx, query, lineage, &key, ret_sibling);
    }
    return error;
}

int sibling_find(struct transaction *tx, const struct sibling_query *query, struct sibling *ret_sibling)
{
    struct descent descent = succession_descent(query->target);
    int error;
    do {
        error = find_of(tx, query, descent.lineage, ret_sibling);
        if (error != ERR_NOT_FOUND) return error;
        error = succession_descend(tx->store, query->target, &descent);
    } while (!error);
    return error;
}

/* ---- naming ---- */

static int name_try(struct store *store, uint64_t directory, const char *name, unsigned long number,
                    char ret_name[SIBLING_NAME_SIZE], bool *ret_taken)
{
    struct dirent_record dirent;
    conflict_sibling_name(name, number, ret_name);
    int error = dirent_get(store, directory, SLICE_STRING(ret_name), &dirent);
    *ret_taken = error == 0;
    return error == ERR_NOENT ? 0 : error;
}

/*
 * A number whose name is free, found in a logarithm of the names taken: in steps that double from `last`, which was free last time, and by
 * halving then. Where no number was given up again it is the smallest one.
 */
static int number_find(struct store *store, uint64_t directory, const char *name, unsigned long last,
                       char ret_name[SIBLING_NAME_SIZE], unsigned long *ret_number)
{
    unsigned long low = last, high = last, step = 1;
    bool taken = true;
    int error = 0;
    while (taken && !error) {
        low = high;
        high += step;
        step *= 2;
        error = name_try(store, directory, name, high, ret_name, &taken);
    }
    while (high - low > 1 && !error) {
        unsigned long middle = low + (high - low) / 2;
        error = name_try(store, directory, name, middle, ret_name, &taken);
        if (taken) low = middle;
        else high = middle;
    }
    conflict_sibling_name(name, high, ret_name);
    *ret_number = high;
    return error;
}

int sibling_name_choose(struct transaction *tx, uint64_t target_lineage, uint64_t directory, const char *name,
                        char ret_name[SIBLING_NAME_SIZE])
{
    struct record_key key;
    unsigned long number = 1;
    uint64_t last;
    bool taken;
    conflict_index_by_time(target_lineage, &key);
    int error = name_try(tx->store, directory, name, number, ret_name, &taken);
    if (!error && taken) {
        error = conflict_index_get(tx->store, &key, &last);
        if (error == ERR_NOT_FOUND) error = 0;
        else if (!error) number = (unsigned long)last;
        if (!error) error = number_find(tx->store, directory, name, number, ret_name, &number);
    }
    if (!error) conflict_index_put(tx, &key, number);
    return error;
}

/* ---- remembering ---- */

/* The places in the index that lead to the record's sibling. Returns their number. */
static size_t keys_of(const struct conflict_record *record, struct record_key ret_keys[2])
{
    conflict_index_by_content(record->target_lineage, record->size, &record->hash, &ret_keys[0]);
    if (record->writer.pid == 0) return 1;
    conflict_index_by_writer(record->target_lineage, record->writer.pid, record->writer_started, &record->base,
                             &ret_keys[1]);
    return 2;
}

static bool is_among(const struct record_key *key, const struct record_key *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(record_key_slice(key), record_key_slice(&keys[i]))) return true;
    return false;
}

/* Takes the record's sibling out of the index, but for the places in `kept`. */
static int unindex(struct transaction *tx, const struct conflict_record *record, const struct record_key *kept,
                   size_t kept_count)
{
    struct record_key keys[2];
    size_t count = keys_of(record, keys);
    for (size_t i = 0; i < count; i++) {
        uint64_t ino;
        if (is_among(&keys[i], kept, kept_count)) continue;
        int error = conflict_index_load(tx, &keys[i], &ino);
        if (error && error != ERR_NOT_FOUND) return error;
        if (!error && ino == record->sibling) transaction_delete(tx, &keys[i]);
    }
    return 0;
}

int sibling_remember(struct transaction *tx, const struct conflict_record *record, const struct conflict_record *before)
{
    struct record_key keys[2];
    size_t count = keys_of(record, keys);
    int error = before ? unindex(tx, before, keys, count) : 0;
    if (error) return error;
    for (size_t i = 0; i < count; i++)
        conflict_index_put(tx, &keys[i], record->sibling);
    conflict_record_put(tx, record);
    return 0;
}

int sibling_forget(struct transaction *tx, struct inode *inode)
{
    struct conflict_record record;
    if (inode->conflict_target == 0) return 0;
    int error = conflict_record_load(tx, inode->conflict_target, inode->ino, &record);
    if (!error) error = unindex(tx, &record, NULL, 0);
    if (error && error != ERR_NOT_FOUND) return error;
    conflict_record_delete(tx, inode->conflict_target, inode->ino);
    inode->conflict_target = 0;
    return 0;
}
