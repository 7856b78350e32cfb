/* Laying out the register tables of a unit from its profiles. Runs in the simulator while
 * booting. */
#include "sim/regs.h"
#include "sim/snap.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void regs_init(struct regs_unit *u, struct devices *d, const struct faults *f)
{
    memset(u, 0, sizeof *u);
    u->devices = d;
    u->faults = f;
}

enum err regs_bind(struct regs_unit *u, int device, int part, const struct profile *f)
{
    if (u->bindings == REGS_BINDINGS_MAX) {
        return ERR_FULL;
    }
    struct regs_binding *b = &u->binding[u->bindings++];
    memset(b, 0, sizeof *b);
    b->device = device;
    b->part = part;
    b->f = f;
    return ERR_OK;
}

/* Content of a fixed register; false if the profile fixes none there. */
static bool fixed_word(const struct profile *f, int fc, int addr, uint16_t *word)
{
    for (int i = 0; i < f->consts; i++) {
        if (f->fixed[i].fc == fc && f->fixed[i].addr == addr) {
            *word = f->fixed[i].value;
            return true;
        }
    }
    return false;
}

/* Least exponent with which every point that shares this scale factor can show its whole range.
 */
static int choose_sf(const struct regs_unit *u, const struct regs_binding *b, int fc, int addr)
{
    const struct park *p = u->devices->park;
    for (int sf = -4; sf < 6; sf++) {
        bool fits = true;
        for (int k = 0; k < b->f->points; k++) {
            const struct profile_point *pt = &b->f->point[k];
            double lo, hi;
            uint16_t word[4];
            if (pt->sf_addr != addr || pt->read_fc != fc) {
                continue;
            }
            park_point_range(p, park_point(p, b->device, pt->row), &lo, &hi);
            const struct rating *r = &p->device[b->device].rating;
            fits = fits && profile_encode(pt, r, hi, sf, word) == ERR_OK &&
                   profile_encode(pt, r, lo, sf, word) == ERR_OK;
        }
        if (fits) {
            return sf;
        }
    }
    return 6;
}

static void choose_factors(const struct regs_unit *u, struct regs_binding *b)
{
    for (int k = 0; k < b->f->points; k++) {
        const struct profile_point *pt = &b->f->point[k];
        uint16_t word;
        if (pt->sf_addr < 0) {
            continue;
        }
        bool fixed = fixed_word(b->f, pt->read_fc, pt->sf_addr, &word);
        b->sf[k] = (int8_t)(fixed ? (int16_t)word : choose_sf(u, b, pt->read_fc, pt->sf_addr));
    }
}

/* Growing list of cells of one table, before sorting. */
struct layout {
    struct regs_cell *cell; /* NULL while counting */
    int n;
    int order; /* kept in word until sorted: first come, first served */
};

static void put(struct layout *l, struct regs_cell c)
{
    if (l->cell) {
        l->cell[l->n] = c;
    }
    l->n++;
}

static void lay_point(const struct regs_binding *b, int i, int k, enum pdu_table t,
                      struct layout *l)
{
    const struct profile_point *pt = &b->f->point[k];
    int words = reg_words(pt->type);
    int fc = (int)t + 1;
    for (int w = 0; w < words && pt->read_fc == fc; w++) {
        put(l, (struct regs_cell){.addr = (uint16_t)(pt->addr + w),
                                  .binding = (int8_t)i,
                                  .point = (int8_t)k,
                                  .at = (uint8_t)w,
                                  .bits = pt->type == REG_BIT || (words == 1 && ~pt->mask)});
    }
    if (pt->sf_addr >= 0 && pt->read_fc == fc) {
        put(l, (struct regs_cell){.addr = (uint16_t)pt->sf_addr,
                                  .word = (uint16_t)(int16_t)b->sf[k],
                                  .binding = -1,
                                  .point = -1});
    }
}

/* What only writes reach: it comes after all readings, which go first where they share a
 * register. */
static void lay_writes(const struct regs_binding *b, int i, int k, enum pdu_table t,
                       struct layout *l)
{
    const struct profile_point *pt = &b->f->point[k];
    int words = reg_words(pt->type);
    /* Where a point is written at an address of its own, that register reads back the same. */
    enum pdu_table wt = pt->write_fc == 5 || pt->write_fc == 15 ? TABLE_COIL : TABLE_HOLDING;
    for (int w = 0; w < words && pt->write_fc && !pt->steps && wt == t; w++) {
        int addr = (pt->write_addr >= 0 ? pt->write_addr : pt->addr) + w;
        put(l, (struct regs_cell){.addr = (uint16_t)addr,
                                  .binding = (int8_t)i,
                                  .point = (int8_t)k,
                                  .at = (uint8_t)w});
    }
    for (int s = 0; s < pt->steps; s++) {
        const struct reg_step *st = &pt->step[s];
        for (int w = 0; w < st->words && (st->fc == 5 ? TABLE_COIL : TABLE_HOLDING) == t; w++) {
            put(l, (struct regs_cell){
                       .addr = (uint16_t)(st->addr + w), .binding = -1, .point = -1});
        }
    }
}

static void lay_binding(const struct regs_binding *b, int i, enum pdu_table t, struct layout *l)
{
    for (int k = 0; k < b->f->consts; k++) {
        const struct profile_const *c = &b->f->fixed[k];
        if (c->fc == (int)t + 1) {
            put(l,
                (struct regs_cell){
                    .addr = (uint16_t)c->addr, .word = c->value, .binding = -1, .point = -1});
        }
    }
    for (int k = 0; k < b->f->points; k++) {
        lay_point(b, i, k, t, l);
    }
    for (int k = 0; k < b->f->points; k++) {
        lay_writes(b, i, k, t, l);
    }
    const struct profile_watchdog *w = &b->f->watchdog;
    if (t == TABLE_HOLDING && w->class == WATCHDOG_B && w->beat_addr >= 0) {
        put(l, (struct regs_cell){.addr = (uint16_t)w->beat_addr, .binding = -1, .point = -1});
    }
}

/* Stable insertion sort: tables are small and nearly sorted, and qsort() is not stable. */
static void sort_cells(struct regs_cell *c, int n)
{
    for (int i = 1; i < n; i++) {
        struct regs_cell x = c[i];
        int k = i;
        for (; k > 0 && c[k - 1].addr > x.addr; k--) {
            c[k] = c[k - 1];
        }
        c[k] = x;
    }
}

/* Keeps the first cell of each address; counts those that two different devices claim. */
static int unify(struct regs_table *t, int *clashes)
{
    int n = 0;
    for (int i = 0; i < t->n; i++) {
        struct regs_cell *last = n ? &t->cell[n - 1] : NULL;
        if (!last || last->addr != t->cell[i].addr) {
            t->cell[n++] = t->cell[i];
            continue;
        }
        const struct regs_cell *c = &t->cell[i];
        *clashes += last->binding >= 0 && c->binding >= 0 && last->binding != c->binding;
        /* a read point goes before a register that only procedures write */
        if (last->binding < 0 && c->binding >= 0) {
            *last = *c;
        }
    }
    return n;
}

enum err regs_build(struct regs_unit *u, struct arena *a, int *clashes)
{
    *clashes = 0;
    for (int i = 0; i < u->bindings; i++) {
        choose_factors(u, &u->binding[i]);
    }
    for (int t = 0; t < TABLE_COUNT; t++) {
        struct layout count = {0};
        for (int i = 0; i < u->bindings; i++) {
            lay_binding(&u->binding[i], i, (enum pdu_table)t, &count);
        }
        struct layout l = {.cell = arena_take(a, (size_t)count.n + 1, sizeof *l.cell)};
        if (!l.cell) {
            return ERR_NOMEM;
        }
        for (int i = 0; i < u->bindings; i++) {
            lay_binding(&u->binding[i], i, (enum pdu_table)t, &l);
        }
        sort_cells(l.cell, l.n);
        u->table[t] = (struct regs_table){l.n, l.cell};
        u->table[t].n = unify(&u->table[t], clashes);
    }
    return ERR_OK;
}

void regs_snap(struct regs_unit *u, struct snap *s)
{
    for (int i = 0; i < u->bindings; i++) {
        SNAP_TAIL(s, &u->binding[i], sf);
    }
    for (int t = 0; t < TABLE_COUNT; t++) {
        snap_bytes(s, u->table[t].cell, (size_t)u->table[t].n * sizeof *u->table[t].cell);
    }
    SNAP(s, u->stamp);
}
