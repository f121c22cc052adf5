/* SPDX-License-Identifier: Apache-2.0 */
#include "complaint.h"

#include <stdarg.h>
#include <stdio.h>

bool complain(struct complaint *complaint, const char *what, const char *format, ...)
{
    if (complaint->what[0]) return false;
    va_list arguments;
    va_start(arguments, format);
    snprintf(complaint->what, sizeof complaint->what, "%s", what);
    vsnprintf(complaint->text, sizeof complaint->text, format, arguments);
    va_end(arguments);
    return false;
}
