/* Tests of controller/base/log: the form of a line, the level, the limit of lines per second.
 */
#include "controller/base/log.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char said[256 * 1024];

/* Runs fn with stderr in a pipe-like file; what was written is then in said. */
static void capture(void (*fn)(void))
{
    FILE *f = tmpfile();
    int old = dup(STDERR_FILENO);
    assert_non_null(f);
    assert_true(dup2(fileno(f), STDERR_FILENO) >= 0);
    fn();
    assert_true(dup2(old, STDERR_FILENO) >= 0);
    (void)close(old);
    rewind(f);
    size_t n = fread(said, 1, sizeof said - 1, f);
    said[n] = '\0';
    (void)fclose(f);
    (void)usleep(1100000); /* the next test has a fresh second */
}

static int lines(void)
{
    int n = 0;
    for (const char *at = said; (at = strchr(at, '\n')) != NULL; at++) {
        n++;
    }
    return n;
}

static void one_line(void)
{
    errno = 77;
    log_line(LOG_WARN, "link_down", "device=%s text=\"%s\"", "pv1", "a\nb\x01");
    assert_int_equal(errno, 77);
}

static void test_form(void **state)
{
    (void)state;
    struct clock c;
    assert_int_equal(clock_init_scaled(&c, 0.001, (wall_t){1752451200000}), ERR_OK);
    log_setup("park", &c, LOG_INFO);
    capture(one_line);
    assert_string_equal(said,
                        "ts=2025-07-14T00:00:00.000Z level=warn role=park event=link_down "
                        "device=pv1 text=\"a b \"\n");
    log_setup("park", NULL, LOG_INFO);
}

static void some_levels(void)
{
    log_line(LOG_DEBUG, "debug", "x=1");
    log_line(LOG_INFO, "info", "x=1");
    log_line(LOG_ERROR, "error", "x=1");
}

static void test_level(void **state)
{
    (void)state;
    log_setup("park", NULL, LOG_INFO);
    capture(some_levels);
    assert_int_equal(lines(), 2);
    assert_null(strstr(said, "event=debug"));
}

static void a_flood(void)
{
    for (int i = 0; i < 170; i++) {
        log_line(LOG_INFO, "flood", "i=%d", i);
    }
}

static void test_limit(void **state)
{
    (void)state;
    capture(a_flood);
    assert_int_equal(lines(), 50);
    capture(one_line);
    assert_int_equal(lines(), 1);
    assert_non_null(strstr(said, " event=link_down dropped=120 device="));
    capture(one_line);
    assert_null(strstr(said, "dropped="));
}

static void a_long_line(void)
{
    char text[3000];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    log_line(LOG_INFO, "long", "text=%s", text);
    log_line(LOG_INFO, text, "%s", "");
}

static void test_long_lines_are_cut(void **state)
{
    (void)state;
    capture(a_long_line);
    assert_int_equal(lines(), 2);
    assert_in_range(strlen(said), 2000, 2048);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_form),
        cmocka_unit_test(test_level),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_long_lines_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
