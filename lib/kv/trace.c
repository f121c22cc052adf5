/* SPDX-License-Identifier: Apache-2.0 */
#include "trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "log.h"

struct trace_kv {
    struct kv kv;
    struct kv *inner;
};

struct trace_blobs {
    struct blobs blobs;
    struct blobs *inner;
};

static struct kv *inner_of(struct kv *kv)
{
    return ((struct trace_kv *)kv)->inner;
}

static struct blobs *inner_blobs_of(struct blobs *blobs)
{
    return ((struct trace_blobs *)blobs)->inner;
}

/* ---- the line of one call ---- */

enum { LINE_BYTES = 960, KEY_BYTES_SHOWN = 64 }; /* room for the log's own words in its line */

/* `OPERATION ARGUMENTS: OUTCOME, N us`. What does not fit is cut off the arguments. */
struct line {
    char text[LINE_BYTES];
    size_t size;
    int64_t began;
};

__attribute__((format(printf, 2, 3))) static void line_add(struct line *line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line->text + line->size, sizeof line->text - line->size, format, arguments);
    va_end(arguments);
    size_t left = sizeof line->text - 1 - line->size;
    if (size > 0) line->size += (size_t)size < left ? (size_t)size : left;
}

/* Printable bytes as they are, others as \xNN: keys are numbers and names. */
static void line_add_key(struct line *line, struct slice key)
{
    const uint8_t *bytes = key.data;
    for (size_t i = 0; i < key.size && i < KEY_BYTES_SHOWN; i++)
        line_add(line, bytes[i] > ' ' && bytes[i] < 0x7f && bytes[i] != '\\' ? "%c" : "\\x%02x", bytes[i]);
    if (key.size > KEY_BYTES_SHOWN) line_add(line, "...");
}

static void line_begin(struct line *line, const char *operation)
{
    line->size = 0;
    line_add(line, "%s", operation);
    line->began = clock_monotonic_ns();
}

static void line_end(struct line *line, const char *outcome)
{
    log_debug("%s: %s, %" PRId64 " us", line->text, outcome, (clock_monotonic_ns() - line->began) / 1000);
}

static void line_end_error(struct line *line, int error)
{
    line_end(line, error_name(error));
}

static void line_end_count(struct line *line, int error, const char *what, size_t count)
{
    char outcome[64];
    snprintf(outcome, sizeof outcome, "%s, %zu %s", error_name(error), count, what);
    line_end(line, outcome);
}

/* ---- records ---- */

static int trace_get(struct kv *kv, const struct kv_snapshot *snapshot, struct slice key, struct buffer *ret_value)
{
    struct line line;
    line_begin(&line, snapshot ? "kv get of snapshot " : "kv get ");
    line_add_key(&line, key);
    int error = kv_get(inner_of(kv), snapshot, key, ret_value);
    line_end_count(&line, error, "bytes", error ? 0 : ret_value->size);
    return error;
}

struct counted_visit {
    kv_visit *visit;
    void *context;
    size_t count;
};

static int visit_counted(void *context, struct slice key, struct slice value)
{
    struct counted_visit *counted = context;
    counted->count++;
    return counted->visit(counted->context, key, value);
}

static void line_add_range(struct line *line, const struct kv_range *range)
{
    line_add(line, "[");
    line_add_key(line, range->first);
    line_add(line, ", ");
    line_add_key(line, range->end);
    line_add(line, ")");
}

static int trace_scan(struct kv *kv, const struct kv_snapshot *snapshot, const struct kv_range *range, kv_visit *visit,
                      void *context)
{
    struct line line;
    struct counted_visit counted = {.visit = visit, .context = context};
    line_begin(&line, snapshot ? "kv scan of snapshot " : "kv scan ");
    line_add_range(&line, range);
    if (range->reverse) line_add(&line, " reverse");
    if (range->limit > 0) line_add(&line, " limit %zu", range->limit);
    int error = kv_scan(inner_of(kv), snapshot, range, visit_counted, &counted);
    line_end_count(&line, error, "keys", counted.count);
    return error;
}

static int trace_snapshot(struct kv *kv, struct kv_snapshot **ret_snapshot)
{
    struct line line;
    line_begin(&line, "kv snapshot");
    int error = kv_snapshot(inner_of(kv), ret_snapshot);
    line_end_error(&line, error);
    return error;
}

static void trace_snapshot_free(struct kv *kv, struct kv_snapshot *snapshot)
{
    struct line line;
    line_begin(&line, "kv snapshot free");
    kv_snapshot_free(inner_of(kv), snapshot);
    line_end_error(&line, 0);
}

static void line_add_batch(struct line *line, const struct kv_batch *batch)
{
    const struct kv_operation *operations;
    const struct kv_condition *conditions;
    size_t operation_count = kv_batch_operations(batch, &operations);
    size_t condition_count = kv_batch_conditions(batch, &conditions);
    for (size_t i = 0; i < operation_count; i++) {
        line_add(line, operations[i].put ? " put " : " delete ");
        line_add_key(line, operations[i].key);
        if (operations[i].put) line_add(line, " (%zu bytes)", operations[i].value.size);
    }
    for (size_t i = 0; i < condition_count; i++) {
        line_add(line, conditions[i].present ? " expect " : " expect no ");
        line_add_key(line, conditions[i].key);
        if (conditions[i].present) line_add(line, " (%zu bytes)", conditions[i].value.size);
    }
}

static int trace_commit(struct kv *kv, const struct kv_batch *batch, bool durable, enum kv_outcome *ret_outcome)
{
    static const char *const names[] = {
        [KV_DONE] = "done", [KV_CONDITION_FALSE] = "condition false", [KV_UNKNOWN] = "unknown"};
    struct line line;
    struct kv *inner = inner_of(kv);
    line_begin(&line, durable ? "kv commit durable" : "kv commit");
    line_add_batch(&line, batch);
    int error = inner->engine->commit(inner, batch, durable, ret_outcome);
    line_end(&line, error ? error_name(error) : names[*ret_outcome]);
    return error;
}

static int trace_sync(struct kv *kv)
{
    struct line line;
    line_begin(&line, "kv sync");
    int error = kv_sync(inner_of(kv));
    line_end_error(&line, error);
    return error;
}

static int trace_watch(struct kv *kv, const struct kv_range *range, kv_watch_visit *visit, void *context,
                       struct kv_snapshot **ret_snapshot, struct kv_watch **ret_watch)
{
    struct line line;
    line_begin(&line, "kv watch ");
    line_add_range(&line, range);
    int error = kv_watch(inner_of(kv), range, visit, context, ret_snapshot, ret_watch);
    line_end_error(&line, error);
    return error;
}

static void trace_watch_cancel(struct kv *kv, struct kv_watch *watch)
{
    struct line line;
    line_begin(&line, "kv watch cancel");
    kv_watch_cancel(inner_of(kv), watch);
    line_end_error(&line, 0);
}

static void trace_kv_free(struct kv *kv)
{
    kv_free(inner_of(kv));
    free(kv);
}

static const struct kv_engine trace_engine = {
    .name = "trace",
    .get = trace_get,
    .scan = trace_scan,
    .snapshot = trace_snapshot,
    .snapshot_free = trace_snapshot_free,
    .commit = trace_commit,
    .sync = trace_sync,
    .watch = trace_watch,
    .watch_cancel = trace_watch_cancel,
    .free = trace_kv_free,
};

struct kv *trace_kv_new(struct kv *inner)
{
    struct trace_kv *kv = inner ? malloc(sizeof *kv) : NULL;
    if (!kv) {
        kv_free(inner);
        return NULL;
    }
    *kv = (struct trace_kv){{&trace_engine}, inner};
    return &kv->kv;
}

/* ---- blobs ---- */

static int trace_blob_put(struct blobs *blobs, uint64_t id, struct slice bytes)
{
    struct line line;
    line_begin(&line, "blob put ");
    line_add(&line, "%" PRIu64 " (%zu bytes)", id, bytes.size);
    int error = blob_put(inner_blobs_of(blobs), id, bytes);
    line_end_error(&line, error);
    return error;
}

static int trace_blob_get(struct blobs *blobs, uint64_t id, blob_visit *visit, void *context)
{
    struct line line;
    line_begin(&line, "blob get ");
    line_add(&line, "%" PRIu64, id);
    int result = blob_get(inner_blobs_of(blobs), id, visit, context);
    line_end_error(&line, result < 0 ? result : 0);
    return result;
}

static int trace_blob_delete_range(struct blobs *blobs, uint64_t first, uint64_t count)
{
    struct line line;
    line_begin(&line, "blob delete ");
    line_add(&line, "%" PRIu64 " (%" PRIu64 " ids)", first, count);
    int error = blob_delete_range(inner_blobs_of(blobs), first, count);
    line_end_error(&line, error);
    return error;
}

struct counted_ids {
    blob_id_visit *visit;
    void *context;
    size_t count;
};

static int visit_counted_id(void *context, uint64_t id)
{
    struct counted_ids *counted = context;
    counted->count++;
    return counted->visit(counted->context, id);
}

static int trace_blob_list(struct blobs *blobs, uint64_t first, blob_id_visit *visit, void *context)
{
    struct line line;
    struct counted_ids counted = {.visit = visit, .context = context};
    line_begin(&line, "blob list from ");
    line_add(&line, "%" PRIu64, first);
    int error = blob_list(inner_blobs_of(blobs), first, visit_counted_id, &counted);
    line_end_count(&line, error, "ids", counted.count);
    return error;
}

static void trace_blobs_free(struct blobs *blobs)
{
    blobs_free(inner_blobs_of(blobs));
    free(blobs);
}

static const struct blob_engine trace_blob_engine = {
    .name = "trace",
    .put = trace_blob_put,
    .get = trace_blob_get,
    .delete_range = trace_blob_delete_range,
    .list = trace_blob_list,
    .free = trace_blobs_free,
};

struct blobs *trace_blobs_new(struct blobs *inner)
{
    struct trace_blobs *blobs = inner ? malloc(sizeof *blobs) : NULL;
    if (!blobs) {
        blobs_free(inner);
        return NULL;
    }
    *blobs = (struct trace_blobs){{&trace_blob_engine}, inner};
    return &blobs->blobs;
}
