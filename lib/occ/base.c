/* SPDX-License-Identifier: Apache-2.0 */
#include "base.h"

struct base base_choose(const struct base_facts *facts)
{
    if (facts->descriptor_token.lineage != 0)
        return (struct base){.id = facts->descriptor_token, .rule = BASE_DESCRIPTOR_TOKEN};
    if (facts->armed.lineage != 0) return (struct base){.id = facts->armed, .rule = BASE_ARMED};
    if (facts->carried.lineage != 0) return (struct base){.id = facts->carried, .rule = BASE_CARRIED};
    if (facts->read_first) return (struct base){.id = facts->opened, .rule = BASE_READ_FIRST};
    return (struct base){.id = facts->opened, .rule = BASE_HEAD_AT_OPEN};
}

bool base_is_explicit(const struct base *base)
{
    return base->rule == BASE_DESCRIPTOR_TOKEN || base->rule == BASE_ARMED;
}
