/* Two passes: the lasting one over all means in order, then a quick one that covers with fast
 * units what slow ones will only deliver later. */
#include "controller/dispatch/governor.h"
#include <math.h>
#include <string.h>

void governor_init(struct governor *g)
{
    memset(g, 0, sizeof *g);
}

static double clamp(double x, double lo, double hi)
{
    return fmin(fmax(x, lo), hi);
}

/* Where a unit's power starts from when it is moved: a limit that does not bind starts at the
 * measured power, since lowering it less than that changes nothing. quick: where it will be two
 * seconds from now, so that a slow unit that is on its way is not counted on twice. */
static double foot_kw(const struct unit *u, bool quick)
{
    if (u->lost) {
        return u->now_kw;
    }
    if (quick) {
        return unit_effect_kw(u, u->cmd_kw);
    }
    if (u->steer->style == STYLE_LIMIT) {
        double effect = unit_effect_kw(u, u->cmd_kw);
        return fabs(effect) < fabs(u->cmd_kw) ? effect : u->cmd_kw;
    }
    return u->cmd_kw;
}

/* How far a unit can still be moved: up > 0 for more into the bus. */
static double room_kw(const struct unit *u, int up, bool quick)
{
    if (u->lost) {
        return 0;
    }
    double foot = foot_kw(u, quick);
    double end = up > 0 ? u->hi_kw : u->lo_kw;
    if (quick) {
        double reach = u->steer->quick_pu * u->dev->rating.rated_kw;
        end = clamp(end, u->now_kw - reach, u->now_kw + reach);
    }
    if (u->steer->style == STYLE_LIMIT && fabs(end) > fabs(foot) && !unit_binds(u)) {
        /* raising a limit promises no more than what flows already, except where it binds */
        end = fabs(u->now_kw) < fabs(end) ? u->now_kw : end;
    }
    return fmax(up > 0 ? end - foot : foot - end, 0);
}

/* A switched unit moves by its whole draw or not at all. */
static double grant(const struct unit *u, int up, double part)
{
    if (u->steer->style != STYLE_SWITCH) {
        return part;
    }
    return part > 1 ? (up > 0 ? u->hi_kw - u->cmd_kw : u->cmd_kw - u->lo_kw) : 0;
}

/* A round of taking: which units, in which direction (up > 0: more into the bus), and whether
 * only what comes within two seconds counts. */
struct round {
    struct unit *units;
    int n, up;
    bool quick;
};

/* Shares `need` (> 0) over the units of one order number; returns what is left. */
static double take_order(const struct round *r, int order, double need)
{
    struct unit *units = r->units;
    int n = r->n;
    int up = r->up;
    bool quick = r->quick;
    double room = 0;
    for (int i = 0; i < n; i++) {
        const struct steer *s = units[i].steer;
        if (units[i].steered && (up > 0 ? s->import_order : s->export_order) == order) {
            room += room_kw(&units[i], up, quick);
        }
    }
    if (room <= 0) {
        return need;
    }
    double share = fmin(need / room, 1);
    for (int i = 0; i < n && need > 0; i++) {
        struct unit *u = &units[i];
        if (!u->steered ||
            (up > 0 ? u->steer->import_order : u->steer->export_order) != order) {
            continue;
        }
        double part = u->steer->style == STYLE_SWITCH ? fmin(room_kw(u, up, quick), need)
                                                      : room_kw(u, up, quick) * share;
        double given = grant(u, up, part);
        if (given > 0) {
            u->cmd_kw = clamp(foot_kw(u, quick) + up * given, u->lo_kw, u->hi_kw);
            need -= given;
        }
    }
    return fmax(need, 0);
}

static double take(const struct round *r, double need)
{
    for (int order = 1; order < UNIT_ORDERS && need > 0; order++) {
        need = take_order(r, order, need);
    }
    return need;
}

/* Import that would show if all units stood at their commands (lasting) or two seconds on
 * (quick). */
static double predict(const struct governor *g, const struct unit *units, int n, bool quick)
{
    double import_kw = g->rest_kw;
    for (int i = 0; i < n; i++) {
        if (units[i].steered) {
            import_kw -= foot_kw(&units[i], quick);
        }
    }
    return import_kw;
}

/* Gives back what was taken, at each kind's rate, and starts every unit at its base. */
static void start_from_base(struct governor *g, struct unit *units, int n, mono_t now)
{
    double dt_s = g->last.us == 0 ? 0 : mono_s(mono_sub(now, g->last));
    bool margin = g->margin_since.us != 0 && mono_s(mono_sub(now, g->margin_since)) >= 10;
    for (int i = 0; i < n; i++) {
        struct unit *u = &units[i];
        u->last_kw = u->cmd_kw;
        if (!u->steered) {
            u->slack_kw = 0;
            continue;
        }
        double back = u->steer->restore_pu_per_s * u->dev->rating.rated_kw * dt_s;
        bool at_once = u->steer->restore_pu_per_s >= 1;
        /* what a lost unit was asked for stands, else it would seem to follow again */
        if ((at_once && !u->lost) || margin) {
            u->slack_kw =
                u->slack_kw > 0 ? fmax(u->slack_kw - back, 0) : fmin(u->slack_kw + back, 0);
        }
        u->base_kw = clamp(u->want_kw + u->slack_kw, u->lo_kw, u->hi_kw);
        u->cmd_kw = u->base_kw;
    }
}

static void settle(struct unit *units, int n, mono_t now)
{
    for (int i = 0; i < n; i++) {
        struct unit *u = &units[i];
        if (!u->steered) {
            continue;
        }
        u->slack_kw = u->cmd_kw - clamp(u->want_kw, u->lo_kw, u->hi_kw);
        if (fabs(u->slack_kw) < 0.5) {
            u->slack_kw = 0;
        }
        if (u->dev->kind == KIND_BATTERY) {
            unit_note_turn(u, now);
        }
        bool trimmed = u->dev->kind == KIND_ROLLER_KILN && u->slack_kw > 0;
        double since_s = mono_s(mono_sub(now, u->trimmed));
        if (trimmed && (u->trimmed.us == 0 || since_s > 1800)) {
            u->trimmed = now;
        }
    }
}

/* Half-life of a dip, s, and the most that it may ask for, kW. */
static const double dip_half_life_s = 40, dip_kw_max = 400;

/* Margin above the floor: the greatest recent dip, fading. */
static double dip_margin_kw(struct governor *g, double pcc_kw, mono_t now)
{
    double dt_s = g->last.us == 0 ? 0 : mono_s(mono_sub(now, g->last));
    g->dip_kw *= exp2(-dt_s / dip_half_life_s);
    if (g->last.us != 0 && dt_s < 2) {
        g->dip_kw = fmax(g->dip_kw, fmin(g->expected_kw - pcc_kw, dip_kw_max));
    }
    return g->dip_kw;
}

void governor_run(struct governor *g, struct unit *units, int n, const struct governor_in *in)
{
    const struct governor_limits *limits = &in->limits;
    double pcc_kw = in->pcc_kw;
    mono_t now = in->now;
    start_from_base(g, units, n, now);
    g->rest_kw = pcc_kw;
    for (int i = 0; i < n; i++) {
        g->rest_kw += units[i].steered ? units[i].now_kw : 0;
    }
    double floor_kw = limits->import_kw_min + dip_margin_kw(g, pcc_kw, now);
    floor_kw = fmax(fmin(floor_kw, limits->import_kw_max), limits->import_kw_min);
    double ceiling = fmax(limits->import_kw_max, floor_kw);
    g->short_kw = 0;
    for (int pass = 0; pass < 2; pass++) {
        bool quick = pass == 1;
        double import_kw = predict(g, units, n, quick);
        if (import_kw > ceiling) {
            g->short_kw = take(&(struct round){units, n, +1, quick}, import_kw - ceiling);
        }
        import_kw = predict(g, units, n, quick);
        if (import_kw < floor_kw) {
            g->short_kw = -take(&(struct round){units, n, -1, quick}, floor_kw - import_kw);
        }
    }
    g->expected_kw = predict(g, units, n, true);
    settle(units, n, now);
    bool clear =
        pcc_kw < ceiling - limits->margin_kw && pcc_kw > floor_kw + fmin(limits->margin_kw, 20);
    if (!clear) {
        g->margin_since = (mono_t){0};
    } else if (g->margin_since.us == 0) {
        g->margin_since = now;
    }
    g->last = now;
}

void governor_blind(struct unit *units, int n)
{
    for (int i = 0; i < n; i++) {
        struct unit *u = &units[i];
        if (u->steered) {
            u->cmd_kw = clamp(u->want_kw, u->lo_kw, u->hi_kw);
            u->slack_kw = 0;
        }
    }
}
