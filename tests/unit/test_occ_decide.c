/* SPDX-License-Identifier: Apache-2.0 */
#include "decide.h"
#include "unit.h"

static const struct version_id opened = {1, 5, 55}, newer = {1, 6, 66};

/* ---- base_choose ---- */

/* A row for each rule, in their order, with what makes it apply. */
static const struct rule_row {
    enum base_rule rule;
    struct base_facts facts;
    struct version_id id;
    bool is_explicit;
} rules[] = {
    {BASE_DESCRIPTOR_TOKEN, {.descriptor_token = {1, 1, 11}}, {1, 1, 11}, true},
    {BASE_NAMED, {.named = {1, 2, 22}}, {1, 2, 22}, true},
    {BASE_ARMED, {.armed = {1, 3, 33}}, {1, 3, 33}, true},
    {BASE_CARRIED, {.carried = {1, 4, 44}}, {1, 4, 44}, false},
    {BASE_READ_FIRST, {.read_first = true}, {1, 5, 55}, false},
    {BASE_REMEMBERED, {.remembered = {1, 7, 77}}, {1, 7, 77}, false},
    {BASE_HEAD_AT_OPEN, {.opened = {1, 5, 55}}, {1, 5, 55}, false},
};
enum { RULES = sizeof rules / sizeof rules[0] };

static void add_facts(struct base_facts *facts, const struct base_facts *more)
{
    if (more->descriptor_token.lineage) facts->descriptor_token = more->descriptor_token;
    if (more->named.lineage) facts->named = more->named;
    if (more->armed.lineage) facts->armed = more->armed;
    if (more->carried.lineage) facts->carried = more->carried;
    if (more->read_first) facts->read_first = true;
    if (more->remembered.lineage) facts->remembered = more->remembered;
}

/* Every set of rules that apply: bit i is for row i; the last always applies. */
static void the_first_rule_that_applies_gives_the_base(void **state)
{
    (void)state;
    for (unsigned applying = 0; applying < 1U << (RULES - 1); applying++) {
        struct base_facts facts = {.opened = opened};
        size_t first = RULES - 1;
        for (size_t i = RULES - 1; i-- > 0;) {
            if (!(applying >> i & 1)) continue;
            add_facts(&facts, &rules[i].facts);
            first = i;
        }
        struct base base = base_choose(&facts);
        assert_int_equal(base.rule, rules[first].rule);
        assert_true(version_id_equal(&base.id, &rules[first].id));
        assert_int_equal(base_is_explicit(&base), rules[first].is_explicit);
        assert_int_equal(rules[first].rule, first + 1);
    }
}

/* ---- decide ---- */

enum { ANY = -1 };

/* The table: the first row that matches all facts. `version`: it is one in any case, since the file stands anew or a conflict is
 * resolved; `fresh`: the base is the head. */
static const struct row {
    int conflicted, removal, repetition, live, same_content, version, fresh, only_appended, is_explicit;
    enum decision decision;
} table[] = {
    {true, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, DECIDE_CONFLICT},
    {false, REMOVAL_BY_SELF, ANY, ANY, ANY, ANY, ANY, ANY, ANY, DECIDE_DISCARD},
    {false, ANY, REPETITION_SAME, ANY, ANY, ANY, ANY, ANY, ANY, DECIDE_REPEATED},
    {false, ANY, REPETITION_OTHER, ANY, ANY, ANY, ANY, ANY, ANY, DECIDE_REUSED},
    {false, REMOVAL_BY_OTHER, ANY, false, ANY, ANY, ANY, ANY, ANY, DECIDE_CONFLICT},
    {false, REMOVAL_BY_OTHER, ANY, true, ANY, ANY, ANY, ANY, ANY, DECIDE_DISCARD},
    {false, REMOVAL_NONE, ANY, ANY, true, false, ANY, ANY, ANY, DECIDE_UNCHANGED},
    {false, REMOVAL_NONE, ANY, ANY, true, true, ANY, ANY, ANY, DECIDE_COMMIT},
    {false, REMOVAL_NONE, ANY, true, false, ANY, ANY, ANY, ANY, DECIDE_COMMIT},
    {false, REMOVAL_NONE, ANY, false, false, ANY, true, ANY, ANY, DECIDE_COMMIT},
    {false, REMOVAL_NONE, ANY, false, false, ANY, false, true, false, DECIDE_APPEND},
    {false, REMOVAL_NONE, ANY, false, false, ANY, false, true, true, DECIDE_CONFLICT},
    {false, REMOVAL_NONE, ANY, false, false, ANY, false, false, ANY, DECIDE_CONFLICT},
};
enum { ROWS = sizeof table / sizeof table[0] };

static bool fits(int wanted, int value)
{
    return wanted == ANY || wanted == value;
}

static size_t row_of(const struct decide_facts *facts)
{
    bool fresh = version_id_equal(&facts->base.id, &facts->head);
    for (size_t i = 0; i < ROWS; i++)
        if (fits(table[i].conflicted, facts->conflicted) && fits(table[i].removal, (int)facts->removal) &&
            fits(table[i].repetition, (int)facts->repetition) && fits(table[i].live, facts->policy == POLICY_LIVE) &&
            fits(table[i].same_content, facts->same_content) &&
            fits(table[i].version, facts->anew || facts->resolves) && fits(table[i].fresh, fresh) &&
            fits(table[i].only_appended, facts->only_appended) &&
            fits(table[i].is_explicit, base_is_explicit(&facts->base)))
            return i;
    fail_msg("no row of the table covers this");
    return 0;
}

static void every_combination_of_facts_is_decided_as_the_table_says(void **state)
{
    (void)state;
    static const enum base_rule some[] = {BASE_DESCRIPTOR_TOKEN, BASE_READ_FIRST, BASE_HEAD_AT_OPEN};
    unsigned met[ROWS] = {0};
    for (unsigned bits = 0; bits < 64; bits++)
        for (unsigned rule = 0; rule < 3; rule++)
            for (unsigned other = 0; other < 27; other++) {
                const struct decide_facts facts = {
                    .policy = (enum policy)(other / 3 % 3), /* INHERIT, REJECT, LIVE */
                    .base = {.id = opened, .rule = some[rule]},
                    .head = bits & 1 ? opened : newer,
                    .removal = (enum removal)(other % 3),       /* NONE, BY_SELF, BY_OTHER */
                    .repetition = (enum repetition)(other / 9), /* NONE, SAME, OTHER */
                    .conflicted = bits & 2,
                    .only_appended = bits & 4,
                    .same_content = bits & 8,
                    .anew = bits & 16,
                    .resolves = bits & 32,
                };
                size_t row = row_of(&facts);
                met[row]++;
                assert_int_equal(decide(&facts), table[row].decision);
            }
    for (size_t i = 0; i < ROWS; i++)
        assert_true(met[i] > 0);
}

static void a_base_is_the_head_only_if_all_of_its_name_is(void **state)
{
    (void)state;
    static const struct version_id others[] = {{2, 5, 55}, {1, 6, 55}, {1, 5, 56}, {0, 0, 0}};
    struct decide_facts facts = {.base = {.id = opened, .rule = BASE_HEAD_AT_OPEN}, .head = opened};
    assert_int_equal(decide(&facts), DECIDE_COMMIT);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        facts.head = others[i];
        assert_int_equal(decide(&facts), DECIDE_CONFLICT);
    }
}

static void a_live_file_never_conflicts(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 8; bits++) {
        struct decide_facts facts = {
            .policy = POLICY_LIVE,
            .base = {.id = {1, 1, 1}, .rule = bits & 1 ? BASE_DESCRIPTOR_TOKEN : BASE_HEAD_AT_OPEN},
            .head = {1, bits & 2 ? 1 : 2, 1},
            .only_appended = bits & 4,
        };
        assert_int_equal(decide(&facts), DECIDE_COMMIT);
        facts.same_content = true;
        assert_int_equal(decide(&facts), DECIDE_UNCHANGED);
        facts.removal = REMOVAL_BY_OTHER;
        assert_int_equal(decide(&facts), DECIDE_DISCARD);
        facts.removal = REMOVAL_BY_SELF;
        assert_int_equal(decide(&facts), DECIDE_DISCARD);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_rule_that_applies_gives_the_base),
        cmocka_unit_test(every_combination_of_facts_is_decided_as_the_table_says),
        cmocka_unit_test(a_live_file_never_conflicts),
        cmocka_unit_test(a_base_is_the_head_only_if_all_of_its_name_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
