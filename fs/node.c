/* SPDX-License-Identifier: Apache-2.0 */
#include "node.h"

#include <stdlib.h>
#include <string.h>

#include "file.h"

enum { FIRST_CAPACITY = 1024, ROOT_INDEX = 1 };

int node_table_init(struct node_table *table)
{
    *table = (struct node_table){.capacity = FIRST_CAPACITY, .first_free = ROOT_INDEX};
    table->slots = calloc(FIRST_CAPACITY, sizeof *table->slots);
    table->generations = calloc(FIRST_CAPACITY, sizeof *table->generations);
    return table->slots && table->generations ? 0 : ERR_NOMEM;
}

void node_table_release(struct node_table *table)
{
    free(table->slots);
    free(table->generations);
}

static bool table_grow(struct node_table *table)
{
    uint32_t capacity = table->capacity * 2;
    struct node **slots = realloc(table->slots, capacity * sizeof *slots);
    if (!slots) return false;
    table->slots = slots;
    uint32_t *generations = realloc(table->generations, capacity * sizeof *generations);
    if (!generations) return false;
    table->generations = generations;
    memset(slots + table->capacity, 0, (capacity - table->capacity) * sizeof *slots);
    memset(generations + table->capacity, 0, (capacity - table->capacity) * sizeof *generations);
    table->capacity = capacity;
    return true;
}

struct node *node_new(struct node_table *table, struct file *file, enum view_state state)
{
    uint32_t index = table->first_free;
    while (index < table->capacity && table->slots[index])
        index++;
    table->first_free = index;
    if (index == table->capacity && !table_grow(table)) return NULL;

    struct node *node = calloc(1, sizeof *node);
    if (!node) return NULL;
    node->index = index;
    node->generation = table->generations[index];
    node->id = (uint64_t)node->generation << 32 | index;
    node->state = state;
    node->file = file;
    node->next_of_file = file->nodes;
    file->nodes = node;
    table->slots[index] = node;
    table->first_free = index + 1;
    table->count++;
    return node;
}

void node_free(struct node_table *table, struct node *node)
{
    struct file *file = node->file;
    struct node **link = &file->nodes;
    while (*link != node)
        link = &(*link)->next_of_file;
    *link = node->next_of_file;
    if (file->published == node) file->published = NULL;

    table->slots[node->index] = NULL;
    table->generations[node->index]++;
    if (node->index < table->first_free) table->first_free = node->index;
    table->count--;
    free(node->name);
    free(node);
}

struct node *node_find(const struct node_table *table, uint64_t id)
{
    uint32_t index = (uint32_t)id;
    if (index >= table->capacity || !table->slots[index]) return NULL;
    return table->slots[index]->id == id ? table->slots[index] : NULL;
}

bool node_is_at(const struct node *node, uint64_t directory, const char *name)
{
    return node->name && node->directory == directory && strcmp(node->name, name) == 0;
}

void node_set_place(struct node *node, uint64_t directory, const char *name)
{
    node->directory = directory;
    if (node->name && strcmp(node->name, name) == 0) return;
    char *copy = strdup(name);
    if (!copy) return;
    free(node->name);
    node->name = copy;
}
