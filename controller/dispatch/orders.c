/* Expansion by day, and the moves of each instance. */
#include "controller/dispatch/orders.h"
#include "controller/base/civil.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A kiln may be opened and loaded below this. */
enum { KILN_LOAD_DEGC = 150 };

#define TO(s) (1u << (s))
static const struct {
    const char *name;
    unsigned next;
} states[ORDER_STATE_COUNT] = {
    [ORDER_WAITING] = {"waiting",  TO(ORDER_STARTING) | TO(ORDER_RUNNING) | TO(ORDER_DONE) |
                                      TO(ORDER_MISSED)    },
    [ORDER_STARTING] = {"starting", TO(ORDER_RUNNING) | TO(ORDER_WAITING) | TO(ORDER_FAILED)},
    [ORDER_RUNNING] = {"running",  TO(ORDER_DONE) | TO(ORDER_FAILED) | TO(ORDER_MISSED)    },
    [ORDER_DONE] = {"done",     0                                                       },
    [ORDER_MISSED] = {"missed",   0                                                       },
    [ORDER_FAILED] = {"failed",   0                                                       },
};

const char *order_state_name(enum order_state s)
{
    return s < ORDER_STATE_COUNT ? states[s].name : "unknown";
}

static void move_to(struct order_run *r, enum order_state to)
{
    must(r->m.state < ORDER_STATE_COUNT && (states[r->m.state].next & TO(to)) != 0);
    r->m.state = (uint16_t)to;
    r->changed = true;
}

static bool over(const struct order_run *r)
{
    return states[r->m.state].next == 0;
}

void orders_init(struct orders *o, const struct park *p)
{
    memset(o, 0, sizeof *o);
    o->park = p;
}

static struct order_run *find(struct orders *o, const char *id)
{
    for (int i = 0; i < o->n; i++) {
        if (strcmp(o->run[i].m.id, id) == 0) {
            return &o->run[i];
        }
    }
    return NULL;
}

static void add(struct orders *o, int index, wall_t midnight)
{
    const struct order *ord = &o->park->order[index];
    struct civil day;
    civil_from_wall(midnight, &day);
    struct order_run r = {.order = index, .counter_kwh = NAN, .changed = true};
    snprintf(r.m.id, sizeof r.m.id, "%s@%04d-%02d-%02d", ord->id, day.year, day.month, day.day);
    if (find(o, r.m.id) != NULL || o->n >= ORDER_INSTANCES_MAX) {
        return;
    }
    r.m.device = (uint16_t)ord->device;
    r.m.type = (uint32_t)ord->type;
    r.m.window_from = wall_add_s(midnight, ord->from_min * 60.0);
    r.m.window_to = wall_add_s(midnight, ord->to_min * 60.0);
    r.m.due = wall_add_s(midnight, ord->due_min * 60.0);
    r.m.energy_kwh = ord->energy_kwh;
    o->run[o->n++] = r;
}

void orders_expand(struct orders *o, wall_t now)
{
    int kept = 0;
    for (int i = 0; i < o->n; i++) {
        wall_t last = o->run[i].m.due.ms > o->run[i].m.window_to.ms ? o->run[i].m.due
                                                                    : o->run[i].m.window_to;
        if (wall_diff_s(last, now) < 86400 || o->run[i].m.state == ORDER_RUNNING) {
            o->run[kept++] = o->run[i];
        }
    }
    o->n = kept;
    for (int d = -1; d <= 1; d++) {
        wall_t midnight = civil_midnight(now, d);
        enum days days = park_days(o->park, wall_add_s(midnight, 43200));
        for (int i = 0; i < o->park->orders; i++) {
            const struct order *ord = &o->park->order[i];
            bool applies = ord->days == DAYS_ALL || ord->days == days;
            bool alive = midnight.ms + ord->to_min * 60000LL > now.ms;
            if (applies && alive) {
                add(o, i, midnight);
            }
        }
    }
}

void orders_restore(struct orders *o, const struct msg_order *m)
{
    struct order_run *r = find(o, m->id);
    if (m->state >= ORDER_STATE_COUNT) {
        return;
    }
    if (r == NULL && (m->state == ORDER_RUNNING || m->state == ORDER_STARTING)) {
        /* a firing under way from a window that is closed by now */
        for (int i = 0; i < o->park->orders && o->n < ORDER_INSTANCES_MAX; i++) {
            size_t len = strlen(o->park->order[i].id);
            if (strncmp(m->id, o->park->order[i].id, len) == 0 && m->id[len] == '@') {
                r = &o->run[o->n++];
                *r = (struct order_run){.order = i, .counter_kwh = NAN};
                break;
            }
        }
    }
    if (r != NULL) {
        r->m.state = m->state;
        r->m.started = m->started;
        r->m.ended = m->ended;
        r->m.planned = m->planned;
        r->m.done_kwh = m->done_kwh;
        memcpy(r->m.id, m->id, sizeof r->m.id);
        if (r->m.window_to.ms == 0) {
            /* the park file may have been edited: what it says about device and type counts */
            r->m = *m;
            r->m.device = (uint16_t)o->park->order[r->order].device;
            r->m.type = (uint32_t)o->park->order[r->order].type;
        }
        r->changed = false;
    }
}

double orders_left_kwh(const struct order_run *r)
{
    return fmax(r->m.energy_kwh - r->m.done_kwh, 0);
}

bool orders_kiln_ready(const struct image *im, int device)
{
    const struct reading *state = image_at(im, device, KILN_STATE);
    const struct reading *temp = image_at(im, device, KILN_DEGC);
    return im->link[device].trusted != 0 && im->link[device].online != 0 &&
           reading_usable(state) && reading_usable(temp) && state->value == KILN_STOPPED &&
           temp->value < KILN_LOAD_DEGC;
}

static void observe_firing(struct order_run *r, const struct image *im,
                           const struct recipe *recipe, wall_t now)
{
    if (r->m.state == ORDER_WAITING) { /* most of them, most of the time */
        if (now.ms > r->m.window_to.ms) {
            move_to(r, ORDER_MISSED);
        }
        return;
    }
    const struct reading *state = image_at(im, r->m.device, KILN_STATE);
    bool usable = reading_usable(state);
    bool on = usable && (state->value == KILN_RUNNING || state->value == KILN_HOLDING);
    double kw = -image_value(im, r->m.device, P_KW, 0);
    switch ((enum order_state)r->m.state) {
    case ORDER_STARTING:
        if (on) {
            move_to(r, ORDER_RUNNING);
        } else if (wall_diff_s(r->m.started, now) > 60) {
            r->m.started.ms = 0;
            move_to(r, r->tries < 5 ? ORDER_WAITING : ORDER_FAILED);
        }
        break;
    case ORDER_RUNNING:
        r->m.done_kwh += fmax(kw, 0) / 3600;
        if (usable && !on) {
            double heat_min = 0;
            for (int i = 0; i < recipe->segments; i++) {
                bool rises =
                    i == 0 || recipe->segment[i].to_degc >= recipe->segment[i - 1].to_degc;
                heat_min += rises ? recipe->segment[i].minutes : 0;
            }
            r->m.ended = now;
            bool through = wall_diff_s(r->m.started, now) >= heat_min * 60 * 0.98;
            move_to(r, through ? ORDER_DONE : ORDER_FAILED);
        }
        break;
    case ORDER_WAITING:
    case ORDER_DONE:
    case ORDER_MISSED:
    case ORDER_FAILED:
    case ORDER_STATE_COUNT:
        break;
    }
}

/* Energy of a batch or charging order, from the device's counter while its window is open. */
static void observe_energy(struct order_run *r, const struct image *im, int counter_row,
                           wall_t now)
{
    bool open = now.ms >= r->m.window_from.ms && now.ms < r->m.window_to.ms;
    const struct reading *c = image_at(im, r->m.device, counter_row);
    if (open && reading_usable(c)) {
        if (isfinite(r->counter_kwh) && c->value >= r->counter_kwh) {
            r->m.done_kwh += c->value - r->counter_kwh;
        }
        r->counter_kwh = c->value;
    }
    if (r->m.state == ORDER_WAITING && r->m.done_kwh > 0.5) {
        r->m.started = now;
        move_to(r, ORDER_RUNNING);
    }
    if (r->m.state == ORDER_RUNNING && orders_left_kwh(r) <= 0.005 * r->m.energy_kwh) {
        r->m.ended = now;
        move_to(r, ORDER_DONE);
    } else if (now.ms >= r->m.window_to.ms) {
        bool enough = orders_left_kwh(r) <= 0.02 * r->m.energy_kwh;
        r->m.ended = now;
        move_to(r, enough ? ORDER_DONE : ORDER_MISSED);
    }
}

void orders_observe(struct orders *o, const struct image *im, wall_t now)
{
    for (int i = 0; i < o->n; i++) {
        struct order_run *r = &o->run[i];
        if (over(r)) {
            continue;
        }
        const struct order *ord = &o->park->order[r->order];
        if (ord->type == ORDER_FIRING) {
            observe_firing(r, im, &o->park->recipe[ord->recipe], now);
        } else {
            observe_energy(r, im, ord->type == ORDER_BATCH ? MILL_DRAW_KWH : CHARGER_DRAW_KWH,
                           now);
        }
    }
}

static bool kiln_taken(const struct orders *o, int device)
{
    for (int i = 0; i < o->n; i++) {
        const struct order_run *r = &o->run[i];
        if (r->m.device == device &&
            (r->m.state == ORDER_RUNNING || r->m.state == ORDER_STARTING)) {
            return true;
        }
    }
    return false;
}

struct order_run *orders_due(struct orders *o, const struct image *im, wall_t now, mono_t mono)
{
    for (int i = 0; i < o->n; i++) {
        struct order_run *r = &o->run[i];
        bool waits = r->m.type == ORDER_FIRING && r->m.state == ORDER_WAITING;
        bool in_window = now.ms >= r->m.window_from.ms && now.ms <= r->m.window_to.ms;
        bool time_come = r->m.planned.ms != 0 && now.ms >= r->m.planned.ms;
        bool rested = r->commanded.us == 0 || mono_s(mono_sub(mono, r->commanded)) > 120;
        if (waits && in_window && time_come && rested && !kiln_taken(o, r->m.device) &&
            orders_kiln_ready(im, r->m.device)) {
            return r;
        }
    }
    return NULL;
}

void orders_started(struct order_run *r, wall_t now, mono_t mono)
{
    r->m.started = now;
    r->commanded = mono;
    r->tries++;
    move_to(r, ORDER_STARTING);
}

struct order_run *orders_open(struct orders *o, int device, wall_t now)
{
    for (int i = 0; i < o->n; i++) {
        struct order_run *r = &o->run[i];
        if (r->m.device == device && r->m.type != ORDER_FIRING && !over(r) &&
            now.ms >= r->m.window_from.ms && now.ms < r->m.window_to.ms) {
            return r;
        }
    }
    return NULL;
}
