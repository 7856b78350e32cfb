/* The referee's view of production: firings, batches and charging against the park's orders,
 * each order taken once per day on which it applies. Runs in the simulator and in studies. */
#include "controller/base/civil.h"
#include "sim/body.h"
#include "sim/judge.h"
#include <math.h>

/* 98 % of an order's energy, or of what the vehicles asked for, is the order. */
static const double enough_pu = 0.98;

static struct body_charger_truth charger_of(const struct judge *j, int order)
{
    struct body_charger_truth t = {0};
    if (j->park->order[order].type == ORDER_CHARGE) {
        body_charger_truth(world_body(j->world, j->park->order[order].device), &t);
    }
    return t;
}

static wall_t case_at(const struct judge_case *c, int minute)
{
    return (wall_t){c->midnight.ms + minute * INT64_C(60000)};
}

static bool inside(wall_t at, wall_t from, wall_t to)
{
    return at.ms >= from.ms && at.ms <= to.ms;
}

static int due_min(const struct order *o)
{
    return o->type == ORDER_FIRING ? o->due_min : o->to_min;
}

/* Opens today's cases; those whose window had already begun when the judging began are not
 * counted where that would be unfair: a batch or charge needs its whole window, a firing its
 * latest start. */
static void open_day(struct judge *j, wall_t midnight)
{
    enum days kind = park_days(j->park, wall_add_s(midnight, 43200));
    for (int i = 0; i < j->park->orders; i++) {
        const struct order *o = &j->park->order[i];
        struct judge_case fresh = {.midnight = midnight};
        wall_t last = case_at(&fresh, o->type == ORDER_FIRING ? o->to_min : o->from_min);
        if ((o->days != DAYS_ALL && o->days != kind) || last.ms < j->started.ms) {
            continue;
        }
        for (int k = 0; k < JUDGE_DAYS; k++) {
            if (j->order[i].day[k].midnight.ms == 0) {
                j->order[i].day[k] = fresh;
                break;
            }
        }
    }
}

static struct judge_case *find_case(struct judge *j, int order, wall_t start, bool in_window)
{
    const struct order *o = &j->park->order[order];
    for (int k = 0; k < JUDGE_DAYS; k++) {
        struct judge_case *c = &j->order[order].day[k];
        if (c->midnight.ms == 0 || c->firing) {
            continue;
        }
        wall_t to = case_at(c, in_window ? o->to_min : o->due_min);
        if (inside(start, case_at(c, in_window ? o->from_min : 0), to)) {
            return c;
        }
    }
    return NULL;
}

/* The order that a firing serves: one whose window holds its start, else one still open. */
static void fire(struct judge *j, int device, wall_t at)
{
    struct judge_firing f = {.device = device, .order = -1, .start = at};
    struct judge_case *c = NULL;
    for (int pass = 1; pass >= 0 && !c; pass--) {
        for (int i = 0; i < j->park->orders && !c; i++) {
            const struct order *o = &j->park->order[i];
            if (o->type == ORDER_FIRING && o->device == device) {
                c = find_case(j, i, at, pass);
                f.order = c ? i : -1;
                f.in_window = c && pass;
            }
        }
    }
    if (!f.in_window) {
        judge_breach_add(j, &(struct judge_breach){"firing_window",
                                                   j->park->device[device].name, at, 0, 0, 0});
    }
    if (j->firings < JUDGE_FIRINGS_MAX) {
        j->firing[j->firings++] = f;
        if (c) {
            c->firing = j->firings;
        }
    }
}

static struct judge_firing *firing_of(struct judge *j, int device)
{
    for (int i = j->firings - 1; i >= 0; i--) {
        if (j->firing[i].device == device) {
            return j->firing[i].end.ms ? NULL : &j->firing[i];
        }
    }
    return NULL;
}

static void look_at_kiln(struct judge *j, int device, wall_t now)
{
    struct body_kiln_truth t;
    body_kiln_truth(world_body(j->world, device), &t);
    if (t.running && !j->fired[device]) {
        fire(j, device, now);
    }
    struct judge_firing *f = firing_of(j, device);
    if (f) {
        if (t.paused_wrong && !f->paused_wrong) {
            judge_breach_add(j,
                             &(struct judge_breach){"kiln_pause", j->park->device[device].name,
                                                    now, 60 * t.paused_min, t.paused_min, 0});
        }
        f->deviation_k = t.deviation_k;
        f->rate_error_k_per_h = t.rate_error_k_per_h;
        f->paused_min = t.paused_min;
        f->paused_wrong = t.paused_wrong;
        f->energy_kwh = t.energy_kwh;
        if (!t.running) {
            f->end = now;
        }
    }
    j->fired[device] = t.running;
}

static void close_firing(struct judge *j, int order, struct judge_case *c)
{
    struct judge_order *o = &j->order[order];
    struct judge_firing *f = c->firing ? &j->firing[c->firing - 1] : NULL;
    if (f && f->end.ms) {
        o->done++;
    } else if (f) {
        f->late = true;
        o->late++;
    } else {
        o->missed++;
    }
    *c = (struct judge_case){0};
}

/* A charge is judged by what the vehicles that left since its window began had asked for. */
static void close_energy(struct judge *j, int order, struct judge_case *c)
{
    struct judge_order *o = &j->order[order];
    double asked = j->park->order[order].energy_kwh, served = c->kwh;
    if (j->park->order[order].type == ORDER_CHARGE) {
        struct body_charger_truth t = charger_of(j, order);
        asked = t.asked_kwh - c->left_asked_kwh;
        served = asked - (t.short_kwh - c->left_short_kwh);
    }
    o->asked_kwh += asked;
    o->served_kwh += fmin(served, asked);
    if (served >= enough_pu * asked) {
        o->done++;
    } else {
        o->late++;
    }
    *c = (struct judge_case){0};
}

static void begin_charge(const struct judge *j, int order, struct judge_case *c)
{
    if (!c->begun) {
        struct body_charger_truth t = charger_of(j, order);
        c->begun = true;
        c->left_asked_kwh = t.asked_kwh;
        c->left_short_kwh = t.short_kwh;
    }
}

static void look_at_order(struct judge *j, int order, wall_t now)
{
    const struct order *o = &j->park->order[order];
    for (int k = 0; k < JUDGE_DAYS; k++) {
        struct judge_case *c = &j->order[order].day[k];
        if (c->midnight.ms == 0) {
            continue;
        }
        if (o->type != ORDER_FIRING &&
            inside(now, case_at(c, o->from_min), case_at(c, o->to_min))) {
            c->kwh += fmax(-world_body(j->world, o->device)->kw, 0) / 3600;
            begin_charge(j, order, c);
        }
        /* a firing that is done is closed at once: its kiln may take the next order */
        bool over = o->type == ORDER_FIRING && c->firing && j->firing[c->firing - 1].end.ms;
        if (o->type == ORDER_FIRING && (over || now.ms >= case_at(c, due_min(o)).ms)) {
            close_firing(j, order, c);
        } else if (o->type != ORDER_FIRING && now.ms > case_at(c, due_min(o)).ms) {
            close_energy(j, order, c); /* vehicles leave in the second after their last */
        }
    }
}

void judge_orders_second(struct judge *j)
{
    wall_t now = world_wall(j->world);
    if (now.ms >= j->next_midnight.ms) {
        if (j->next_midnight.ms == 0) {
            open_day(j, civil_midnight(now, -1));
        }
        open_day(j, civil_midnight(now, 0));
        j->next_midnight = civil_midnight(now, 1);
    }
    for (int i = 0; i < j->park->devices; i++) {
        if (j->park->device[i].kind == KIND_KILN) {
            look_at_kiln(j, i, now);
        }
    }
    for (int i = 0; i < j->park->orders; i++) {
        look_at_order(j, i, now);
    }
}

/* ---- What is in work ---- */

static double recipe_kwh(const struct judge *j, int order)
{
    return j->park->recipe[j->park->order[order].recipe].energy_kwh;
}

static double case_kwh(const struct judge *j, int order, const struct judge_case *c)
{
    const struct order *o = &j->park->order[order];
    bool open = world_wall(j->world).ms < case_at(c, o->to_min).ms;
    if (o->type == ORDER_BATCH) {
        return open ? c->kwh : 0;
    }
    if (o->type != ORDER_FIRING) {
        return 0; /* its vehicles say what they want */
    }
    double had = c->firing ? j->firing[c->firing - 1].energy_kwh : 0;
    return open ? had : -fmax(recipe_kwh(j, order) - had, 0);
}

/* Under way although its case was closed: it is late. */
static bool is_late_and_under_way(const struct judge *j, int firing)
{
    const struct judge_firing *f = &j->firing[firing];
    for (int k = 0; f->order >= 0 && k < JUDGE_DAYS; k++) {
        const struct judge_case *c = &j->order[f->order].day[k];
        if (c->midnight.ms != 0 && c->firing == firing + 1) {
            return false;
        }
    }
    return f->order >= 0 && f->end.ms == 0;
}

double judge_work_kwh(const struct judge *j)
{
    double kwh = 0;
    for (int i = 0; i < j->park->orders; i++) {
        for (int k = 0; k < JUDGE_DAYS; k++) {
            const struct judge_case *c = &j->order[i].day[k];
            kwh += c->midnight.ms != 0 ? case_kwh(j, i, c) : 0;
        }
    }
    for (int i = 0; i < j->firings; i++) {
        if (is_late_and_under_way(j, i)) {
            kwh -= fmax(recipe_kwh(j, j->firing[i].order) - j->firing[i].energy_kwh, 0);
        }
    }
    return kwh;
}
