/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_ERROR_H
#define OCC_ERROR_H

/*
 * Every failure in occfs is one negative number from this table. Functions return 0 (or a
 * non-negative result) on success and `-ERR_x`-style negatives are never spelled: the
 * constants below are negative themselves, so `return ERR_NOENT;` is the whole idiom.
 *
 * What a caller must expect in normal operation (a conflict, a precondition that does not
 * hold) is not in this table: such outcomes are values of their own enums.
 *
 * Columns: name, errno that a program on the mount sees, sysexits-style exit code of a
 * command that fails with it, text for people.
 */
#define ERROR_TABLE(X)                                                                                                 \
    X(NOMEM, ENOMEM, 71, "out of memory")                                                                              \
    X(IO, EIO, 74, "input/output error")                                                                               \
    X(DAMAGED, EIO, 74, "stored data is damaged (checksum or structure)")                                              \
    X(UNKNOWN_OUTCOME, EIO, 74, "the store did not say whether the commit happened")                                   \
    X(NOSPC, ENOSPC, 74, "no space left on the store's disk")                                                          \
    X(DQUOT, EDQUOT, 74, "the quota on the store's disk is used up")                                                   \
    X(ROFS, EROFS, 74, "the store accepts no more writes")                                                             \
    X(HISTORY, EROFS, 77, "what has been cannot be changed")                                                           \
    X(NOENT, ENOENT, 1, "no such file or directory")                                                                   \
    X(NOT_FOUND, ENOENT, 1, "no such record")                                                                          \
    X(EXIST, EEXIST, 1, "file exists")                                                                                 \
    X(NOTDIR, ENOTDIR, 1, "not a directory")                                                                           \
    X(ISDIR, EISDIR, 1, "is a directory")                                                                              \
    X(NOTEMPTY, ENOTEMPTY, 1, "directory not empty")                                                                   \
    X(NAMETOOLONG, ENAMETOOLONG, 1, "name too long")                                                                   \
    X(MLINK, EMLINK, 1, "too many links")                                                                              \
    X(INVAL, EINVAL, 2, "invalid argument")                                                                            \
    X(PERM, EPERM, 77, "operation not permitted")                                                                      \
    X(ACCES, EACCES, 77, "permission denied")                                                                          \
    X(STALE, ESTALE, 1, "the view was superseded")                                                                     \
    X(BADF, EBADF, 2, "bad file descriptor")                                                                           \
    X(FBIG, EFBIG, 1, "file too large")                                                                                \
    X(NXIO, ENXIO, 1, "nothing there: no data, or behind the end")                                                     \
    X(RANGE, ERANGE, 1, "result does not fit the buffer")                                                              \
    X(TOOBIG, E2BIG, 1, "value too large")                                                                             \
    X(NODATA, ENODATA, 1, "no such attribute")                                                                         \
    X(NOTSUP, EOPNOTSUPP, 1, "operation not supported")                                                                \
    X(NOSYS, ENOSYS, 1, "operation not implemented")                                                                   \
    X(BUSY, EBUSY, 75, "resource busy")                                                                                \
    X(INTR, EINTR, 1, "interrupted")                                                                                   \
    X(LOCKED, EAGAIN, 75, "locked by somebody else")                                                                   \
    X(DEADLOCK, EDEADLK, 75, "who holds the lock waits for this process")                                              \
    X(NOLCK, ENOLCK, 71, "too many locks")                                                                             \
    X(BAD_TOKEN, EINVAL, 2, "not a version token of this store")                                                       \
    X(CONFLICT, EAGAIN, 75, "the file has a newer version than the one that was read")                                 \
    X(STALE_TOKEN, ESTALE, 75, "the token is armed, and names a version that is not the newest")                       \
    X(SIBLING_CHANGED, ESTALE, 75, "the conflict's sibling has changed since, or is gone")                             \
    X(REQUEST_REUSED, EEXIST, 75, "a commit with that request id has other content")                                   \
    X(NOT_A_STORE, EINVAL, 66, "not an occfs store")                                                                   \
    X(NEWER_FORMAT, EINVAL, 66, "the store was written by a newer occfs")                                              \
    X(STORE_IN_USE, EBUSY, 75, "the store is in use by another process")

enum error {
    ERROR_BASE_ = -4096, /* below every -errno, so that the two cannot be mixed up */
#define ERROR_ENUM_(name, errno_value, exit_code, text) ERR_##name,
    ERROR_TABLE(ERROR_ENUM_)
#undef ERROR_ENUM_
        ERROR_END_
};

/* The errno (positive) for an error of this table; EIO for a number that is not in it. */
int error_errno(int error);

/* The exit code of a program that ends because of `error`; 70 (EX_SOFTWARE) if unknown. */
int error_exit_code(int error);

/* The table's text, never NULL, static. */
const char *error_text(int error);

/* The symbolic name ("NOENT"), never NULL, static; for logs and tests. */
const char *error_name(int error);

/* The error of a symbolic name; 0 if there is none. */
int error_from_name(const char *name);

/* The error for a positive errno of the host (open, pread, ...). Unlisted ones are ERR_IO. */
int error_from_errno(int errno_value);

#endif
