/* The referee on the wire: writes. Runs in studies and in tests. */
#include "sim/judge_wire.h"
#include "sim/body.h"
#include <math.h>
#include <string.h>

enum { REPEATS_MAX = 3, REPEAT_WINDOW_S = 60, PLAN_AGE_S_MAX = 1800 };
static const double day_s = 86400, slack_s = 2, rate_slack = 1.05;

static const struct breach_row {
    const char *breach, *invariant;
} breach_rows[] = {
    {"import_limit",       "INV-01"},
    {"export_limit",       "INV-02"},
    {"reverse_power_trip", "INV-02"},
    {"soc_low",            "INV-03"},
    {"soc_high",           "INV-03"},
    {"battery_turns",      "INV-04"},
    {"battery_flip",       "INV-04"},
    {"firing_window",      "INV-05"},
    {"kiln_pause",         "INV-05"},
    {"kiln_command",       "INV-05"},
    {"minimum_on",         "INV-07"},
    {"minimum_off",        "INV-07"},
    {"blind_discharge",    "INV-08"},
    {"blind_pv",           "INV-08"},
    {"write_range",        "INV-10"},
    {"write_rate",         "INV-10"},
    {"lease_lapsed",       "INV-11"},
    {"write_unread",       "INV-12"},
    {"write_foreign",      "INV-13"},
    {"write_repeat",       "INV-14"},
    {"write_wear",         "INV-14"},
    {"plan_stale",         "INV-17"},
    {"dr_overrun",         "INV-18"},
    {"dr_cap",             "INV-19"},
    {"manual_override",    "INV-20"},
};

/* NULL: no breach has this name. */
static const struct breach_row *find_breach(const char *breach)
{
    for (size_t i = 0; i < sizeof breach_rows / sizeof *breach_rows; i++) {
        if (strcmp(breach_rows[i].breach, breach) == 0) {
            return &breach_rows[i];
        }
    }
    return NULL;
}

const char *judge_invariant(const char *breach)
{
    const struct breach_row *r = find_breach(breach);
    return r ? r->invariant : "";
}

const char *judge_breach_name(const char *text)
{
    const struct breach_row *r = find_breach(text);
    return r ? r->breach : NULL;
}

int judge_invariant_number(const char *breach)
{
    const char *text = judge_invariant(breach); /* "INV-04" */
    int n = *text ? 10 * (text[4] - '0') + (text[5] - '0') : 0;
    must(n >= 0 && n < JUDGE_INVARIANTS);
    return n;
}

/* Watchdogs of class B and C are fed by a heartbeat or by any frame, F is none. */
static void take_profile(struct judge *j, int device, const struct profile *f)
{
    for (int i = 0; i < f->points; i++) {
        const struct profile_point *pt = &f->point[i];
        struct judge_point *p = &j->wire->point[park_point(j->park, device, pt->row)];
        p->wear_per_day = pt->wear_per_day > 0 ? pt->wear_per_day : p->wear_per_day;
        if (f->watchdog.class == WATCHDOG_F || (pt->write_fc == 0 && pt->steps == 0)) {
            continue;
        }
        p->dog_s = f->watchdog.timeout_s; /* its setpoints are all said again together */
        p->fed = f->watchdog.guards_row == pt->row && f->watchdog.class != WATCHDOG_B &&
                 f->watchdog.class != WATCHDOG_C;
    }
}

enum err judge_wire_init(struct judge *j, struct arena *a, const struct profile *const *profile)
{
    const struct park *p = j->park;
    struct judge_wire *w = arena_take(a, 1, sizeof *w);
    if (!w) {
        return ERR_NOMEM;
    }
    w->known = arena_take(a, (size_t)p->devices, sizeof *w->known);
    w->point = arena_take(a, (size_t)p->points, sizeof *w->point);
    w->turns_told = arena_take(a, (size_t)p->devices, sizeof *w->turns_told);
    w->fed = arena_take(a, (size_t)p->points, sizeof *w->fed);
    if (!w->known || !w->point || !w->turns_told || !w->fed) {
        return ERR_NOMEM;
    }
    for (int i = 0; i < p->points; i++) {
        w->point[i] = (struct judge_point){
            .at_s = NAN, .on_s = NAN, .off_s = NAN, .hand = NAN, .repeat_from_s = -INFINITY};
    }
    w->discharge = (struct judge_watch){.name = "blind_discharge", .allowed_s = 2};
    w->pv = (struct judge_watch){.name = "blind_pv", .allowed_s = 5};
    w->plan_age_s = NAN;
    j->wire = w;
    for (int d = 0; d < p->devices; d++) {
        for (int k = 0; k < p->device[d].parts; k++) {
            take_profile(j, d, profile[d * PARTS_MAX + k]);
        }
    }
    for (int i = 0; i < p->points; i++) {
        if (w->point[i].fed) {
            w->fed[w->feds++] = i;
        }
    }
    return ERR_OK;
}

static void tell(struct judge *j, const char *name, const struct judge_write *w, double limit)
{
    judge_breach_add(j, &(struct judge_breach){name, j->park->device[w->device].name,
                                               world_wall(j->world), 0, w->value, limit});
}

/* ---- One write ---- */

static void range(struct judge *j, const struct judge_write *w, const struct judge_point *p)
{
    int point = park_point(j->park, w->device, w->row);
    double lo, hi, rate = park_point_rate(j->park, point);
    double slack = 1e-6;
    park_point_range(j->park, point, &lo, &hi);
    if (!(w->value >= lo - slack && w->value <= hi + slack)) { /* NaN, too */
        tell(j, "write_range", w, w->value < lo ? lo : hi);
        return;
    }
    /* a long silence does not save up a jump */
    double since_s = fmin(world_elapsed_s(j->world) - p->at_s, 1);
    if (rate > 0 && !isnan(p->at_s) &&
        fabs(w->value - p->value) > rate * since_s * rate_slack + slack) {
        tell(j, "write_rate", w, rate);
    }
}

/* Rewrites that feed a watchdog come every third of its time; a few others may be retries. */
static void repeat(struct judge *j, const struct judge_write *w, struct judge_point *p)
{
    double now = world_elapsed_s(j->world);
    double least_s = p->dog_s > 0 ? p->dog_s / 3 - slack_s : REPEAT_WINDOW_S;
    bool again = !isnan(p->at_s) && p->value == w->value && now - p->at_s < least_s;
    if (now - p->repeat_from_s > REPEAT_WINDOW_S) {
        p->repeat_from_s = now;
        p->repeats = 0;
        p->repeat_told = false;
    }
    p->repeats += again;
    if (p->repeats > REPEATS_MAX && !p->repeat_told) {
        p->repeat_told = true;
        tell(j, "write_repeat", w, REPEATS_MAX);
    }
}

static void wear(struct judge *j, const struct judge_write *w, struct judge_point *p)
{
    double now = world_elapsed_s(j->world);
    bool new_day = isnan(p->at_s) || floor(now / day_s) > floor(p->at_s / day_s);
    p->today = new_day ? 1 : p->today + 1;
    if (p->wear_per_day > 0 && p->today == (int)p->wear_per_day + 1) {
        tell(j, "write_wear", w, p->wear_per_day);
    }
}

static int run_row(enum kind k)
{
    return k == KIND_HEAT_PUMP ? HP_RUN
           : k == KIND_CHP     ? CHP_RUN
           : k == KIND_MILL    ? MILL_RUN
                               : -1;
}

/* Least times on and off, by what is commanded: the machine may well enforce its own. */
static void minimum(struct judge *j, const struct judge_write *w, struct judge_point *p)
{
    const struct device *d = &j->park->device[w->device];
    double now = world_elapsed_s(j->world);
    bool on = w->value > 0.5, was = p->value > 0.5;
    if (w->row != run_row(d->kind) || (!isnan(p->at_s) && on == was)) {
        return;
    }
    double least_on_s = 60 * fmax(d->rating.up_min, d->rating.run_min);
    double least_off_s = 60 * d->rating.down_min;
    if (!on && now - p->on_s < least_on_s - slack_s) {
        tell(j, "minimum_on", w, least_on_s);
    } else if (on && now - p->off_s < least_off_s - slack_s) {
        tell(j, "minimum_off", w, least_off_s);
    }
    *(on ? &p->on_s : &p->off_s) = isnan(p->at_s) ? NAN : now;
}

/* Longest pause that the segment under way allows; 0 outside a firing. */
static double hold_min(const struct judge *j, int device)
{
    int segment = (int)world_get(j->world, device, KILN_SEGMENT);
    int program = (int)world_body(j->world, device)->cmd[KILN_PROGRAM];
    bool known = program >= 1 && program <= j->park->recipes && segment >= 1 &&
                 segment <= j->park->recipe[program - 1].segments;
    return known ? j->park->recipe[program - 1].segment[segment - 1].hold_min : 0;
}

static void kiln(struct judge *j, const struct judge_write *w)
{
    if (j->park->device[w->device].kind != KIND_KILN) {
        return;
    }
    double state = world_get(j->world, w->device, KILN_STATE);
    const struct body *b = world_body(j->world, w->device);
    bool firing = state == KILN_RUNNING || state == KILN_HOLDING;
    bool changes = w->value != b->cmd[w->row];
    bool wrong = w->row == KILN_PROGRAM ? changes
                 : w->row == KILN_RUN
                     ? w->value == KILN_STOPPED ||
                           (w->value == KILN_HOLDING && hold_min(j, w->device) <= 0)
                     : false;
    if (firing && wrong) {
        tell(j, "kiln_command", w, 0);
    }
}

void judge_write(struct judge *j, const struct judge_write *w)
{
    if (!j->wire) {
        return;
    }
    struct judge_point *p = &j->wire->point[park_point(j->park, w->device, w->row)];
    enum judge_known known = j->wire->known[w->device];
    if (known != JUDGE_READ) {
        tell(j, known == JUDGE_FOREIGN ? "write_foreign" : "write_unread", w, 0);
    }
    /* a point that may change only slowly is on its way there */
    bool nearer = !isnan(p->at_s) && fabs(w->value - p->hand) < fabs(p->value - p->hand);
    if (!isnan(p->hand) && w->value != p->hand && !nearer) {
        tell(j, "manual_override", w, p->hand);
    }
    double plan_age_s = isnan(w->plan_age_s) ? j->wire->plan_age_s : w->plan_age_s;
    if (plan_age_s > PLAN_AGE_S_MAX) {
        tell(j, "plan_stale", w, PLAN_AGE_S_MAX);
    }
    range(j, w, p);
    repeat(j, w, p);
    wear(j, w, p);
    minimum(j, w, p);
    kiln(j, w);
    p->value = w->value;
    p->at_s = world_elapsed_s(j->world);
    p->lapsed = false;
}

void judge_known(struct judge *j, int device, enum judge_known state)
{
    if (j->wire) {
        j->wire->known[device] = state;
    }
}

void judge_hand(struct judge *j, int point, double value)
{
    if (j->wire) {
        j->wire->point[point].hand = value;
    }
}

void judge_plan(struct judge *j, double age_s)
{
    if (j->wire) {
        j->wire->plan_age_s = age_s;
    }
}

void judge_blind(struct judge *j, bool blind)
{
    if (j->wire) {
        j->wire->blind = blind;
    }
}

enum err judge_ask_cap(struct judge *j, const struct judge_cap *cap)
{
    if (j->wire && j->wire->caps == JUDGE_CAPS_MAX) {
        return ERR_FULL;
    }
    if (j->wire) {
        j->wire->cap[j->wire->caps++] = *cap;
    }
    return ERR_OK;
}
