/* In-memory field. Runs in studies. */
#include "sim/study_field.h"
#include "sim/judge_wire.h"
#include <math.h>
#include <string.h>

enum { SLOW_S = 10, TRIES_S = 3 }; /* a device is offline after so many seconds of silence */

static void add_reading(struct study_field *f, const struct profile_point *pt, int device)
{
    const struct park *p = f->set->park;
    int point = park_point(p, device, pt->row);
    for (int i = 0; i < f->readings; i++) {
        if (f->reading[i].point == (uint32_t)point) {
            f->reading[i].slow = f->reading[i].slow && pt->poll == POLL_SLOW;
            return;
        }
    }
    struct study_reading *r = &f->reading[f->readings++];
    *r = (struct study_reading){.device = device,
                                .row = pt->row,
                                .point = (uint32_t)point,
                                .slow = pt->poll == POLL_SLOW};
    park_point_range(p, point, &r->lo, &r->hi);
    r->lo -= 1e-9;
    r->hi += 1e-9;
}

static enum err add_setpoint(struct study_field *f, const struct profile *pf,
                             const struct profile_point *pt, int device)
{
    const struct park *p = f->set->park;
    int point = park_point(p, device, pt->row);
    struct study_setpoint *s = &f->setpoint[point];
    const struct point_def *def = park_point_def(p, point);
    double lo, hi;
    if (s->device >= 0) {
        return ERR_OK; /* the first part that can write it does */
    }
    park_point_range(p, point, &lo, &hi);
    bool keep = def->revert != REVERT_VALUE;
    *s = (struct study_setpoint){
        .device = device,
        .row = pt->row,
        .end = {keep, park_point_revert(p, point)},
        .once = keep && pf->kind == KIND_KILN,
        .companion = -1
    };
    bool quiet = pf->watchdog.class == WATCHDOG_F || s->once || pt->steps > 0;
    s->dog_s = quiet ? 0 : pf->watchdog.timeout_s;
    int on = dict_point(pf->kind, "limit_on");
    if (on >= 0 && strcmp(def->name, "limit_pu") == 0) {
        s->companion = park_point(p, device, on);
    }
    f->writable[f->writables++] = point;
    return clamp_init(&s->clamp, fmax(lo, pt->lo), fmin(hi, pt->hi), park_point_rate(p, point),
                      pt->wear_per_day);
}

/* The field role arms a device's watchdog before its first setpoint. */
static enum err arm(struct study_field *f, const struct profile *pf, int device)
{
    const struct profile_watchdog *w = &pf->watchdog;
    const struct park *p = f->set->park;
    double safe =
        w->guards_row < 0 ? 0 : park_point_revert(p, park_point(p, device, w->guards_row));
    const struct {
        int row;
        double value;
    } arms[] = {
        {w->timeout_row,     w->timeout_s},
        {w->fallback_row,    safe        },
        {w->fallback_on_row, 1           }
    };
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < sizeof arms / sizeof *arms; i++) {
        e = arms[i].row < 0
                ? ERR_OK
                : device_write(&f->set->devices, device, arms[i].row, arms[i].value);
    }
    return e;
}

static enum err add_part(struct study_field *f, int device, int part)
{
    const struct profile *pf = f->set->profile[device * PARTS_MAX + part];
    for (int i = 0; i < pf->points; i++) {
        const struct profile_point *pt = &pf->point[i];
        if (pt->read_fc != 0) {
            add_reading(f, pt, device);
        }
        bool writes = pt->write_fc != 0 || pt->steps > 0;
        enum err e = writes ? add_setpoint(f, pf, pt, device) : ERR_OK;
        if (e != ERR_OK) {
            return e;
        }
    }
    return arm(f, pf, device);
}

/* Appends a reading to the last block, or opens another one. */
static void add_to_block(struct study_field *f, int reading, bool opens)
{
    int device = f->reading[reading].device;
    if (opens || f->block[f->blocks - 1].device != device) {
        bool fast = f->set->park->device[device].poll_s < 1;
        f->block[f->blocks++] =
            (struct study_block){.device = device, .from = reading, .fast = fast};
    }
    f->block[f->blocks - 1].n++;
    f->row[reading] = f->reading[reading].row;
}

/* Those that are not slow to the front, each group in its order and in blocks. */
static enum err quick_first(struct study_field *f, struct arena *a)
{
    struct study_reading *given = f->reading;
    f->reading = arena_take(a, (size_t)f->readings + 1, sizeof *f->reading);
    f->row = arena_take(a, (size_t)f->readings + 1, sizeof *f->row);
    f->block = arena_take(a, (size_t)f->readings + 1, sizeof *f->block);
    if (!f->reading || !f->row || !f->block) {
        return ERR_NOMEM;
    }
    int n = 0;
    for (int slow = 0; slow <= 1; slow++) {
        f->quick = f->blocks;
        for (int i = 0; i < f->readings; i++) {
            if (given[i].slow == slow) {
                f->reading[n] = given[i];
                add_to_block(f, n, f->blocks == f->quick);
                n++;
            }
        }
    }
    return ERR_OK;
}

static void tell_link(const struct study_hooks *hooks, int device, bool up)
{
    struct msg_link_state l = {.device = (uint16_t)device, .online = up, .trusted = up};
    hooks->link(hooks->arg, &l);
}

enum err study_field_init(struct study_field *f, struct arena *a, struct setup *set,
                          const struct study_hooks *hooks)
{
    const struct park *p = set->park;
    *f = (struct study_field){.set = set};
    f->reading = arena_take(a, (size_t)p->points, sizeof *f->reading);
    f->setpoint = arena_take(a, (size_t)p->points, sizeof *f->setpoint);
    f->writable = arena_take(a, (size_t)p->points, sizeof *f->writable);
    f->link = arena_take(a, (size_t)p->devices, sizeof *f->link);
    if (!f->reading || !f->setpoint || !f->writable || !f->link) {
        return ERR_NOMEM;
    }
    for (int i = 0; i < p->points; i++) {
        f->setpoint[i].device = -1;
    }
    for (int d = 0; d < p->devices; d++) {
        for (int i = 0; i < p->device[d].parts; i++) {
            enum err e = add_part(f, d, i);
            if (e != ERR_OK) {
                return e;
            }
        }
        tell_link(hooks, d, true);
    }
    return quick_first(f, a);
}

/* As watch_links() found it this second. */
static bool mute(const struct study_field *f, int device)
{
    return f->link[device].silent.us != 0;
}

/* Counts the seconds of silence; tells when a device goes and when it has come back. The
 * referee of the wire is to know which answer and are read, and whether the PCC meter does. */
static void watch_links(struct study_field *f, mono_t now, const struct study_hooks *hooks)
{
    const struct judge_wire *told = f->set->judge.wire;
    if (told && f->told_well == told && f->set->faults.active == 0) {
        return; /* nothing has changed */
    }
    f->told_well = told;
    for (int d = 0; d < f->set->park->devices; d++) {
        struct study_link *l = &f->link[d];
        if (!faults_mute(&f->set->faults, d)) {
            if (l->offline) {
                tell_link(hooks, d, true);
            }
            *l = (struct study_link){{0}, false};
            judge_known(&f->set->judge, d, JUDGE_READ);
            continue;
        }
        f->told_well = NULL;
        l->silent = l->silent.us ? l->silent : now;
        judge_known(&f->set->judge, d, JUDGE_UNREAD);
        if (!l->offline && mono_s(mono_sub(now, l->silent)) >= TRIES_S) {
            l->offline = true;
            tell_link(hooks, d, false);
        }
    }
    judge_blind(&f->set->judge, mute(f, f->set->park->pcc));
}

static void read_block(const struct study_field *f, const struct study_block *b, mono_t now,
                       const struct study_hooks *hooks)
{
    double shown[POINTS_PER_KIND_MAX];
    device_show(&f->set->devices, b->device, &f->row[b->from], b->n, shown);
    for (int i = 0; i < b->n; i++) {
        const struct study_reading *r = &f->reading[b->from + i];
        double v = shown[i];
        if (isnan(v)) {
            continue; /* this plant has no such point: it is never read */
        }
        struct msg_reading m = {.point = r->point,
                                .quality =
                                    v >= r->lo && v <= r->hi ? QUALITY_GOOD : QUALITY_BAD,
                                .value = v,
                                .at = now};
        hooks->reading(hooks->arg, &m);
    }
}

void study_field_read(struct study_field *f, mono_t now, const struct study_hooks *hooks)
{
    bool second = world_second(f->set->world), slow = second && f->seconds++ % SLOW_S == 0;
    int due = slow ? f->blocks : f->quick;
    watch_links(f, now, hooks);
    for (int i = 0; i < due; i++) {
        const struct study_block *b = &f->block[i];
        if ((second || b->fast) && !mute(f, b->device)) {
            read_block(f, b, now, hooks);
        }
    }
}

static bool write_one(struct study_field *f, const struct study_setpoint *s, double value)
{
    struct judge_write w = {
        .device = s->device, .row = s->row, .value = value, .plan_age_s = NAN};
    judge_write(&f->set->judge, &w);
    return device_write(&f->set->devices, s->device, s->row, value) == ERR_OK;
}

static void write_due(struct study_field *f, struct study_setpoint *s, mono_t now)
{
    struct clamp_out may;
    bool reverts = s->lease.state == LEASE_REVERTED;
    if (mute(f, s->device) || !lease_due(&s->lease, now) ||
        clamp_step(&s->clamp, s->lease.value, now, reverts, &may) != ERR_OK ||
        !write_one(f, s, may.value)) {
        return;
    }
    clamp_written(&s->clamp, may.value, now);
    if (may.whole) {
        lease_written(&s->lease, now);
    }
}

static void hold(struct study_setpoint *s, double value, mono_t now, uint32_t lease_ms)
{
    s->next = (mono_t){0};
    if (clamp_accept(&s->clamp, value) == ERR_OK) {
        lease_hold(&s->lease, value, now, MONO_MS(lease_ms), s->dog_s);
    }
}

void study_field_set(struct study_field *f, const struct msg_setpoint *row, int n, mono_t now)
{
    for (int i = 0; i < n; i++) {
        const struct msg_setpoint *m = &row[i];
        struct study_setpoint *s = &f->setpoint[m->point];
        if (s->device < 0) {
            continue;
        }
        if (m->lease_ms == 0) {
            s->next = (mono_t){0};
            (void)lease_give_up(&s->lease, &s->end, now);
            continue;
        }
        hold(s, m->value, now, m->lease_ms);
        if (s->companion >= 0 && f->setpoint[s->companion].device >= 0) {
            hold(&f->setpoint[s->companion], 1, now, m->lease_ms);
        }
    }
}

void study_field_pass(struct study_field *f, mono_t now)
{
    for (int i = 0; i < f->writables; i++) {
        struct study_setpoint *s = &f->setpoint[f->writable[i]];
        if (s->lease.state == LEASE_NONE || mono_before(now, s->next)) {
            continue;
        }
        (void)lease_pass(&s->lease, &s->end, now);
        write_due(f, s, now);
        s->next = s->lease.dirty ? (mono_t){0} : lease_next(&s->lease);
    }
}
