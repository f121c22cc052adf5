/* SPDX-License-Identifier: Apache-2.0 */
#include "base.h"

#include <stddef.h>

struct base base_choose(const struct base_facts *facts)
{
    static const struct version_id nothing;
    const struct {
        const struct version_id *id;
        enum base_rule rule;
    } rules[] = {
        {&facts->descriptor_token, BASE_DESCRIPTOR_TOKEN},
        {&facts->named, BASE_NAMED},
        {&facts->armed, BASE_ARMED},
        {&facts->carried, BASE_CARRIED},
        {facts->read_first ? &facts->opened : &nothing, BASE_READ_FIRST},
        {&facts->remembered, BASE_REMEMBERED},
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].id->lineage != 0) return (struct base){.id = *rules[i].id, .rule = rules[i].rule};
    return (struct base){.id = facts->opened, .rule = BASE_HEAD_AT_OPEN};
}

bool base_is_explicit(const struct base *base)
{
    return base->rule <= BASE_ARMED;
}
