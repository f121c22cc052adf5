/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_FAULT_PLAN_H
#define OCC_FAULT_PLAN_H

#include "fault.h"

/* What the decorators of fault.h ask the plan. */
enum fault_operation {
    FAULT_GET,
    FAULT_SCAN,
    FAULT_SNAPSHOT,
    FAULT_COMMIT,
    FAULT_SYNC,
    FAULT_BLOB_PUT,
    FAULT_BLOB_GET,
    FAULT_BLOB_DELETE,
    FAULT_BLOB_LIST,
    FAULT_ANY, /* of a rule */
};

enum fault_action { FAULT_PASS, FAULT_ERROR, FAULT_UNKNOWN, FAULT_LOST, FAULT_DELAY };

struct fault {
    enum fault_action action;
    int error;         /* FAULT_ERROR: negative */
    unsigned delay_ms; /* FAULT_DELAY */
};

/* What shall become of this call. It counts as matching the rules up to the one that applies. */
struct fault fault_plan_decide(struct fault_plan *plan, enum fault_operation operation);

#endif
