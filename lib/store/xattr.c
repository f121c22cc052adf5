/* SPDX-License-Identifier: Apache-2.0 */
#include "xattr.h"

#include <assert.h>
#include <string.h>

enum { ENCODING = 1 };

static void xattr_prefix(uint64_t ino, struct slice name, struct record_key *ret_prefix)
{
    record_key_begin(ret_prefix, RECORD_XATTR);
    record_key_u64(ret_prefix, ino);
    record_key_bytes(ret_prefix, name);
    record_key_u8(ret_prefix, 0);
}

static void xattr_key(uint64_t ino, struct slice name, uint8_t fragment, struct record_key *ret_key)
{
    xattr_prefix(ino, name, ret_key);
    record_key_u8(ret_key, fragment);
}

static size_t fragments_of(size_t size)
{
    return size == 0 ? 1 : (size + XATTR_FRAGMENT - 1) / XATTR_FRAGMENT;
}

static int fragment_decode(struct slice key, struct slice value, uint32_t *ret_size, struct buffer *bytes)
{
    struct reader fields;
    uint8_t encoding;
    int error = record_open(value, key, ENCODING, &encoding, &fields);
    if (error) return error;
    uint32_t size = reader_u32(&fields);
    struct slice piece = reader_blob(&fields);
    error = reader_finish(&fields);
    if (!error && (size > XATTR_VALUE_MAX || piece.size > XATTR_FRAGMENT)) error = ERR_DAMAGED;
    if (error) return error;
    *ret_size = size;
    buffer_append(bytes, piece);
    return buffer_failed(bytes);
}

struct fragments {
    struct record_key prefix; /* of the keys: all but the fragment's number */
    uint32_t size;            /* of the whole, as the fragments say */
    size_t count;             /* fragments taken */
    struct buffer *bytes;
};

static int visit_fragment(void *context, struct slice key, struct slice value)
{
    struct fragments *fragments = context;
    uint32_t size;
    uint8_t number = ((const uint8_t *)key.data)[key.size - 1];
    if (key.size != fragments->prefix.size + 1 || number != fragments->count) return ERR_DAMAGED;
    int error = fragment_decode(key, value, &size, fragments->bytes);
    if (error) return error;
    if (fragments->count > 0 && size != fragments->size) return ERR_DAMAGED;
    fragments->size = size;
    return ++fragments->count == fragments_of(size);
}

/* Reads all fragments at one moment: reads of their own could meet a change between them. */
static int read_fragments(struct store *store, uint64_t ino, struct slice name, struct buffer *bytes)
{
    struct fragments fragments = {.bytes = bytes};
    struct record_key end;
    xattr_prefix(ino, name, &fragments.prefix);
    record_key_after(&end, &fragments.prefix);
    const struct kv_range range = {.first = record_key_slice(&fragments.prefix), .end = record_key_slice(&end)};
    buffer_clear(bytes);
    int error = kv_scan(store->kv, NULL, &range, visit_fragment, &fragments);
    if (error) return error;
    if (fragments.count == 0) return ERR_NOT_FOUND;
    return bytes->size == fragments.size ? 0 : ERR_DAMAGED;
}

/* Goes on from fragment 0, which is all there is of most attributes. */
static int read_value(struct store *store, uint64_t ino, struct slice name, const struct record_key *key,
                      struct slice first, struct buffer *bytes)
{
    uint32_t size;
    buffer_clear(bytes);
    int error = fragment_decode(record_key_slice(key), first, &size, bytes);
    if (error) return error;
    if (fragments_of(size) > 1) return read_fragments(store, ino, name, bytes);
    return bytes->size == size ? 0 : ERR_DAMAGED;
}

int xattr_get(struct store *store, uint64_t ino, struct slice name, struct buffer *ret_value)
{
    struct record_key key;
    struct buffer value = {0};
    xattr_key(ino, name, 0, &key);
    int error = kv_get(store->kv, NULL, record_key_slice(&key), &value);
    if (!error) error = read_value(store, ino, name, &key, buffer_slice(&value), ret_value);
    buffer_release(&value);
    return error == ERR_NOT_FOUND ? ERR_NODATA : error;
}

int xattr_load(struct transaction *tx, uint64_t ino, struct slice name, struct buffer *ret_value)
{
    struct record_key key;
    xattr_key(ino, name, 0, &key);
    int error = transaction_load(tx, &key);
    if (!error) error = read_value(tx->store, ino, name, &key, buffer_slice(&tx->scratch), ret_value);
    return error == ERR_NOT_FOUND ? ERR_NODATA : error;
}

void xattr_put(struct transaction *tx, uint64_t ino, struct slice name, struct slice value)
{
    assert(name.size > 0 && name.size <= XATTR_NAME_MAX_BYTES && value.size <= XATTR_VALUE_MAX);
    const uint8_t *bytes = value.data;
    for (size_t fragment = 0; fragment < fragments_of(value.size); fragment++) {
        size_t from = fragment * XATTR_FRAGMENT, size = value.size - from;
        if (size > XATTR_FRAGMENT) size = XATTR_FRAGMENT;
        struct record_key key;
        xattr_key(ino, name, (uint8_t)fragment, &key);
        record_begin(&tx->scratch, ENCODING, tx->commit_id);
        buffer_append_u32(&tx->scratch, (uint32_t)value.size);
        buffer_append_blob(&tx->scratch, SLICE(size ? bytes + from : NULL, size));
        record_seal(&tx->scratch, record_key_slice(&key));
        transaction_put(tx, &key, &tx->scratch);
    }
}

void xattr_delete(struct transaction *tx, uint64_t ino, struct slice name, size_t old_size)
{
    for (size_t fragment = 0; fragment < fragments_of(old_size); fragment++) {
        struct record_key key;
        xattr_key(ino, name, (uint8_t)fragment, &key);
        transaction_delete(tx, &key);
    }
}

/* ---- all of an inode ---- */

static int visit_name(void *context, struct slice key, struct slice value)
{
    (void)value; /* names alone: a damaged value must not hide the others */
    enum { BEFORE = 1 + 8, BEHIND = 2 };
    if (key.size <= BEFORE + BEHIND || key.size > BEFORE + XATTR_NAME_MAX_BYTES + BEHIND) return ERR_DAMAGED;
    const uint8_t *bytes = key.data;
    if (bytes[key.size - 1] != 0) return 0;                               /* a later fragment */
    buffer_append(context, SLICE(bytes + BEFORE, key.size - BEFORE - 1)); /* with the NUL */
    return buffer_failed(context);
}

int xattr_list(struct store *store, uint64_t ino, struct buffer *ret_names)
{
    struct record_key first, end;
    record_key_begin(&first, RECORD_XATTR);
    record_key_u64(&first, ino);
    record_key_after(&end, &first);
    const struct kv_range range = {.first = record_key_slice(&first), .end = record_key_slice(&end)};
    buffer_clear(ret_names);
    return kv_scan(store->kv, NULL, &range, visit_name, ret_names);
}

int xattr_delete_all(struct store *store, uint64_t ino)
{
    struct record_key prefix;
    record_key_begin(&prefix, RECORD_XATTR);
    record_key_u64(&prefix, ino);
    return transaction_delete_prefix(store, &prefix);
}
