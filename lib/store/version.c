/* SPDX-License-Identifier: Apache-2.0 */
#include "version.h"

#include <assert.h>
#include <string.h>

enum { ENCODING = 1 };

static void key_of(enum record_kind kind, const struct version_id *id, bool abandoned, struct record_key *ret_key)
{
    record_key_begin(ret_key, kind);
    record_key_u64(ret_key, id->lineage);
    record_key_u64(ret_key, id->ordinal);
    record_key_u64(ret_key, abandoned ? id->nonce : 0);
}

void version_key(const struct version_id *id, bool abandoned, struct record_key *ret_key)
{
    key_of(RECORD_VERSION, id, abandoned, ret_key);
}

void author_append(struct buffer *value, const struct author *author)
{
    buffer_append_u32(value, author->uid);
    buffer_append_u32(value, author->gid);
    buffer_append_u32(value, author->pid);
    buffer_append_blob(value, SLICE(author->command, strnlen(author->command, sizeof author->command - 1)));
}

struct author author_read(struct reader *fields)
{
    struct author author = {.uid = reader_u32(fields)};
    author.gid = reader_u32(fields);
    author.pid = reader_u32(fields);
    struct slice command = reader_blob(fields);
    if (command.size >= sizeof author.command) fields->failed = true;
    else if (command.size > 0) memcpy(author.command, command.data, command.size);
    return author;
}

void version_encode(const struct version *version, uint64_t commit_id, struct buffer *ret_value)
{
    assert(version->parent_count <= VERSION_PARENTS_MAX);
    assert(version->message_size <= VERSION_MESSAGE_MAX);
    assert(!version->abandoned || version->id.nonce != 0); /* else it would take a committed version's key */
    struct record_key key;
    version_key(&version->id, version->abandoned, &key);
    record_begin(ret_value, ENCODING, commit_id);
    buffer_append_u64(ret_value, version->id.nonce);
    buffer_append_u8(ret_value, version->operation);
    buffer_append_u8(ret_value, version->parent_count);
    for (unsigned i = 0; i < version->parent_count; i++)
        version_id_append(ret_value, &version->parents[i]);
    author_append(ret_value, &version->author);
    record_append_time(ret_value, version->time);
    record_append_time(ret_value, version->mtime);
    buffer_append_u32(ret_value, version->mode);
    buffer_append_u32(ret_value, version->uid);
    buffer_append_u32(ret_value, version->gid);
    buffer_append(ret_value, SLICE(version->acl.bytes, sizeof version->acl.bytes));
    content_encode(&version->content, ret_value);
    buffer_append_u32(ret_value, version->message_size);
    record_seal(ret_value, record_key_slice(&key));
}

static int decode(struct slice key, struct slice value, struct version *ret_version)
{
    struct reader fields, place;
    uint8_t encoding;
    int error = record_open(value, key, ENCODING, &encoding, &fields);
    if (error) return error;
    reader_init(&place, key);
    reader_u8(&place);
    struct version version = {.id = {.lineage = reader_u64(&place)}};
    version.id.ordinal = reader_u64(&place);
    uint64_t place_nonce = reader_u64(&place);
    version.abandoned = place_nonce != 0;
    error = reader_finish(&place);
    if (error) return error;

    version.id.nonce = reader_u64(&fields);
    if (version.abandoned && version.id.nonce != place_nonce) return ERR_DAMAGED;
    version.operation = reader_u8(&fields);
    version.parent_count = reader_u8(&fields);
    if (version.parent_count > VERSION_PARENTS_MAX) return ERR_DAMAGED;
    for (unsigned i = 0; i < version.parent_count; i++)
        version.parents[i] = version_id_read(&fields);
    version.author = author_read(&fields);
    version.time = record_read_time(&fields);
    version.mtime = record_read_time(&fields);
    version.mode = reader_u32(&fields);
    version.uid = reader_u32(&fields);
    version.gid = reader_u32(&fields);
    struct slice acl = reader_bytes(&fields, sizeof version.acl.bytes);
    if (acl.size > 0) memcpy(version.acl.bytes, acl.data, acl.size);
    error = content_decode(&fields, &version.content);
    uint32_t message_size = reader_u32(&fields);
    if (message_size > VERSION_MESSAGE_MAX) fields.failed = true;
    else version.message_size = (uint16_t)message_size;
    if (!error) error = reader_finish(&fields);
    if (!error) *ret_version = version;
    return error;
}

int version_decode(const struct record_key *key, struct slice value, struct version *ret_version)
{
    return decode(record_key_slice(key), value, ret_version);
}

static int get(struct store *store, const struct version_id *id, bool abandoned, struct version *ret_version)
{
    struct record_key key;
    struct buffer value = {0};
    version_key(id, abandoned, &key);
    int error = kv_get(store->kv, NULL, record_key_slice(&key), &value);
    if (!error) error = version_decode(&key, buffer_slice(&value), ret_version);
    buffer_release(&value);
    return error;
}

int version_get(struct store *store, uint64_t lineage, uint64_t ordinal, struct version *ret_version)
{
    return get(store, &(struct version_id){.lineage = lineage, .ordinal = ordinal}, false, ret_version);
}

int version_get_abandoned(struct store *store, const struct version_id *id, struct version *ret_version)
{
    return get(store, id, true, ret_version);
}

void version_put(struct transaction *tx, const struct version *version)
{
    struct record_key key;
    version_key(&version->id, version->abandoned, &key);
    if (tx->batch) kv_batch_expect_absent(tx->batch, record_key_slice(&key));
    version_encode(version, tx->commit_id, &tx->scratch);
    transaction_put(tx, &key, &tx->scratch);
}

struct version_context {
    int (*visit)(void *context, const struct version *version);
    void *context;
};

static int visit_record(void *context, struct slice key, struct slice value)
{
    const struct version_context *versions = context;
    struct version version;
    int error = decode(key, value, &version);
    return error ? error : versions->visit(versions->context, &version);
}

int version_scan(struct store *store, uint64_t lineage, uint64_t first_ordinal, bool reverse,
                 int (*visit)(void *context, const struct version *version), void *context)
{
    struct record_key first, prefix, end;
    record_key_begin(&prefix, RECORD_VERSION);
    record_key_u64(&prefix, lineage);
    first = prefix;
    record_key_u64(&first, first_ordinal);
    record_key_after(&end, &prefix);
    const struct kv_range range = {
        .first = record_key_slice(&first), .end = record_key_slice(&end), .reverse = reverse};
    struct version_context versions = {visit, context};
    return kv_scan(store->kv, NULL, &range, visit_record, &versions);
}
