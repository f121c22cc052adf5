/* SPDX-License-Identifier: Apache-2.0 */

/* Taking names away, and what has none. */

#include <stdlib.h>
#include <sys/stat.h>

#include "clock.h"
#include "directory.h"
#include "namespace.h"
#include "sibling.h"
#include "succession.h"
#include "xattr.h"

/* Whether the caller has named another version than the one that it would remove. */
static bool names_another(const struct claim *claim, const struct inode *inode)
{
    if (!claim || !S_ISREG(inode->mode)) return false;
    struct claim_facts facts = {.base = {.opened = *succession_head(inode)}};
    claim->ask(claim->context, inode, &facts);
    struct base base = base_choose(&facts.base);
    return !facts.live && base_is_explicit(&base) && !version_id_equal(&base.id, succession_head(inode));
}

int namespace_unlink_in(struct transaction *tx, struct inode *directory, struct slice name, struct inode *inode)
{
    int error = 0;
    inode->nlink--;
    inode->ctime = clock_now();
    if (inode->nlink == 0) {
        unlinked_put(tx, inode->ino);
        error = sibling_forget(tx, inode);
    }
    if (!error) error = succession_note(tx, directory->ino, name, inode, inode->ctime);
    if (error) return error;
    inode_put(tx, inode);
    dirent_delete(tx, directory->ino, name);
    directory_touch(directory, inode->ctime, 0);
    inode_put(tx, directory);
    return 0;
}

static int unlink_once(struct transaction *tx, uint64_t directory_ino, struct slice name, const struct claim *claim,
                       struct inode *ret_inode)
{
    struct inode directory, inode;
    struct dirent_record dirent;
    int error = directory_load(tx, directory_ino, &directory);
    if (!error) error = dirent_load(tx, directory_ino, name, &dirent);
    if (error) return error;
    if (dirent.type == S_IFDIR) return ERR_ISDIR;
    error = inode_load(tx, dirent.ino, &inode);
    if (error) return error == ERR_NOENT ? ERR_DAMAGED : error;
    if (names_another(claim, &inode)) return ERR_CONFLICT;

    error = namespace_unlink_in(tx, &directory, name, &inode);
    if (!error) error = transaction_commit(tx, false);
    if (!error) *ret_inode = inode;
    return error;
}

static int rmdir_once(struct transaction *tx, uint64_t directory_ino, struct slice name, const struct claim *claim,
                      struct inode *ret_inode)
{
    (void)claim;
    struct inode directory, inode;
    struct dirent_record dirent;
    bool empty;
    int error = directory_load(tx, directory_ino, &directory);
    if (!error) error = dirent_load(tx, directory_ino, name, &dirent);
    if (error) return error;
    if (dirent.type != S_IFDIR) return ERR_NOTDIR;
    error = inode_load(tx, dirent.ino, &inode); /* who adds a name to it changes this */
    if (!error) error = dirent_directory_is_empty(tx->store, dirent.ino, &empty);
    if (error) return error == ERR_NOENT ? ERR_DAMAGED : error;
    if (!empty) return ERR_NOTEMPTY;

    inode.nlink = 0;
    inode.ctime = clock_now();
    inode_put(tx, &inode);
    unlinked_put(tx, inode.ino);
    dirent_delete(tx, directory_ino, name);
    directory_touch(&directory, inode.ctime, -1);
    inode_put(tx, &directory);
    error = transaction_commit(tx, false);
    if (!error) *ret_inode = inode;
    return error;
}

typedef int remove_once(struct transaction *tx, uint64_t directory, struct slice name, const struct claim *claim,
                        struct inode *ret_inode);

static int repeat(struct store *store, uint64_t directory, struct slice name, const struct claim *claim,
                  remove_once *once, struct inode *ret_inode)
{
    struct transaction tx;
    int error;
    transaction_init(&tx, store);
    do {
        transaction_restart(&tx);
        error = once(&tx, directory, name, claim, ret_inode);
    } while (error == TRANSACTION_AGAIN);
    transaction_release(&tx);
    return error;
}

int namespace_unlink(struct store *store, uint64_t directory, struct slice name, const struct claim *claim,
                     struct inode *ret_inode)
{
    return repeat(store, directory, name, claim, unlink_once, ret_inode);
}

int namespace_rmdir(struct store *store, uint64_t directory, struct slice name, struct inode *ret_inode)
{
    return repeat(store, directory, name, NULL, rmdir_once, ret_inode);
}

/* ---- inodes without a name ---- */

int namespace_reap(struct store *store, uint64_t ino)
{
    struct inode inode;
    int error = inode_get(store, ino, &inode);
    if (error == ERR_NOENT) return 0;
    if (!error && inode.nlink > 0) return ERR_BUSY;
    if (!error) error = xattr_delete_all(store, ino);
    if (error) return error;
    struct transaction tx;
    transaction_init(&tx, store);
    inode_delete(&tx, ino);
    unlinked_delete(&tx, ino);
    if (inode.continues.lineage != 0) anew_delete(&tx, ino);
    if (S_ISLNK(inode.mode)) symlink_delete(&tx, ino);
    error = transaction_commit(&tx, false);
    transaction_release(&tx);
    return error;
}

struct ino_list {
    uint64_t *inos;
    size_t count, capacity;
};

static int collect(void *context, uint64_t ino)
{
    struct ino_list *list = context;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 64;
        uint64_t *inos = realloc(list->inos, capacity * sizeof *inos);
        if (!inos) return ERR_NOMEM;
        list->inos = inos;
        list->capacity = capacity;
    }
    list->inos[list->count++] = ino;
    return 0;
}

int namespace_reap_all(struct store *store)
{
    struct ino_list list = {0};
    int error = unlinked_scan(store, collect, &list);
    for (size_t i = 0; i < list.count && !error; i++)
        error = namespace_reap(store, list.inos[i]);
    free(list.inos);
    return error;
}

/* ---- files created anew ---- */

static int restore_once(struct transaction *tx, uint64_t ino, struct version *version)
{
    struct inode inode;
    *version = (struct version){0};
    int error = inode_load(tx, ino, &inode);
    if (error == ERR_NOENT || (!error && inode.continues.lineage == 0)) return 0;
    if (!error) error = succession_restore(tx, &inode, version);
    if (error) return error;
    inode_put(tx, &inode);
    return transaction_commit(tx, false);
}

int namespace_restore(struct store *store, uint64_t ino, struct version *ret_version)
{
    struct transaction tx;
    struct version version;
    int error;
    transaction_init(&tx, store);
    do {
        transaction_restart(&tx);
        error = restore_once(&tx, ino, &version);
    } while (error == TRANSACTION_AGAIN);
    transaction_release(&tx);
    if (!error) *ret_version = version;
    return error;
}

int namespace_restore_all(struct store *store, uint64_t *ret_count)
{
    struct ino_list list = {0};
    struct version version;
    int error = anew_scan(store, collect, &list);
    for (size_t i = 0; i < list.count && !error; i++)
        error = namespace_restore(store, list.inos[i], &version);
    *ret_count = list.count;
    free(list.inos);
    return error;
}
