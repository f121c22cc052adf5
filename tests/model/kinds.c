/* SPDX-License-Identifier: Apache-2.0 */
#include "kinds.h"

#include <string.h>

const struct kind kinds[] = {
    {"open", "sPfm", 160, run_open},
    {"close", "s", 110, run_close},
    {"dup", "ss", 10, run_dup},
    {"fsync", "s", 12, run_fsync},
    {"fdatasync", "s", 6, run_fdatasync},
    {"lseek", "sow", 20, run_lseek},
    {"seek-data", "so", 12, run_seek_data},
    {"seek-hole", "so", 12, run_seek_hole},

    {"read", "sl", 40, run_read},
    {"pread", "sol", 40, run_pread},
    {"write", "sld", 50, run_write},
    {"pwrite", "sold", 60, run_pwrite},
    {"map-read", "sol", 20, run_map_read},
    {"map-write", "soldy", 30, run_map_write},
    {"copy", "ssool", 20, run_copy},
    {"truncate", "Po", 20, run_truncate},
    {"ftruncate", "so", 25, run_ftruncate},
    {"fallocate", "skol", 30, run_fallocate},

    {"mkdir", "Dm", 30, run_mkdir},
    {"rmdir", "D", 15, run_rmdir},
    {"unlink", "P", 25, run_unlink},
    {"rename", "ppr", 40, run_rename},
    {"link", "PPa", 25, run_link},
    {"symlink", "pp", 12, run_symlink},
    {"readlink", "p", 8, run_readlink},
    {"mknod", "Pm", 6, run_mknod},
    {"readdir", "D", 12, run_readdir},

    {"stat", "p", 10, run_stat},
    {"lstat", "p", 10, run_lstat},
    {"fstat", "s", 10, run_fstat},
    {"access", "pm", 8, run_access},
    {"umask", "m", 3, run_umask},
    {"chmod", "pm", 15, run_chmod},
    {"fchmod", "sm", 8, run_fchmod},
    {"chown", "puua", 12, run_chown},
    {"fchown", "suu", 6, run_fchown},
    {"utimens", "ptntna", 10, run_utimens},
    {"futimens", "stntn", 8, run_futimens},

    {"setxattr", "pxldca", 15, run_setxattr},
    {"getxattr", "pxla", 10, run_getxattr},
    {"listxattr", "pa", 6, run_listxattr},
    {"removexattr", "pxa", 8, run_removexattr},
    {"fsetxattr", "sxldc", 8, run_fsetxattr},
    {"fgetxattr", "sxl", 6, run_fgetxattr},
    {"flistxattr", "s", 4, run_flistxattr},
    {"fremovexattr", "sx", 5, run_fremovexattr},

    {"check", "", 5, NULL}, /* the whole trees are compared: session.c */
    {0},
};

const struct kind *kind_find(const char *name)
{
    for (const struct kind *kind = kinds; kind->name; kind++)
        if (strcmp(kind->name, name) == 0) return kind;
    return NULL;
}

bool kind_is(const struct operation *operation, const char *name)
{
    return strcmp(operation->kind->name, name) == 0;
}
