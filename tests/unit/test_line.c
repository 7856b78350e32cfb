/* One line to a device that now and then answers after its time is over: just that transaction
 * is lost, the next one is right, and no answer is taken for another question's. (libmodbus by
 * itself loses 10 of 12, because each answer is taken for the next question's.) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/link.h"
#include "tests/support/modbus_peer.h"

enum { ASKS = 12, TIMEOUT_MS = 500, WAITING_US = 250000 };

/* The peer takes 0.7 s for these. */
static const bool late[ASKS] = {[2] = true, [6] = true, [7] = true};

struct bench {
    struct loop *loop;
    struct link line;
    struct peer peer;
    int asked, done;
    enum err end[ASKS];
    uint16_t word[ASKS];
};

static bool next(void *arg, struct frame_ask *ask, int *timeout_ms)
{
    struct bench *b = arg;
    if (b->asked == ASKS) {
        return false;
    }
    b->peer.shared->way[0] = late[b->asked] ? PEER_LATE : PEER_GOOD;
    *ask =
        (struct frame_ask){.unit = 1, .fc = 3, .addr = (uint16_t)(100 + b->asked), .count = 1};
    *timeout_ms = TIMEOUT_MS;
    b->asked++;
    return true;
}

static void done(void *arg, enum err e, const struct frame_answer *answer, int64_t took_us)
{
    struct bench *b = arg;
    (void)took_us;
    assert_int_equal(b->done + 1, b->asked);
    b->end[b->done] = e;
    b->word[b->done] = e == ERR_OK ? answer->word[0] : 0;
    b->done++;
    if (b->done == ASKS) {
        loop_stop(b->loop);
    }
}

static void lost(void *arg, enum err e)
{
    (void)arg;
    fail_msg("connecting: %s", err_name(e));
}

static void late_answers_alone_are_lost(void **state)
{
    static const struct link_hooks hooks = {next, done, lost};
    static const struct link_manners manners = {.connect_timeout_ms = 2000};
    static struct bench b;
    struct clock clock;
    (void)state;
    clock_init_live(&clock);
    assert_int_equal(loop_open(&b.loop, &clock), ERR_OK);
    peer_start(&b.peer, 1);
    for (int i = 0; i < ASKS; i++) {
        b.peer.shared->reg[0][100 + i] = (uint16_t)(7000 + i);
    }
    assert_int_equal(link_open(&b.line, b.loop, "127.0.0.1", b.peer.port[0], &manners), ERR_OK);
    link_start(&b.line, &hooks, &b, 1);
    loop_run(b.loop);
    for (int i = 0; i < ASKS; i++) {
        assert_int_equal(b.end[i], late[i] ? ERR_TIMEOUT : ERR_OK);
        assert_int_equal(b.word[i], late[i] ? 0 : 7000 + i);
    }
    assert_int_equal(b.line.connects, 1 + 3); /* anew after each that was late */
    print_message("longest call into the wire: %lld us\n", (long long)b.line.call_us_max);
    assert_true(b.line.call_us_max < WAITING_US); /* no call waits for an answer */
    link_close(&b.line);
    peer_stop(&b.peer);
    loop_close(b.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(late_answers_alone_are_lost)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
