/* SPDX-License-Identifier: Apache-2.0 */
#include "operation.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "kinds.h"
#include "words.h"

bool is_path_letter(char letter)
{
    return letter && strchr("pPD", letter);
}

static void print_path(const char *path, FILE *out)
{
    fputc('"', out);
    for (const char *at = path; *at; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte == '"' || byte == '\\' || !isprint(byte)) fprintf(out, "\\x%02x", byte);
        else fputc(byte, out);
    }
    fputc('"', out);
}

void operation_print(const struct operation *operation, FILE *out)
{
    size_t path = 0, number = 0;
    if (operation->user) fprintf(out, "@%u ", operation->user);
    if (operation->quiet) fputs("quiet ", out);
    fputs(operation->kind->name, out);
    for (const char *letter = operation->kind->arguments; *letter; letter++) {
        fputc(' ', out);
        if (is_path_letter(*letter)) print_path(operation->path[path++], out);
        else word_print(*letter, operation->number[number++], out);
    }
    fputc('\n', out);
}

/* The next word, or the text between quotes. */
static bool next_word(const char **at, char *word, size_t size)
{
    const char *from = *at;
    size_t length = 0;
    while (isspace((unsigned char)*from))
        from++;
    bool quoted = *from == '"';
    if (quoted) from++;
    else if (!*from) return false;
    while (quoted ? *from != '"' : *from && !isspace((unsigned char)*from)) {
        unsigned byte = (unsigned char)*from;
        int used = 1;
        if (!byte || length + 1 >= size) return false;
        if (byte == '\\' && sscanf(from, "\\x%2x%n", &byte, &used) != 1) return false;
        word[length++] = (char)byte;
        from += used;
    }
    word[length] = '\0';
    *at = from + (quoted ? 1 : 0);
    return true;
}

static bool parse_arguments(const char *at, struct operation *operation)
{
    char word[PATH_MAX + 64];
    size_t path = 0, number = 0;
    for (const char *letter = operation->kind->arguments; *letter; letter++) {
        if (!next_word(&at, word, sizeof word)) return false;
        if (is_path_letter(*letter)) operation->path[path++] = strdup(word);
        else if (!word_parse(*letter, word, &operation->number[number++])) return false;
    }
    return !next_word(&at, word, sizeof word);
}

bool operation_parse(const char *line, struct operation *ret_operation)
{
    char word[64];
    const char *at = line;
    struct operation operation = {0};
    if (!next_word(&at, word, sizeof word)) return false;
    if (word[0] == '@') {
        operation.user = (unsigned)atoi(word + 1);
        if (!next_word(&at, word, sizeof word)) return false;
    }
    if (strcmp(word, "quiet") == 0) {
        operation.quiet = true;
        if (!next_word(&at, word, sizeof word)) return false;
    }
    operation.kind = kind_find(word);
    if (!operation.kind || !parse_arguments(at, &operation)) {
        operation_release(&operation);
        return false;
    }
    *ret_operation = operation;
    return true;
}

void operation_release(struct operation *operation)
{
    for (size_t i = 0; i < PATHS_MAX; i++)
        free(operation->path[i]);
    *operation = (struct operation){0};
}

struct operation operation_copy(const struct operation *operation)
{
    struct operation copy = *operation;
    for (size_t i = 0; i < PATHS_MAX; i++)
        if (copy.path[i]) copy.path[i] = strdup(copy.path[i]);
    return copy;
}
