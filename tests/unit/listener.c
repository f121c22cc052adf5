/* SPDX-License-Identifier: Apache-2.0 */
#include "listener.h"

#include <fcntl.h>
#include <unistd.h>

#include "unit.h"

void listen_begin(struct listener *listener)
{
    listener->file = tmpfile();
    assert_non_null(listener->file);
    fcntl(fileno(listener->file), F_SETFL, O_APPEND);
    listener->terminal = dup(STDERR_FILENO);
    dup2(fileno(listener->file), STDERR_FILENO);
}

const char *listen_end(struct listener *listener)
{
    dup2(listener->terminal, STDERR_FILENO);
    close(listener->terminal);
    rewind(listener->file);
    size_t size = fread(listener->text, 1, sizeof listener->text - 1, listener->file);
    listener->text[size] = '\0';
    fclose(listener->file);
    return listener->text;
}
