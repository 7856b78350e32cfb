/* Tests of controller/base/log_pipe: lines arrive, a sink that takes nothing holds nobody up,
 * and the process between may be killed. */
#include "controller/base/log.h"
#include "controller/base/log_pipe.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES = 1000, LIFE_US = 1200000, TRIES = 200 };

struct fixture {
    int before;  /* the test's own stderr */
    int sink[2]; /* a pipe instead of it */
    struct log_pipe log;
};

static void begin(struct fixture *f)
{
    f->before = dup(STDERR_FILENO);
    assert_int_equal(pipe(f->sink), 0);
    assert_true(dup2(f->sink[1], STDERR_FILENO) >= 0);
    assert_int_equal(log_pipe_open(&f->log), ERR_OK);
}

static void end(struct fixture *f)
{
    log_pipe_close(&f->log);
    assert_true(dup2(f->before, STDERR_FILENO) >= 0);
    (void)close(f->before);
    (void)close(f->sink[0]);
    (void)close(f->sink[1]);
}

/* What has come out within a second at most, until it holds word. */
static bool comes_out(struct fixture *f, const char *word)
{
    static char text[4 << 20];
    size_t len = 0;
    (void)fcntl(f->sink[0], F_SETFL, O_NONBLOCK);
    for (int i = 0; i < TRIES; i++) {
        ssize_t n = read(f->sink[0], text + len, sizeof text - 1 - len);
        len += n > 0 ? (size_t)n : 0;
        text[len] = '\0';
        if (strstr(text, word) != NULL) {
            return true;
        }
        if (n <= 0) {
            (void)usleep(5000);
        }
    }
    return false;
}

static void test_lines_come_out(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    log_line(LOG_INFO, "first", "x=1");
    assert_true(comes_out(&f, "event=first x=1\n"));
    log_line(LOG_INFO, "last", "x=2");
    log_pipe_close(&f.log); /* waits for it */
    assert_true(comes_out(&f, "event=last x=2\n"));
    log_line(LOG_INFO, "after", "x=3"); /* stderr is the sink again */
    assert_true(comes_out(&f, "event=after x=3\n"));
    end(&f);
}

/* Nobody reads the sink: far more than all pipes hold, and still nobody waits. */
static void test_a_hung_sink_holds_nobody_up(void **state)
{
    (void)state;
    struct fixture f;
    char words[LINE_BYTES];
    memset(words, 'w', sizeof words);
    begin(&f);
    (void)alarm(20); /* who waits would hang here */
    for (int settled = 0; settled < 2; settled++) {
        while (write(STDERR_FILENO, words, sizeof words) > 0) {
        }
        (void)usleep(100000); /* the process between has filled the sink */
    }
    while (write(STDERR_FILENO, words, 1) > 0) { /* to the last byte */
    }
    (void)alarm(0);
    log_line(LOG_INFO, "lost", "x=1");
    assert_false(comes_out(&f, "event=lost"));
    log_line(LOG_INFO, "told", "x=2");
    assert_true(comes_out(&f, "event=told dropped=1 x=2\n"));
    end(&f);
}

static void test_a_killed_writer_is_replaced(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    (void)usleep(LIFE_US);
    pid_t first = f.log.pid;
    assert_int_equal(kill(first, SIGKILL), 0);
    for (int i = 0; i < TRIES && f.log.pid == first; i++) {
        (void)usleep(5000);
        log_pipe_reap(&f.log);
    }
    assert_int_not_equal(f.log.pid, first);
    log_line(LOG_INFO, "again", "x=1");
    assert_true(comes_out(&f, "event=again x=1\n"));
    pid_t second = f.log.pid;
    (void)kill(second, SIGKILL); /* at once: it is not started for ever */
    for (int i = 0; i < TRIES && f.log.pid == second; i++) {
        (void)usleep(5000);
        log_pipe_reap(&f.log);
    }
    assert_int_equal(f.log.pid, 0);
    log_line(LOG_INFO, "kept", "x=1"); /* no SIGPIPE */
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_come_out),
        cmocka_unit_test(test_a_hung_sink_holds_nobody_up),
        cmocka_unit_test(test_a_killed_writer_is_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
