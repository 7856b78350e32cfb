/* Tests of controller/base/timers: order of due times, equals in the order of setting, moving
 * and stopping, against a plain search. */
#include "controller/base/timers.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

enum { NODES = 60, ROUNDS = 4000, TIMES = 25 };

struct bench {
    struct timer_node *room[NODES];
    struct timer_node node[NODES];
    struct timers heap;
};

static void test_order(void **state)
{
    (void)state;
    struct bench b = {.heap = {.at = b.room}};
    static const int64_t due[] = {5, 3, 9, 3, 1, 5};
    static const int want[] = {4, 1, 3, 0, 5, 2};
    assert_null(timers_first(&b.heap));
    for (size_t i = 0; i < sizeof due / sizeof *due; i++) {
        timers_set(&b.heap, &b.node[i], (mono_t){due[i]});
    }
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        struct timer_node *t = timers_first(&b.heap);
        assert_ptr_equal(t, &b.node[want[i]]);
        timers_stop(&b.heap, t);
        timers_stop(&b.heap, t); /* nothing happens */
    }
    assert_null(timers_first(&b.heap));
}

static uint32_t draw(uint32_t *rng)
{
    *rng = *rng * 1664525u +
           1013904223u; /* Numerical Recipes' generator: the seed is the test's */
    return *rng >> 8;
}

/* What the heap ought to have in front. */
static struct timer_node *search(struct bench *b)
{
    struct timer_node *best = NULL;
    for (int i = 0; i < NODES; i++) {
        struct timer_node *t = &b->node[i];
        bool set = t->place > 0;
        if (set && (best == NULL || t->due.us < best->due.us ||
                    (t->due.us == best->due.us && t->turn < best->turn))) {
            best = t;
        }
    }
    return best;
}

static void test_random(void **state)
{
    (void)state;
    struct bench b = {.heap = {.at = b.room}};
    uint32_t rng = 7;
    for (int i = 0; i < ROUNDS; i++) {
        struct timer_node *t = &b.node[draw(&rng) % NODES];
        if (draw(&rng) % 3 == 0) {
            timers_stop(&b.heap, t);
        } else {
            timers_set(&b.heap, t, (mono_t){draw(&rng) % TIMES});
        }
        assert_ptr_equal(timers_first(&b.heap), search(&b));
    }
    assert_true(b.heap.n > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
