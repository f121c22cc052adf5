/* SPDX-License-Identifier: Apache-2.0 */
#include "fault_plan.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "mutex.h"

enum { RULES_MAX = 64, PLAN_BYTES_MAX = 64 * 1024 };

struct rule {
    enum fault_operation operation;
    struct fault fault;
    unsigned long after; /* calls that pass first */
    unsigned long times; /* how often it applies then */
    unsigned long matched;
};

struct rules {
    struct rule list[RULES_MAX];
    size_t count;
};

/* Tells whether a file is still the one that was read. All zero: there was none. */
struct file_stamp {
    dev_t device;
    ino_t ino;
    off_t size;
    struct timespec changed;
};

struct fault_plan {
    struct mutex lock;
    struct rules rules;      /* guarded by lock */
    unsigned long applied;   /* guarded by lock */
    char *path;              /* guarded by lock; NULL: no file is followed */
    struct file_stamp stamp; /* guarded by lock */
};

/* ---- the text of a plan ---- */

static const char separators[] = " \t\r";

static const char *const operation_names[] = {
    [FAULT_GET] = "get",
    [FAULT_SCAN] = "scan",
    [FAULT_SNAPSHOT] = "snapshot",
    [FAULT_COMMIT] = "commit",
    [FAULT_SYNC] = "sync",
    [FAULT_BLOB_PUT] = "blob_put",
    [FAULT_BLOB_GET] = "blob_get",
    [FAULT_BLOB_DELETE] = "blob_delete",
    [FAULT_BLOB_LIST] = "blob_list",
    [FAULT_ANY] = "*",
};

static bool parse_operation(const char *word, enum fault_operation *ret_operation)
{
    for (int i = 0; i <= FAULT_ANY; i++)
        if (strcmp(word, operation_names[i]) == 0) {
            *ret_operation = (enum fault_operation)i;
            return true;
        }
    return false;
}

static bool parse_number(const char *word, unsigned long most, unsigned long *ret_number)
{
    if (!word || !isdigit((unsigned char)*word)) return false;
    char *end;
    errno = 0;
    unsigned long number = strtoul(word, &end, 10);
    if (*end || errno != 0 || number > most) return false;
    *ret_number = number;
    return true;
}

/* The action and its argument. `rest` is strtok_r's. */
static bool parse_fault(const char *word, char **rest, struct rule *rule)
{
    unsigned long number;
    if (!word) return false;
    if (strcmp(word, "error") == 0) {
        const char *name = strtok_r(NULL, separators, rest);
        rule->fault.action = FAULT_ERROR;
        rule->fault.error = name ? error_from_name(name) : 0;
        return rule->fault.error != 0;
    }
    if (strcmp(word, "delay") == 0) {
        if (!parse_number(strtok_r(NULL, separators, rest), UINT_MAX, &number)) return false;
        rule->fault = (struct fault){.action = FAULT_DELAY, .delay_ms = (unsigned)number};
        return true;
    }
    if (rule->operation != FAULT_COMMIT) return false;
    rule->fault.action = strcmp(word, "unknown") == 0 ? FAULT_UNKNOWN : FAULT_LOST;
    return rule->fault.action == FAULT_UNKNOWN || strcmp(word, "lost") == 0;
}

static bool parse_limit(const char *word, struct rule *rule)
{
    if (strncmp(word, "after=", 6) == 0) return parse_number(word + 6, ULONG_MAX, &rule->after);
    if (strncmp(word, "times=", 6) == 0) return parse_number(word + 6, ULONG_MAX, &rule->times);
    return false;
}

/* Takes the line apart. */
static bool parse_rule(char *line, struct rule *ret_rule)
{
    char *rest;
    const char *word = strtok_r(line, separators, &rest);
    struct rule rule = {.times = ULONG_MAX};
    if (!word || !parse_operation(word, &rule.operation)) return false;
    if (!parse_fault(strtok_r(NULL, separators, &rest), &rest, &rule)) return false;
    while ((word = strtok_r(NULL, separators, &rest)))
        if (!parse_limit(word, &rule)) return false;
    *ret_rule = rule;
    return true;
}

static int parse(const char *text, struct rules *ret_rules)
{
    char *copy = strdup(text), *rest;
    if (!copy) return ERR_NOMEM;
    struct rules rules = {.count = 0};
    int error = 0;
    for (char *line = strtok_r(copy, "\n", &rest); line && !error; line = strtok_r(NULL, "\n", &rest)) {
        if (line[strspn(line, separators)] == '\0') continue;
        if (rules.count == RULES_MAX || !parse_rule(line, &rules.list[rules.count])) error = ERR_INVAL;
        else rules.count++;
    }
    free(copy);
    if (!error) *ret_rules = rules;
    return error;
}

/* ---- the plan ---- */

struct fault_plan *fault_plan_new(void)
{
    struct fault_plan *plan = calloc(1, sizeof *plan);
    if (plan) mutex_init(&plan->lock);
    return plan;
}

void fault_plan_free(struct fault_plan *plan)
{
    if (!plan) return;
    mutex_release(&plan->lock);
    free(plan->path);
    free(plan);
}

int fault_plan_set(struct fault_plan *plan, const char *text)
{
    struct rules rules;
    int error = parse(text, &rules);
    if (error) return error;
    MUTEX_GUARD(&plan->lock);
    plan->rules = rules;
    return 0;
}

unsigned long fault_plan_applied(const struct fault_plan *plan)
{
    struct fault_plan *locked = (struct fault_plan *)plan; /* the lock is no part of what can be seen */
    MUTEX_GUARD(&locked->lock);
    return plan->applied;
}

/* ---- a plan in a file ---- */

static struct file_stamp stamp_of(const struct stat *status)
{
    return (struct file_stamp){status->st_dev, status->st_ino, status->st_size, status->st_mtim};
}

static bool stamp_equal(const struct file_stamp *a, const struct file_stamp *b)
{
    return a->device == b->device && a->ino == b->ino && a->size == b->size && a->changed.tv_sec == b->changed.tv_sec &&
           a->changed.tv_nsec == b->changed.tv_nsec;
}

static int read_all(int descriptor, struct buffer *text)
{
    for (;;) {
        char piece[4096];
        ssize_t size = read(descriptor, piece, sizeof piece);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return error_from_errno(errno);
        if (size == 0) return buffer_failed(text);
        buffer_append(text, SLICE(piece, (size_t)size));
        if (text->size > PLAN_BYTES_MAX) return ERR_INVAL;
    }
}

/* The stamp is from before the reading: what is written to the file meanwhile makes another one. */
static int read_rules(const char *path, struct file_stamp *ret_stamp, struct rules *ret_rules)
{
    struct stat status;
    struct buffer text = {0};
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return error_from_errno(errno);
    int error = fstat(descriptor, &status) == 0 ? 0 : error_from_errno(errno);
    if (!error) {
        *ret_stamp = stamp_of(&status);
        error = read_all(descriptor, &text);
    }
    close(descriptor);
    buffer_append_u8(&text, '\0');
    if (!error) error = buffer_failed(&text);
    if (!error) error = parse((const char *)text.data, ret_rules);
    buffer_release(&text);
    return error;
}

/* Reads the file if it is not the one that was read last. One that cannot be used leaves the rules. */
static int refresh_locked(struct fault_plan *plan, const char *path)
{
    mutex_assert_held(&plan->lock);
    struct stat status;
    struct file_stamp stamp = {0};
    struct rules rules = {.count = 0};
    if (stat(path, &status) == 0) stamp = stamp_of(&status);
    else if (errno != ENOENT) return error_from_errno(errno);
    if (stamp_equal(&stamp, &plan->stamp)) return 0;
    int error = stamp.ino != 0 ? read_rules(path, &stamp, &rules) : 0;
    if (error == ERR_NOENT) return 0; /* replaced just now: the next call looks again */
    plan->stamp = stamp;
    if (!error) plan->rules = rules;
    return error;
}

int fault_plan_follow_file(struct fault_plan *plan, const char *path)
{
    char *copy = strdup(path);
    if (!copy) return ERR_NOMEM;
    MUTEX_GUARD(&plan->lock);
    plan->stamp = (struct file_stamp){.size = -1}; /* like none: also an absent file replaces the rules */
    int error = refresh_locked(plan, copy);
    if (error) {
        free(copy);
        return error;
    }
    free(plan->path);
    plan->path = copy;
    return 0;
}

/* ---- deciding ---- */

static bool rule_matches(struct rule *rule, enum fault_operation operation)
{
    if (rule->operation != FAULT_ANY && rule->operation != operation) return false;
    unsigned long before = rule->matched++;
    return before >= rule->after && before - rule->after < rule->times;
}

struct fault fault_plan_decide(struct fault_plan *plan, enum fault_operation operation)
{
    MUTEX_GUARD(&plan->lock);
    int error = plan->path ? refresh_locked(plan, plan->path) : 0;
    if (error) log_warning("%s: not used as a fault plan: %s", plan->path, error_text(error));
    for (size_t i = 0; i < plan->rules.count; i++)
        if (rule_matches(&plan->rules.list[i], operation)) {
            plan->applied++;
            return plan->rules.list[i].fault;
        }
    return (struct fault){.action = FAULT_PASS};
}
