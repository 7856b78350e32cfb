/* Coalescing and scheduling reads. Pure; runs in the field role. */
#include "adapters/poll.h"

/* A stretch of registers that must be read together: a point, and its scale factor. */
struct span {
    int fc, from, to; /* to: one past the end */
};

static struct span span_of(const struct profile_point *pt)
{
    struct span s = {pt->read_fc, pt->addr, pt->addr + reg_words(pt->type)};
    if (pt->sf_addr >= 0) {
        s.from = pt->sf_addr < s.from ? pt->sf_addr : s.from;
        s.to = pt->sf_addr + 1 > s.to ? pt->sf_addr + 1 : s.to;
    }
    return s;
}

static struct span span_of_block(const struct poll_block *b)
{
    return (struct span){b->fc, b->addr, b->addr + b->count};
}

static struct span joined(struct span a, struct span b)
{
    return (struct span){a.fc, a.from < b.from ? a.from : b.from, a.to > b.to ? a.to : b.to};
}

/* May they be read in one request? */
static bool joins(const struct profile *f, struct span a, struct span b)
{
    struct span all = joined(a, b);
    int hole = (all.to - all.from) - (a.to - a.from) - (b.to - b.from);
    return a.fc == b.fc && hole <= f->max_gap && all.to - all.from <= f->max_read;
}

static void block_set(struct poll_block *b, struct span s)
{
    b->fc = (uint8_t)s.fc;
    b->addr = (uint16_t)s.from;
    b->count = (uint16_t)(s.to - s.from);
}

/* Joins blocks i and k of one class; the last block takes the place of k. */
static bool join_pair(struct poll *p, const struct profile *f, int i, int k)
{
    struct poll_block *a = &p->block[i], *b = &p->block[k];
    struct span sa = span_of_block(a), sb = span_of_block(b);
    bool inside = a->fc == b->fc && sb.from >= sa.from && sb.to <= sa.to && a->poll <= b->poll;
    if (!inside && (a->poll != b->poll || !joins(f, sa, sb))) {
        return false;
    }
    block_set(a, joined(sa, sb));
    a->points |= b->points;
    *b = p->block[--p->n];
    return true;
}

static bool join_any(struct poll *p, const struct profile *f)
{
    for (int i = 0; i < p->n; i++) {
        for (int k = 0; k < p->n; k++) {
            if (i != k && join_pair(p, f, i, k)) {
                return true;
            }
        }
    }
    return false;
}

static mono_t period_of(enum poll_class c, double fast_s)
{
    double normal_s = fast_s > 1 ? fast_s : 1;
    return MONO_S(c == POLL_FAST ? fast_s : c == POLL_NORMAL ? normal_s : normal_s * 10);
}

void poll_build(struct poll *p, const struct profile *f, double fast_s, mono_t now)
{
    p->n = 0;
    for (int i = 0; i < f->points; i++) {
        if (f->point[i].read_fc == 0) {
            continue;
        }
        struct poll_block *b = &p->block[p->n++];
        *b = (struct poll_block){.poll = f->point[i].poll, .points = 1u << i};
        block_set(b, span_of(&f->point[i]));
    }
    while (join_any(p, f)) {
    }
    for (int i = 0; i < p->n; i++) {
        p->block[i].period = period_of(p->block[i].poll, fast_s);
        p->block[i].due = now;
    }
}

int poll_next(const struct poll *p, mono_t now)
{
    int best = -1;
    double worst = 0;
    for (int i = 0; i < p->n; i++) {
        const struct poll_block *b = &p->block[i];
        double late = (double)mono_sub(now, b->due).us / (double)b->period.us;
        /* what has never been read goes first */
        late += late >= 0 && !b->seen ? 1000 : 0;
        if (late >= 0 && (best < 0 || late > worst)) {
            best = i;
            worst = late;
        }
    }
    return best;
}

mono_t poll_due(const struct poll *p)
{
    mono_t due = {INT64_MAX};
    for (int i = 0; i < p->n; i++) {
        due = mono_before(p->block[i].due, due) ? p->block[i].due : due;
    }
    return due;
}

uint32_t poll_asked(struct poll *p, int block, mono_t now)
{
    struct poll_block *b = &p->block[block];
    int64_t late = mono_sub(now, b->due).us;
    int64_t missed = late / b->period.us;
    b->due.us += (missed + 1) * b->period.us;
    return (uint32_t)missed;
}

/* The points of one half of a block become a block of their own. */
static void carve(struct poll_block *b, const struct profile *f, uint32_t points)
{
    bool first = true;
    struct span all = {b->fc, 0, 0};
    for (int i = 0; i < f->points; i++) {
        if (points >> i & 1) {
            struct span s = span_of(&f->point[i]);
            all = first ? s : joined(all, s);
            first = false;
        }
    }
    b->points = points;
    block_set(b, all);
}

void poll_refused(struct poll *p, int block, const struct profile *f)
{
    struct poll_block *b = &p->block[block];
    uint32_t lower = 0;
    int n = __builtin_popcount(b->points), taken = 0;
    if (n == 1 || p->n == PROFILE_POINTS_MAX) {
        b->period = b->refused ? b->period : (mono_t){b->period.us * 10};
        b->refused = true;
        b->seen = true;
        return;
    }
    for (int i = 0; i < f->points && taken < n / 2; i++) {
        if (b->points >> i & 1) {
            lower |= 1u << i;
            taken++;
        }
    }
    struct poll_block *other = &p->block[p->n++];
    *other = *b;
    carve(other, f, b->points & ~lower);
    carve(b, f, lower);
}

bool poll_complete(const struct poll *p)
{
    for (int i = 0; i < p->n; i++) {
        if (!p->block[i].seen) {
            return false;
        }
    }
    return true;
}
