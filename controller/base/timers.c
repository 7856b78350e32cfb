/* A binary heap of timers. Used by loop.c; owns nothing. */
#include "controller/base/timers.h"
#include <stddef.h>

static bool before(const struct timer_node *a, const struct timer_node *b)
{
    return a->due.us != b->due.us ? a->due.us < b->due.us : a->turn < b->turn;
}

static void put(struct timers *h, int i, struct timer_node *t)
{
    h->at[i] = t;
    t->place = i + 1;
}

/* From place i up or down to where it belongs. */
static void settle(struct timers *h, int i, struct timer_node *t)
{
    while (i > 0 && before(t, h->at[(i - 1) / 2])) {
        put(h, i, h->at[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    for (int child = 2 * i + 1; child < h->n; child = 2 * i + 1) {
        child += child + 1 < h->n && before(h->at[child + 1], h->at[child]);
        if (!before(h->at[child], t)) {
            break;
        }
        put(h, i, h->at[child]);
        i = child;
    }
    put(h, i, t);
}

void timers_set(struct timers *h, struct timer_node *t, mono_t due)
{
    int i = t->place > 0 ? t->place - 1 : h->n++;
    t->due = due;
    t->turn = ++h->turn;
    settle(h, i, t);
}

void timers_stop(struct timers *h, struct timer_node *t)
{
    if (t->place == 0) {
        return;
    }
    struct timer_node *last = h->at[--h->n];
    int hole = t->place - 1;
    t->place = 0;
    if (last != t) {
        settle(h, hole, last);
    }
}

struct timer_node *timers_first(const struct timers *h)
{
    return h->n > 0 ? h->at[0] : NULL;
}
