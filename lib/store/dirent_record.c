/* SPDX-License-Identifier: Apache-2.0 */
#include "dirent_record.h"

#include <assert.h>
#include <endian.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

enum { ENCODING = 1, POSITION_FIRST = 3 };

static uint64_t position_of(const struct store *store, struct slice name)
{
    uint8_t hash[crypto_shorthash_siphash24_BYTES];
    crypto_shorthash_siphash24(hash, name.data, name.size, store->dirent_key);
    uint64_t value;
    memcpy(&value, hash, sizeof value);
    return (le64toh(value) >> 2) + POSITION_FIRST; /* 62 bits and a little: positive as an off_t */
}

static void position_key(uint64_t directory, uint64_t position, struct record_key *ret_key)
{
    record_key_begin(ret_key, RECORD_DIRENT);
    record_key_u64(ret_key, directory);
    record_key_u64(ret_key, position);
}

void dirent_key(const struct store *store, uint64_t directory, struct slice name, struct record_key *ret_key)
{
    position_key(directory, position_of(store, name), ret_key);
    record_key_bytes(ret_key, name);
}

void dirent_encode(const struct dirent_record *dirent, const struct record_key *key, uint64_t commit_id,
                   struct buffer *ret_value)
{
    record_begin(ret_value, ENCODING, commit_id);
    buffer_append_u64(ret_value, dirent->ino);
    buffer_append_u32(ret_value, dirent->type);
    record_seal(ret_value, record_key_slice(key));
}

static int decode(struct slice key, struct slice value, struct dirent_record *ret_dirent)
{
    struct reader fields;
    uint8_t encoding;
    int error = record_open(value, key, ENCODING, &encoding, &fields);
    if (error) return error;
    struct dirent_record dirent = {.ino = reader_u64(&fields)};
    dirent.type = reader_u32(&fields);
    error = reader_finish(&fields);
    if (!error && (dirent.ino == 0 || (dirent.type & ~(uint32_t)S_IFMT))) error = ERR_DAMAGED;
    if (!error) *ret_dirent = dirent;
    return error;
}

int dirent_decode(const struct record_key *key, struct slice value, struct dirent_record *ret_dirent)
{
    return decode(record_key_slice(key), value, ret_dirent);
}

int dirent_get(struct store *store, uint64_t directory, struct slice name, struct dirent_record *ret_dirent)
{
    if (name.size > NAME_MAX_BYTES) return ERR_NAMETOOLONG;
    struct record_key key;
    struct buffer value = {0};
    dirent_key(store, directory, name, &key);
    int error = kv_get(store->kv, NULL, record_key_slice(&key), &value);
    if (!error) error = dirent_decode(&key, buffer_slice(&value), ret_dirent);
    buffer_release(&value);
    return error == ERR_NOT_FOUND ? ERR_NOENT : error;
}

int dirent_load(struct transaction *tx, uint64_t directory, struct slice name, struct dirent_record *ret_dirent)
{
    if (name.size > NAME_MAX_BYTES) return ERR_NAMETOOLONG;
    struct record_key key;
    dirent_key(tx->store, directory, name, &key);
    int error = transaction_load(tx, &key);
    if (!error) error = dirent_decode(&key, buffer_slice(&tx->scratch), ret_dirent);
    return error == ERR_NOT_FOUND ? ERR_NOENT : error;
}

void dirent_put(struct transaction *tx, uint64_t directory, struct slice name, const struct dirent_record *dirent)
{
    assert(name.size > 0 && name.size <= NAME_MAX_BYTES);
    struct record_key key;
    dirent_key(tx->store, directory, name, &key);
    dirent_encode(dirent, &key, tx->commit_id, &tx->scratch);
    transaction_put(tx, &key, &tx->scratch);
}

void dirent_delete(struct transaction *tx, uint64_t directory, struct slice name)
{
    struct record_key key;
    dirent_key(tx->store, directory, name, &key);
    transaction_delete(tx, &key);
}

/* ---- scanning ---- */

struct dirent_context {
    dirent_visit *visit;
    void *context;
};

static int visit_record(void *context, struct slice key, struct slice value)
{
    const struct dirent_context *dirents = context;
    struct dirent_record dirent;
    int error = decode(key, value, &dirent);
    if (error) return error;
    struct reader reader;
    reader_init(&reader, key);
    reader_bytes(&reader, 1 + 8);
    uint64_t position = reader_u64(&reader);
    struct slice name = reader_bytes(&reader, reader_left(&reader));
    if (reader.failed || name.size == 0 || name.size > NAME_MAX_BYTES) return ERR_DAMAGED;
    return dirents->visit(dirents->context, position, name, &dirent);
}

int dirent_scan(struct store *store, uint64_t directory, uint64_t position, dirent_visit *visit, void *context)
{
    if (position == UINT64_MAX) return 0; /* positions come from programs, by lseek */
    struct record_key first, prefix, end;
    position_key(directory, position + 1, &first);
    record_key_begin(&prefix, RECORD_DIRENT);
    record_key_u64(&prefix, directory);
    record_key_after(&end, &prefix);
    const struct kv_range range = {.first = record_key_slice(&first), .end = record_key_slice(&end)};
    struct dirent_context dirents = {visit, context};
    return kv_scan(store->kv, NULL, &range, visit_record, &dirents);
}

static int visit_any(void *context, uint64_t position, struct slice name, const struct dirent_record *dirent)
{
    (void)position;
    (void)name;
    (void)dirent;
    *(bool *)context = false;
    return 1;
}

int dirent_directory_is_empty(struct store *store, uint64_t directory, bool *ret_empty)
{
    bool empty = true;
    int error = dirent_scan(store, directory, 0, visit_any, &empty);
    if (!error) *ret_empty = empty;
    return error;
}
