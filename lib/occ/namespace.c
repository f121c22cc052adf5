/* SPDX-License-Identifier: Apache-2.0 */
#include "namespace.h"

#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "directory.h"
#include "file_acl.h"
#include "occ_directory.h"
#include "succession.h"

int directory_load(struct transaction *tx, uint64_t ino, struct inode *ret_directory)
{
    int error = inode_load(tx, ino, ret_directory);
    if (error) return error;
    if (!S_ISDIR(ret_directory->mode)) return ERR_NOTDIR;
    return ret_directory->nlink == 0 ? ERR_NOENT : 0;
}

void directory_touch(struct inode *directory, struct timespec now, int subdirectories)
{
    directory->mtime = directory->ctime = now;
    directory->nlink += (uint32_t)subdirectories;
}

int namespace_lookup(struct store *store, uint64_t directory, struct slice name, struct dirent_record *ret_dirent)
{
    if (directory == ROOT_INO && slice_equal(name, SLICE_STRING(OCC_DIRECTORY_NAME))) {
        *ret_dirent = (struct dirent_record){.ino = OCC_DIRECTORY_INO, .type = S_IFDIR};
        return 0;
    }
    return dirent_get(store, directory, name, ret_dirent);
}

/* Puts the version that a new file is until it is written and makes it the head. */
static int first_version(struct transaction *tx, uint64_t directory, struct slice name, const struct writer *writer,
                         const struct hash128 *acl, struct inode *inode, uint64_t *ret_forked)
{
    struct name_record record;
    struct version version = {
        .id = {.nonce = store_random()},
        .operation = VERSION_CREATE,
        .author = writer->author,
        .time = inode->btime,
        .mtime = inode->mtime,
        .mode = inode->mode,
        .uid = inode->uid,
        .gid = inode->gid,
        .acl = *acl,
    };
    int error = store_new_lineage(tx->store, &version.id.lineage);
    if (error) return error;
    inode->head = version.id;
    inode->lineage = version.id.lineage;
    /* A conflict's sibling descends from what its writer had read, not from another conflict's sibling. */
    error = inode->conflict_target ? ERR_NOT_FOUND : succession_find(tx->store, directory, name, &record);
    if (!error) {
        error = succession_take(tx, directory, name, &record, inode, ret_forked);
        inode->continues = record.head;
        inode->continues_rights = record.rights;
        inode->head.ordinal = version.id.ordinal = record.head.ordinal;
        version.parents[version.parent_count++] = record.head;
    }
    if (error && error != ERR_NOT_FOUND) return error;
    version_put(tx, &version);
    return 0;
}

int namespace_create_in(struct transaction *tx, struct inode *directory, struct slice name, const struct writer *writer,
                        const struct hash128 *acl, struct inode *inode, uint64_t *ret_forked)
{
    struct dirent_record dirent;
    *ret_forked = 0;
    int error = dirent_load(tx, directory->ino, name, &dirent);
    if (error != ERR_NOENT) return error ? error : ERR_EXIST;
    error = store_new_ino(tx->store, &inode->ino);
    if (error) return error;

    bool is_directory = S_ISDIR(inode->mode);
    inode->btime = inode->atime = inode->mtime = inode->ctime = clock_now();
    inode->nlink = is_directory ? 2 : 1;
    inode->parent = is_directory ? directory->ino : 0;
    if (S_ISREG(inode->mode)) error = first_version(tx, directory->ino, name, writer, acl, inode, ret_forked);
    if (error) return error;
    inode_put(tx, inode);
    dirent = (struct dirent_record){.ino = inode->ino, .type = inode->mode & S_IFMT};
    dirent_put(tx, directory->ino, name, &dirent);
    directory_touch(directory, inode->mtime, is_directory);
    return 0;
}

static int create_once(struct transaction *tx, uint64_t directory_ino, struct slice name,
                       const struct new_inode *new_inode, const struct writer *writer, struct inode *ret_inode,
                       uint64_t *ret_forked)
{
    struct inode directory;
    int error = directory_load(tx, directory_ino, &directory);
    if (error) return error;
    struct inode inode = {
        .mode = new_inode->mode, .uid = new_inode->uid, .gid = new_inode->gid, .rdev = new_inode->rdev};
    if (directory.mode & S_ISGID) {
        inode.gid = directory.gid;
        if (S_ISDIR(inode.mode)) inode.mode |= S_ISGID;
    }
    if (S_ISDIR(inode.mode) && directory.nlink >= LINKS_MAX) return ERR_MLINK;
    if (S_ISLNK(inode.mode)) {
        if (new_inode->symlink.size == 0) return ERR_NOENT;
        if (new_inode->symlink.size > SYMLINK_TARGET_MAX) return ERR_NAMETOOLONG;
        inode.size = new_inode->symlink.size;
    }
    struct inherited_acl inherited;
    error = file_acl_inherit(tx, &directory, new_inode->umask, &inode, &inherited);
    if (error) return error;
    struct hash128 acl;
    error = file_acl_inherit_keep(tx, &inherited, &acl);
    if (!error) error = namespace_create_in(tx, &directory, name, writer, &acl, &inode, ret_forked);
    if (!error) file_acl_inherit_put(tx, &inode, &inherited);
    inherited_acl_release(&inherited);
    if (error) return error;
    if (S_ISLNK(inode.mode)) symlink_put(tx, inode.ino, new_inode->symlink);
    if (new_inode->opened && inode.continues.lineage != 0) anew_put(tx, inode.ino);
    inode_put(tx, &directory);
    error = transaction_commit(tx, false);
    if (!error) *ret_inode = inode;
    return error;
}

int namespace_create(struct store *store, uint64_t directory, struct slice name, const struct new_inode *new_inode,
                     const struct writer *writer, struct inode *ret_inode, uint64_t *ret_forked)
{
    struct transaction tx;
    int error;
    transaction_init(&tx, store);
    do {
        transaction_restart(&tx);
        error = create_once(&tx, directory, name, new_inode, writer, ret_inode, ret_forked);
    } while (error == TRANSACTION_AGAIN);
    transaction_release(&tx);
    return error;
}

static int link_once(struct transaction *tx, uint64_t ino, uint64_t directory_ino, struct slice name,
                     struct inode *ret_inode)
{
    struct inode directory, inode;
    struct dirent_record dirent;
    int error = directory_load(tx, directory_ino, &directory);
    if (!error) error = inode_load(tx, ino, &inode);
    if (error) return error;
    if (S_ISDIR(inode.mode)) return ERR_PERM;
    if (inode.nlink == 0) return ERR_NOENT; /* a file without a name cannot get one again, as on other filesystems */
    if (inode.nlink >= LINKS_MAX) return ERR_MLINK;
    error = dirent_load(tx, directory_ino, name, &dirent);
    if (error != ERR_NOENT) return error ? error : ERR_EXIST;

    inode.nlink++;
    inode.ctime = clock_now();
    inode_put(tx, &inode);
    dirent = (struct dirent_record){.ino = ino, .type = inode.mode & S_IFMT};
    dirent_put(tx, directory_ino, name, &dirent);
    directory_touch(&directory, inode.ctime, 0);
    inode_put(tx, &directory);
    error = transaction_commit(tx, false);
    if (!error) *ret_inode = inode;
    return error;
}

int namespace_link(struct store *store, uint64_t ino, uint64_t directory, struct slice name, struct inode *ret_inode)
{
    struct transaction tx;
    int error;
    transaction_init(&tx, store);
    do {
        transaction_restart(&tx);
        error = link_once(&tx, ino, directory, name, ret_inode);
    } while (error == TRANSACTION_AGAIN);
    transaction_release(&tx);
    return error;
}
