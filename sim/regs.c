/* Register images: profiles read backwards, lazily encoded after each step of the plant. Runs
 * in the simulator. Building the tables is in regs_build.c. */
#include "sim/regs.h"
#include <math.h>
#include <string.h>

/* The plant's value as this device's registers show it: a meter mounted the other way shows the
 * opposite sign, and the park file's `sign` turns it back. */
static double shown(const struct regs_unit *u, const struct regs_binding *b, int row)
{
    const struct device *dv = &u->devices->park->device[b->device];
    double v = device_shown(u->devices, b->device, row);
    const char *name = dict_kind(dv->kind)->point[row].name;
    bool turns = strcmp(name, "kw") == 0 || strcmp(name, "kvar") == 0;
    return turns ? v * dv->sign : v;
}

static const struct fault_set *faults_of(const struct regs_unit *u, int binding)
{
    return &u->faults->of[u->binding[binding].device];
}

/* Exponent in force: a fault may have moved it since boot. */
static int factor(const struct regs_unit *u, int binding, int point)
{
    return u->binding[binding].sf[point] +
           (int)fault_arg(faults_of(u, binding), FAULT_SCALE_FACTOR, 0);
}

/* What a point shows that has no value: what its profile says, or what is usual for its type.
 */
static uint64_t absent(const struct regs_unit *u, int binding, const struct profile_point *pt)
{
    static const uint64_t usual[REG_TYPE_COUNT] = {
        [REG_U16] = 0xffff,     [REG_I16] = 0x8000,     [REG_U32] = 0xffffffff,
        [REG_I32] = 0x80000000, [REG_U64] = UINT64_MAX, [REG_F32] = 0x7fc00000};
    bool spoilt = fault_is(faults_of(u, binding), FAULT_SENTINEL);
    return pt->has_absent ? pt->absent : spoilt ? usual[pt->type] : 0;
}

/* A device whose state register knows fewer states than the dictionary shows the nearest. */
static double known_state(const struct profile_point *pt, double v)
{
    static const double next[] = {
        [RUN_OFF] = RUN_STOPPING, [RUN_STARTING] = RUN_ON,  [RUN_ON] = RUN_LIMITED,
        [RUN_LIMITED] = RUN_ON,   [RUN_STOPPING] = RUN_OFF, [RUN_FAULT] = RUN_OFF};
    for (int i = 0; i < pt->maps; i++) {
        if (pt->map[i].value == v) {
            return v;
        }
    }
    return pt->maps && v >= RUN_OFF && v <= RUN_FAULT ? next[(int)v] : v;
}

/* What a register that is too small for its value shows: its greatest number, or least. */
static uint64_t saturated(const struct profile_point *pt, double v)
{
    bool is_signed = pt->type == REG_I16 || pt->type == REG_I32;
    int bits = 16 * reg_words(pt->type);
    bool up = (v > 0) == (pt->scale > 0);
    if (pt->maps) {
        return 0;
    }
    return is_signed ? (UINT64_C(1) << (bits - 1)) - (up ? 1 : 0)
                     : (up ? UINT64_MAX >> (64 - bits) : 0);
}

/* Raw words of a point; what the device has not is the point's "not implemented" value, or 0.
 */
static int encode(const struct regs_unit *u, int binding, int point, uint16_t *word)
{
    const struct regs_binding *b = &u->binding[binding];
    const struct profile_point *pt = &b->f->point[point];
    const struct rating *r = &u->devices->park->device[b->device].rating;
    int n = reg_words(pt->type);
    double v = known_state(pt, shown(u, b, pt->row));
    memset(word, 0, 4 * sizeof *word);
    if (!isnan(v) && profile_encode(pt, r, v, factor(u, binding, point), word) == ERR_OK) {
        return n;
    }
    uint64_t raw = isnan(v) ? absent(u, binding, pt) : saturated(pt, v);
    for (int i = 0; i < n; i++) {
        int at = b->f->words == WORDS_HIGH_FIRST ? n - 1 - i : i;
        word[at] = (uint16_t)(raw >> 16 * i);
    }
    return n;
}

/* A register that several bit or masked points share. */
static uint16_t compose_bits(const struct regs_unit *u, enum pdu_table t, int addr)
{
    unsigned out = 0;
    for (int i = 0; i < u->bindings; i++) {
        const struct profile *f = u->binding[i].f;
        for (int k = 0; k < f->points; k++) {
            const struct profile_point *pt = &f->point[k];
            uint16_t word[4];
            if (reg_words(pt->type) != 1 || pt->addr != addr || pt->read_fc != (int)t + 1) {
                continue;
            }
            encode(u, i, k, word);
            out |= word[0];
        }
    }
    return (uint16_t)out;
}

/* The first word of a longer value, while it is torn from the rest. */
static bool torn(const struct regs_unit *u, const struct regs_cell *c)
{
    const struct profile *f = u->binding[c->binding].f;
    return c->at == 0 && reg_words(f->point[c->point].type) > 1 &&
           fault_is(faults_of(u, c->binding), FAULT_TORN);
}

static void refresh_table(struct regs_unit *u, enum pdu_table t)
{
    uint16_t word[4] = {0};
    int binding = -1, point = -1;
    struct regs_table *table = &u->table[t];
    for (int i = 0; i < table->n; i++) {
        struct regs_cell *c = &table->cell[i];
        if (c->binding < 0) {
            continue;
        }
        if (c->bits) {
            c->word = compose_bits(u, t, c->addr);
            continue;
        }
        if (c->binding != binding || c->point != point) {
            binding = c->binding;
            point = c->point;
            encode(u, binding, point, word);
        }
        c->word = torn(u, c) ? c->last : word[c->at];
        c->last = word[c->at];
    }
}

static void refresh(struct regs_unit *u)
{
    if (u->stamp == u->devices->stamp) {
        return;
    }
    u->stamp = u->devices->stamp;
    for (int t = 0; t < TABLE_COUNT; t++) {
        refresh_table(u, (enum pdu_table)t);
    }
}

/* First cell at or after addr. */
static int lower(const struct regs_table *t, int addr)
{
    int lo = 0, hi = t->n;
    while (lo < hi) {
        int mid = (lo + hi) / 2;
        if (t->cell[mid].addr < addr) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

/* Scale factor registers that a fault has moved. */
static void show_factors(const struct regs_unit *u, enum pdu_table t, int addr, int n,
                         uint16_t *word)
{
    for (int b = 0; b < u->bindings; b++) {
        const struct profile *f = u->binding[b].f;
        for (int k = 0; fault_is(faults_of(u, b), FAULT_SCALE_FACTOR) && k < f->points; k++) {
            int at = f->point[k].sf_addr - addr;
            if (f->point[k].sf_addr >= 0 && f->point[k].read_fc == (int)t + 1 && at >= 0 &&
                at < n) {
                word[at] = (uint16_t)factor(u, b, k);
            }
        }
    }
}

static int regs_read(void *unit, enum pdu_table t, int addr, int n, uint16_t *word)
{
    struct regs_unit *u = unit;
    const struct regs_table *table = &u->table[t];
    int first = lower(table, addr);
    if (first + n > table->n || table->cell[first].addr != addr ||
        table->cell[first + n - 1].addr != addr + n - 1) {
        return PDU_ILLEGAL_ADDRESS;
    }
    refresh(u);
    for (int i = 0; i < n; i++) {
        word[i] = table->cell[first + i].word;
    }
    show_factors(u, t, addr, n, word);
    return PDU_OK;
}

/* ---- Writes: each register must belong to something that can be written; all or nothing. ----
 */
struct action {
    int binding, point; /* point -1: heartbeat */
    double value;
    int step; /* of a procedure, -1 = by value */
};
enum { ACTIONS_MAX = 256 };
struct plan {
    int n;
    struct action action[ACTIONS_MAX];
};
struct span {
    enum pdu_table t;
    int addr, n; /* what is left of the request */
    const uint16_t *word;
};

static bool table_fits(enum pdu_table t, int fc)
{
    return t == TABLE_COIL ? fc == 5 || fc == 15 : fc == 6 || fc == 16;
}

static void add(struct plan *p, int binding, int point, double value, int step)
{
    if (p->n < ACTIONS_MAX) {
        p->action[p->n++] = (struct action){binding, point, value, step};
    }
}

/* Steps of procedures at this address. Returns words taken, 0 if no step lies here, or a
 * negative exception if one does but none has this content. */
static int match_steps(const struct regs_unit *u, int binding, const struct span *s,
                       struct plan *p)
{
    const struct profile *f = u->binding[binding].f;
    int taken = 0, refused = 0;
    for (int k = 0; k < f->points; k++) {
        for (int i = 0; i < f->point[k].steps; i++) {
            const struct reg_step *st = &f->point[k].step[i];
            if (st->addr != s->addr || !table_fits(s->t, st->fc)) {
                continue;
            }
            bool same = st->words <= s->n && st->word[0] == s->word[0] &&
                        (st->words < 2 || st->word[1] == s->word[1]);
            if (same) {
                add(p, binding, k, st->when, i);
                taken = st->words;
            } else {
                refused = -PDU_ILLEGAL_VALUE;
            }
        }
    }
    return taken ? taken : refused;
}

static int write_addr(const struct profile_point *pt)
{
    return pt->write_addr >= 0 ? pt->write_addr : pt->addr;
}

/* A point written by value at this address, as above. */
static int match_value(const struct regs_unit *u, int binding, const struct span *s,
                       struct plan *p)
{
    const struct regs_binding *b = &u->binding[binding];
    const struct rating *r = &u->devices->park->device[b->device].rating;
    int taken = 0;
    for (int k = 0; k < b->f->points; k++) {
        const struct profile_point *pt = &b->f->point[k];
        int from = write_addr(pt), words = reg_words(pt->type);
        if (!pt->write_fc || pt->steps || !table_fits(s->t, pt->write_fc) || s->addr < from ||
            s->addr >= from + words) {
            continue;
        }
        double v;
        if (s->addr != from || s->n < words ||
            profile_decode(pt, r, s->word, factor(u, binding, k), &v) != ERR_OK) {
            return -PDU_ILLEGAL_VALUE; /* half of a 32-bit value, or no such choice */
        }
        add(p, binding, k, fmin(fmax(v, pt->lo), pt->hi), -1);
        taken = words;
    }
    const struct profile_watchdog *w = &b->f->watchdog;
    if (!taken && w->class == WATCHDOG_B && w->beat_addr == s->addr && s->t == TABLE_HOLDING) {
        add(p, binding, -1, 0, -1);
        taken = 1;
    }
    return taken;
}

static int match(const struct regs_unit *u, const struct span *s, struct plan *p)
{
    int taken = 0;
    for (int i = 0; i < u->bindings; i++) {
        int got = match_steps(u, i, s, p);
        if (got == 0) {
            got = match_value(u, i, s, p);
        }
        if (got < 0) {
            return got;
        }
        taken = got > taken ? got : taken;
    }
    return taken;
}

/* A step was written: it counts if it opens its procedure or is the one expected; the last one
 * acts. */
static bool advance(struct regs_binding *b, const struct action *a)
{
    const struct profile_point *pt = &b->f->point[a->point];
    int i = a->step;
    bool opens = i == 0 || pt->step[i - 1].when != pt->step[i].when;
    bool closes = i == pt->steps - 1 || pt->step[i + 1].when != pt->step[i].when;
    bool counts = opens || (b->expected[a->point] >> i & 1);
    b->expected[a->point] &= (uint16_t) ~(1u << i);
    if (counts && !closes) {
        b->expected[a->point] |= (uint16_t)(1u << (i + 1));
    }
    return counts && closes;
}

static int act(struct regs_unit *u, const struct action *a)
{
    struct regs_binding *b = &u->binding[a->binding];
    if (a->point < 0) {
        device_beat(u->devices, b->device);
        return PDU_OK;
    }
    if (a->step >= 0 && !advance(b, a)) {
        return PDU_OK;
    }
    enum err e = device_write(u->devices, b->device, b->f->point[a->point].row, a->value);
    return e == ERR_OK ? PDU_OK : e == ERR_STATE ? PDU_DEVICE_FAILURE : PDU_BUSY;
}

/* A register that only procedures and heartbeats use shows what was written last. */
static void remember(struct regs_unit *u, enum pdu_table t, int addr, int n,
                     const uint16_t *word)
{
    struct regs_table *table = &u->table[t];
    for (int i = 0; i < n; i++) {
        int at = lower(table, addr + i);
        if (at < table->n && table->cell[at].addr == addr + i && table->cell[at].binding < 0) {
            table->cell[at].word = word[i];
        }
    }
}

static int regs_write(void *unit, enum pdu_table t, int addr, int n, const uint16_t *word)
{
    struct regs_unit *u = unit;
    struct plan p = {0};
    for (int i = 0; i < n;) {
        struct span s = {t, addr + i, n - i, word + i};
        int taken = match(u, &s, &p);
        if (taken <= 0) {
            return taken ? -taken : PDU_ILLEGAL_ADDRESS;
        }
        i += taken;
    }
    if (p.n == ACTIONS_MAX) {
        return PDU_DEVICE_FAILURE;
    }
    remember(u, t, addr, n, word);
    for (int i = 0; i < p.n; i++) {
        int e = act(u, &p.action[i]);
        if (e) {
            return e;
        }
    }
    return PDU_OK;
}

const struct pdu_space regs_space = {regs_read, regs_write};

int regs_point_words(struct regs_unit *u, int binding, int point, uint16_t *word)
{
    const struct profile_point *pt = &u->binding[binding].f->point[point];
    if (!pt->read_fc) {
        return 0;
    }
    refresh(u);
    const struct regs_table *t = &u->table[pt->read_fc - 1];
    int n = reg_words(pt->type), first = lower(t, pt->addr);
    for (int i = 0; i < n; i++) {
        word[i] = t->cell[first + i].word;
    }
    return n;
}
