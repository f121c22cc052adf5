/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_UNIT_H
#define OCC_UNIT_H

/* cmocka.h wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "error.h"

/* Fails with the errors' names instead of their numbers. 0 is "success"; not for use outside of the main thread. */
#define assert_error(got, expected) assert_string_equal(unit_error_name(got), unit_error_name(expected))
#define assert_success(got) assert_error(got, 0)

static inline const char *unit_error_name(int error)
{
    return error == 0 ? "success" : error > 0 ? "a positive outcome" : error_name(error);
}

#endif
