/* SPDX-License-Identifier: Apache-2.0 */
#include "decide.h"

enum decision decide(const struct decide_facts *facts)
{
    if (facts->conflicted) return DECIDE_CONFLICT; /* its writer was told so and must reopen to be believed again */
    if (facts->removal == REMOVAL_BY_SELF) return DECIDE_DISCARD;
    if (facts->repetition == REPETITION_SAME) return DECIDE_REPEATED;
    if (facts->repetition == REPETITION_OTHER) return DECIDE_REUSED;
    if (facts->removal == REMOVAL_BY_OTHER) return facts->policy == POLICY_LIVE ? DECIDE_DISCARD : DECIDE_CONFLICT;
    if (facts->same_content) return facts->anew || facts->resolves ? DECIDE_COMMIT : DECIDE_UNCHANGED;
    if (facts->policy == POLICY_LIVE)
        return DECIDE_COMMIT; /* everybody wrote the same content: nobody's base is another */
    if (version_id_equal(&facts->base.id, &facts->head)) return DECIDE_COMMIT;
    if (facts->only_appended && !base_is_explicit(&facts->base)) return DECIDE_APPEND;
    return DECIDE_CONFLICT;
}
