/* SPDX-License-Identifier: Apache-2.0 */
#include "limit_record.h"

enum { ENCODING = 1 };

static void limit_key(uint64_t lineage, uint64_t ordinal, struct record_key *ret_key)
{
    record_key_begin(ret_key, RECORD_LIMIT);
    record_key_u64(ret_key, lineage);
    record_key_u64(ret_key, ordinal);
}

void limit_record_encode(uint64_t lineage, uint64_t ordinal, const struct file_rights *rights, uint64_t commit_id,
                         struct buffer *ret_value)
{
    struct record_key key;
    limit_key(lineage, ordinal, &key);
    record_begin(ret_value, ENCODING, commit_id);
    file_rights_append(ret_value, rights);
    record_seal(ret_value, record_key_slice(&key));
}

int limit_record_decode(const struct record_key *key, struct slice value, struct file_rights *ret_rights)
{
    struct reader fields;
    uint8_t encoding;
    int error = record_open(value, record_key_slice(key), ENCODING, &encoding, &fields);
    if (error) return error;
    struct file_rights rights = file_rights_read(&fields);
    error = reader_finish(&fields);
    if (!error) *ret_rights = rights;
    return error;
}

void limit_record_put(struct transaction *tx, uint64_t lineage, uint64_t ordinal, const struct file_rights *rights)
{
    struct record_key key;
    limit_key(lineage, ordinal, &key);
    limit_record_encode(lineage, ordinal, rights, tx->commit_id, &tx->scratch);
    transaction_put(tx, &key, &tx->scratch);
}

struct scan {
    int (*visit)(void *context, uint64_t ordinal, const struct file_rights *rights);
    void *context;
};

static int visit_value(void *context, struct slice key, struct slice value)
{
    const struct scan *scan = context;
    struct record_key copy = {.size = 0};
    struct reader fields;
    struct file_rights rights;
    if (key.size > sizeof copy.bytes) return ERR_DAMAGED;
    record_key_bytes(&copy, key);
    int error = limit_record_decode(&copy, value, &rights);
    if (error) return error;
    reader_init(&fields, key);
    reader_u8(&fields);
    reader_u64(&fields);
    uint64_t ordinal = reader_u64(&fields);
    error = reader_finish(&fields);
    return error ? error : scan->visit(scan->context, ordinal, &rights);
}

int limit_record_scan(struct store *store, uint64_t lineage, uint64_t ordinal,
                      int (*visit)(void *context, uint64_t ordinal, const struct file_rights *rights), void *context)
{
    struct record_key first, prefix, end;
    limit_key(lineage, ordinal, &first);
    record_key_begin(&prefix, RECORD_LIMIT);
    record_key_u64(&prefix, lineage);
    record_key_after(&end, &prefix);
    const struct kv_range range = {.first = record_key_slice(&first), .end = record_key_slice(&end)};
    struct scan scan = {visit, context};
    return kv_scan(store->kv, NULL, &range, visit_value, &scan);
}
