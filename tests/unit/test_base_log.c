/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "listener.h"
#include "log.h"
#include "unit.h"

static void assert_logged(struct listener *listener, const char *text)
{
    assert_string_equal(listen_end(listener), text);
}

static void a_line_says_who_and_how_bad(void **state)
{
    struct listener listener;
    (void)state;
    listen_begin(&listener);
    log_error("one %d", 1);
    log_warning("two %s", "words");
    log_info("three");
    assert_logged(&listener, "occfs: error: one 1\noccfs: warning: two words\noccfs: info: three\n");
}

static void control_characters_cannot_forge_a_line(void **state)
{
    struct listener listener;
    (void)state;
    listen_begin(&listener);
    log_warning("name: %s", "a\nb\r\tc\x1b[31m\x7f d\xc3\xa9");
    assert_logged(&listener, "occfs: warning: name: a?b??c?[31m? d\xc3\xa9\n");
}

static void a_format_in_a_name_is_no_format(void **state)
{
    struct listener listener;
    (void)state;
    listen_begin(&listener);
    log_warning("name: %s", "%n%s%d");
    assert_logged(&listener, "occfs: warning: name: %n%s%d\n");
}

static void a_long_line_is_cut_and_ends(void **state)
{
    static char name[5000];
    struct listener listener;
    (void)state;
    memset(name, 'x', sizeof name - 1);
    listen_begin(&listener);
    log_warning("%s", name);
    log_warning("next");
    const char *text = listen_end(&listener);
    const char *end = strchr(text, '\n');
    assert_in_range(end + 1 - text, 1000, 1024);
    assert_string_equal(end + 1, "occfs: warning: next\n");
}

static int evaluated;

static int evaluate(void)
{
    return ++evaluated;
}

static void a_level_hides_what_is_more_verbose(void **state)
{
    struct listener listener;
    (void)state;
    log_set_level(LOG_LEVEL_WARNING);
    assert_true(log_enabled(LOG_LEVEL_ERROR));
    assert_true(log_enabled(LOG_LEVEL_WARNING));
    assert_false(log_enabled(LOG_LEVEL_INFO));
    listen_begin(&listener);
    log_info("hidden");
    log_debug("hidden %d", evaluate());
    log_warning("shown");
    assert_logged(&listener, "occfs: warning: shown\n");
    assert_int_equal(evaluated, 0);

    log_set_level(LOG_LEVEL_DEBUG);
    listen_begin(&listener);
    log_debug("shown %d", evaluate());
    assert_logged(&listener, "occfs: debug: shown 1\n");
    log_set_level(LOG_LEVEL_INFO);
}

enum { THREADS = 4, LINES = 200 };

static void *log_many(void *letter)
{
    for (int i = 0; i < LINES; i++)
        log_info("%s%s%s%s", (char *)letter, (char *)letter, (char *)letter, (char *)letter);
    return NULL;
}

static void lines_of_several_threads_do_not_mix(void **state)
{
    static char letters[THREADS][2] = {"a", "b", "c", "d"};
    struct listener listener;
    pthread_t threads[THREADS];
    (void)state;
    listen_begin(&listener);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, log_many, letters[i]);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    const char *text = listen_end(&listener);
    int lines = 0;
    for (; *text; lines++) {
        static const char prefix[] = "occfs: info: ";
        assert_memory_equal(text, prefix, strlen(prefix));
        text += strlen(prefix);
        assert_true(strspn(text, (char[]){*text, '\0'}) == 4);
        assert_int_equal(text[4], '\n');
        text += 5;
    }
    assert_int_equal(lines, THREADS * LINES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_says_who_and_how_bad),        cmocka_unit_test(control_characters_cannot_forge_a_line),
        cmocka_unit_test(a_format_in_a_name_is_no_format),    cmocka_unit_test(a_long_line_is_cut_and_ends),
        cmocka_unit_test(a_level_hides_what_is_more_verbose), cmocka_unit_test(lines_of_several_threads_do_not_mix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
