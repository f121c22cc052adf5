/* SPDX-License-Identifier: Apache-2.0 */
#include "inode.h"

#include <string.h>
#include <sys/stat.h>

enum { ENCODING = 1 };

bool version_id_equal(const struct version_id *a, const struct version_id *b)
{
    return a->lineage == b->lineage && a->ordinal == b->ordinal && a->nonce == b->nonce;
}

void version_id_append(struct buffer *value, const struct version_id *id)
{
    buffer_append_u64(value, id->lineage);
    buffer_append_u64(value, id->ordinal);
    buffer_append_u64(value, id->nonce);
}

struct version_id version_id_read(struct reader *fields)
{
    struct version_id id = {.lineage = reader_u64(fields)};
    id.ordinal = reader_u64(fields);
    id.nonce = reader_u64(fields);
    return id;
}

void file_rights_append(struct buffer *value, const struct file_rights *rights)
{
    buffer_append_u32(value, rights->mode);
    buffer_append_u32(value, rights->uid);
    buffer_append_u32(value, rights->gid);
    buffer_append(value, SLICE(rights->acl.bytes, sizeof rights->acl.bytes));
}

struct file_rights file_rights_read(struct reader *fields)
{
    struct file_rights rights = {.mode = reader_u32(fields)};
    rights.uid = reader_u32(fields);
    rights.gid = reader_u32(fields);
    struct slice acl = reader_bytes(fields, sizeof rights.acl.bytes);
    if (acl.size > 0) memcpy(rights.acl.bytes, acl.data, acl.size);
    return rights;
}

void inode_key(uint64_t ino, struct record_key *ret_key)
{
    record_key_begin(ret_key, RECORD_INODE);
    record_key_u64(ret_key, ino);
}

void inode_encode(const struct inode *inode, uint64_t commit_id, struct buffer *ret_value)
{
    struct record_key key;
    inode_key(inode->ino, &key);
    record_begin(ret_value, ENCODING, commit_id);
    buffer_append_u32(ret_value, inode->mode);
    buffer_append_u32(ret_value, inode->uid);
    buffer_append_u32(ret_value, inode->gid);
    buffer_append_u32(ret_value, inode->nlink);
    buffer_append_u64(ret_value, inode->rdev);
    record_append_time(ret_value, inode->atime);
    record_append_time(ret_value, inode->mtime);
    record_append_time(ret_value, inode->ctime);
    record_append_time(ret_value, inode->btime);
    buffer_append_u64(ret_value, inode->change);
    buffer_append_u64(ret_value, inode->size);
    buffer_append_u64(ret_value, inode->allocated);
    buffer_append_u8(ret_value, inode->acl);
    buffer_append_u8(ret_value, inode->policy);
    buffer_append_u64(ret_value, inode->parent);
    if (S_ISREG(inode->mode)) {
        buffer_append_u64(ret_value, inode->lineage);
        version_id_append(ret_value, &inode->head);
        version_id_append(ret_value, &inode->forked_at);
        version_id_append(ret_value, &inode->continues);
        if (inode->continues.lineage != 0) file_rights_append(ret_value, &inode->continues_rights);
        version_id_append(ret_value, &inode->carried);
        buffer_append_u64(ret_value, inode->conflict_target);
    }
    record_seal(ret_value, record_key_slice(&key));
}

int inode_decode(uint64_t ino, struct slice value, struct inode *ret_inode)
{
    struct record_key key;
    struct reader fields;
    uint8_t encoding;
    inode_key(ino, &key);
    int error = record_open(value, record_key_slice(&key), ENCODING, &encoding, &fields);
    if (error) return error;
    struct inode inode = {.ino = ino, .mode = reader_u32(&fields)};
    inode.uid = reader_u32(&fields);
    inode.gid = reader_u32(&fields);
    inode.nlink = reader_u32(&fields);
    inode.rdev = reader_u64(&fields);
    inode.atime = record_read_time(&fields);
    inode.mtime = record_read_time(&fields);
    inode.ctime = record_read_time(&fields);
    inode.btime = record_read_time(&fields);
    inode.change = reader_u64(&fields);
    inode.size = reader_u64(&fields);
    inode.allocated = reader_u64(&fields);
    inode.acl = reader_u8(&fields);
    inode.policy = reader_u8(&fields);
    inode.parent = reader_u64(&fields);
    if (S_ISREG(inode.mode)) {
        inode.lineage = reader_u64(&fields);
        inode.head = version_id_read(&fields);
        inode.forked_at = version_id_read(&fields);
        inode.continues = version_id_read(&fields);
        if (inode.continues.lineage != 0) inode.continues_rights = file_rights_read(&fields);
        inode.carried = version_id_read(&fields);
        inode.conflict_target = reader_u64(&fields);
    }
    if (inode.size > INT64_MAX) fields.failed = true;
    error = reader_finish(&fields);
    if (!error) *ret_inode = inode;
    return error;
}

int inode_get(struct store *store, uint64_t ino, struct inode *ret_inode)
{
    struct record_key key;
    struct buffer value = {0};
    inode_key(ino, &key);
    int error = kv_get(store->kv, NULL, record_key_slice(&key), &value);
    if (!error) error = inode_decode(ino, buffer_slice(&value), ret_inode);
    buffer_release(&value);
    return error == ERR_NOT_FOUND ? ERR_NOENT : error;
}

int inode_load(struct transaction *tx, uint64_t ino, struct inode *ret_inode)
{
    struct record_key key;
    inode_key(ino, &key);
    int error = transaction_load(tx, &key);
    if (!error) error = inode_decode(ino, buffer_slice(&tx->scratch), ret_inode);
    return error == ERR_NOT_FOUND ? ERR_NOENT : error;
}

void inode_put(struct transaction *tx, struct inode *inode)
{
    struct record_key key;
    inode_key(inode->ino, &key);
    inode->change++;
    inode_encode(inode, tx->commit_id, &tx->scratch);
    transaction_put(tx, &key, &tx->scratch);
}

void inode_delete(struct transaction *tx, uint64_t ino)
{
    struct record_key key;
    inode_key(ino, &key);
    transaction_delete(tx, &key);
}
