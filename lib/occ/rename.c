/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>

#include "clock.h"
#include "directory.h"
#include "namespace.h"
#include "replace.h"
#include "sibling.h"

/* The directories and entries of one rename, as loaded. When both names stand in one directory, `to_directory` is unused and
 * `to` points to the same struct as `from`. */
struct move {
    struct transaction *tx;
    struct slice from_name, to_name;
    struct inode from_directory, to_directory;
    struct inode *from, *to;
    struct dirent_record from_dirent, to_dirent;
    bool to_exists;
    struct timespec now;
};

static int move_load(struct move *move, uint64_t from_directory, uint64_t to_directory)
{
    struct transaction *tx = move->tx;
    move->from = move->to = &move->from_directory;
    move->now = clock_now();
    int error = directory_load(tx, from_directory, move->from);
    if (!error && to_directory != from_directory) {
        move->to = &move->to_directory;
        error = directory_load(tx, to_directory, move->to);
    }
    if (!error) error = dirent_load(tx, from_directory, move->from_name, &move->from_dirent);
    if (error) return error;
    error = dirent_load(tx, to_directory, move->to_name, &move->to_dirent);
    move->to_exists = error == 0;
    return error == ERR_NOENT ? 0 : error;
}

static void move_put_directories(struct move *move)
{
    directory_touch(move->from, move->now, 0);
    inode_put(move->tx, move->from);
    if (move->to == move->from) return;
    directory_touch(move->to, move->now, 0);
    inode_put(move->tx, move->to);
}

/* ERR_INVAL if `directory` is `ino` or lies below it. Every directory on the way to the root is expected unchanged, so
 * that two moves at once cannot make a loop. */
static int refuse_loop(struct move *move, uint64_t ino, const struct inode *directory)
{
    struct inode at = *directory;
    while (at.ino != ROOT_INO) {
        if (at.ino == ino) return ERR_INVAL;
        if (at.parent == move->from->ino) at = *move->from; /* loaded already */
        else {
            int error = inode_load(move->tx, at.parent, &at);
            if (error) return error == ERR_NOENT ? ERR_DAMAGED : error;
        }
    }
    return 0;
}

/* ---- rename ---- */

static int replace_allowed(struct move *move, bool no_replace)
{
    if (no_replace) return ERR_EXIST;
    bool from_directory = move->from_dirent.type == S_IFDIR, to_directory = move->to_dirent.type == S_IFDIR;
    if (from_directory && !to_directory) return ERR_NOTDIR;
    if (!from_directory && to_directory) return ERR_ISDIR;
    if (!to_directory) return 0;
    bool empty;
    int error = dirent_directory_is_empty(move->tx->store, move->to_dirent.ino, &empty);
    if (error) return error;
    return empty ? 0 : ERR_NOTEMPTY;
}

static int replace(struct move *move, struct replacement *replacement, bool no_replace, struct inode *moved,
                   struct inode *ret_gone)
{
    struct inode gone;
    int error = inode_load(move->tx, move->to_dirent.ino, &gone);
    if (error) return error == ERR_NOENT ? ERR_DAMAGED : error;
    error = replace_allowed(move, no_replace);
    if (error) return error;
    if (S_ISDIR(gone.mode)) {
        gone.nlink = 0;
        move->to->nlink--;
    } else {
        gone.nlink--;
    }
    gone.ctime = move->now;
    if (S_ISREG(moved->mode)) error = replace_take(replacement, S_ISREG(gone.mode) ? &gone : NULL, moved);
    else error = succession_note(move->tx, move->to->ino, move->to_name, &gone, move->now);
    if (!error && gone.nlink == 0) error = sibling_forget(move->tx, &gone);
    if (error) return error;
    inode_put(move->tx, &gone);
    if (gone.nlink == 0) unlinked_put(move->tx, gone.ino);
    *ret_gone = gone;
    return 0;
}

static int rename_once(struct move *move, const struct rename_request *request, struct replacement *replacement,
                       struct rename_result *result)
{
    struct transaction *tx = move->tx;
    int error = move_load(move, request->from_directory, request->to_directory);
    if (error) return error;
    struct inode moved;
    result->same = move->to_exists && move->from_dirent.ino == move->to_dirent.ino;
    if (result->same && request->no_replace) return ERR_EXIST;
    error = inode_load(tx, move->from_dirent.ino, &moved);
    if (error) return error == ERR_NOENT ? ERR_DAMAGED : error;
    result->moved_before = moved.head;
    result->replaced = move->to_exists && !result->same;
    if (result->same) {
        result->moved = moved;
        return 0;
    }
    const struct inode before = moved;
    bool is_directory = S_ISDIR(moved.mode);
    replacement->now = move->now;
    replacement->forked = 0;
    if (is_directory && move->from != move->to) error = refuse_loop(move, moved.ino, move->to);
    if (!error && move->to_exists) error = replace(move, replacement, request->no_replace, &moved, &result->gone);
    else if (!error && S_ISREG(moved.mode)) error = replace_take(replacement, NULL, &moved);
    if (error) return error;
    if (is_directory && move->from != move->to) {
        moved.parent = request->to_directory;
        move->from->nlink--;
        move->to->nlink++;
    }
    if (move->to->nlink > LINKS_MAX) return ERR_MLINK;
    moved.ctime = move->now;
    inode_put(tx, &moved);
    dirent_delete(tx, request->from_directory, move->from_name);
    error = succession_note(tx, request->from_directory, move->from_name, &before, move->now);
    if (error) return error;
    dirent_put(tx, request->to_directory, move->to_name, &move->from_dirent);
    move_put_directories(move);
    result->moved = moved;
    result->forked = replacement->forked;
    return transaction_commit(tx, false);
}

int namespace_rename(struct store *store, const struct rename_request *request, struct rename_result *ret_result)
{
    struct transaction tx;
    struct move move = {.tx = &tx, .from_name = request->from_name, .to_name = request->to_name};
    struct replacement replacement = {.tx = &tx,
                                      .directory = request->to_directory,
                                      .name = request->to_name,
                                      .writer = request->writer,
                                      .claim = request->claim};
    struct rename_result result;
    int error;
    transaction_init(&tx, store);
    do {
        transaction_restart(&tx);
        result = (struct rename_result){0};
        error = rename_once(&move, request, &replacement, &result);
        if (error != REPLACE_REFUSED) continue;
        transaction_restart(&tx);
        result = (struct rename_result){.refused = true};
        error = replace_refused(&replacement, &result.conflict);
    } while (error == TRANSACTION_AGAIN);
    transaction_release(&tx);
    if (!error) *ret_result = result;
    return error;
}

/* ---- exchange ---- */

/* An inode gets another parent: of directories the links of both change. */
static int rehome(struct move *move, uint64_t ino, struct inode *from, struct inode *to)
{
    struct inode inode;
    int error = inode_load(move->tx, ino, &inode);
    if (error) return error == ERR_NOENT ? ERR_DAMAGED : error;
    if (S_ISDIR(inode.mode) && from != to) {
        error = refuse_loop(move, ino, to);
        if (error) return error;
        inode.parent = to->ino;
        from->nlink--;
        to->nlink++;
    }
    inode.ctime = move->now;
    inode_put(move->tx, &inode);
    return 0;
}

static int exchange_once(struct move *move, uint64_t directory_a, uint64_t directory_b)
{
    int error = move_load(move, directory_a, directory_b);
    if (error) return error;
    if (!move->to_exists) return ERR_NOENT;
    if (move->from_dirent.ino == move->to_dirent.ino) return 0;
    error = rehome(move, move->from_dirent.ino, move->from, move->to);
    if (!error) error = rehome(move, move->to_dirent.ino, move->to, move->from);
    if (!error && (move->from->nlink > LINKS_MAX || move->to->nlink > LINKS_MAX)) error = ERR_MLINK;
    if (error) return error;
    dirent_put(move->tx, directory_a, move->from_name, &move->to_dirent);
    dirent_put(move->tx, directory_b, move->to_name, &move->from_dirent);
    move_put_directories(move);
    return transaction_commit(move->tx, false);
}

int namespace_exchange(struct store *store, uint64_t directory_a, struct slice name_a, uint64_t directory_b,
                       struct slice name_b)
{
    struct transaction tx;
    struct move move = {.tx = &tx, .from_name = name_a, .to_name = name_b};
    int error;
    transaction_init(&tx, store);
    do {
        transaction_restart(&tx);
        error = exchange_once(&move, directory_a, directory_b);
    } while (error == TRANSACTION_AGAIN);
    transaction_release(&tx);
    return error;
}
