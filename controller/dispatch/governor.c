/* Two passes: the lasting one over all means in order, then a quick one that covers with fast
 * units what slow ones will only deliver later. */
#include "controller/dispatch/governor.h"
#include <math.h>
#include <string.h>

void governor_init(struct governor *g)
{
    memset(g, 0, sizeof *g);
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
    if (u->lost || (quick && u->stuck)) {
        return 0;
    }
    double foot = foot_kw(u, quick);
    double end = up > 0 ? u->hi_kw : u->lo_kw;
    if (quick) {
        double reach = u->steer->quick_pu * u->dev->rating.rated_kw;
        end = unit_between(end, u->now_kw - reach, u->now_kw + reach);
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

/* The units that are steered, in their order: about half of a park's. */
struct steered {
    int n;
    struct unit *unit[DEVICES_MAX];
};

/* A round of taking: which units, in which direction (up > 0: more into the bus), and whether
 * only what comes within two seconds counts. */
struct round {
    const struct steered *steered;
    int up;
    bool quick;
    double way_kw; /* of the need, for which no source is taken back */
};

/* Shares `need` (> 0) over the units of one order number; returns what is left. */
static double take_order(const struct round *r, int order, double need)
{
    const struct steered *all = r->steered;
    int up = r->up;
    bool quick = r->quick;
    double room = 0;
    for (int i = 0; i < all->n; i++) {
        const struct steer *s = all->unit[i]->steer;
        if ((up > 0 ? s->import_order : s->export_order) == order) {
            room += room_kw(all->unit[i], up, quick);
        }
    }
    if (room <= 0) {
        return need;
    }
    double share = fmin(need / room, 1);
    for (int i = 0; i < all->n && need > 0; i++) {
        struct unit *u = all->unit[i];
        if ((up > 0 ? u->steer->import_order : u->steer->export_order) != order) {
            continue;
        }
        double part = u->steer->style == STYLE_SWITCH ? fmin(room_kw(u, up, quick), need)
                                                      : room_kw(u, up, quick) * share;
        double given = grant(u, up, part);
        if (given > 0) {
            u->cmd_kw = unit_between(foot_kw(u, quick) + up * given, u->lo_kw, u->hi_kw);
            need -= given;
        }
    }
    /* what rounding leaves would pull a source's limit down to what flows */
    return need > 0.01 ? need : 0;
}

static double take(const struct round *r, double need)
{
    for (int order = 1; order < UNIT_ORDERS && need > 0; order++) {
        need -= r->up < 0 && order == UNIT_SOURCES ? r->way_kw : 0;
        need = need > 0 ? take_order(r, order, need) : 0;
    }
    return fmax(need, 0);
}

/* Share of what a slow unit moves within two seconds that a quick one does not wait for. */
static const double waiting_pu = 0.25;

/* Import as the ceiling and as the floor see it. */
struct foreseen {
    double ceiling_kw, floor_kw;
};

/* Import that would show if all units stood at their commands (lasting) or soon (quick). What
 * hurts the side that is looked at counts as it will be two seconds on; the help of slow units
 * counts as it comes, so that no battery gives way to an inverter whose limit is still on its
 * ramp. */
static struct foreseen predict(const struct governor *g, const struct steered *all, bool quick)
{
    struct foreseen import = {g->rest_kw, g->rest_kw};
    for (int i = 0; i < all->n; i++) {
        const struct unit *u = all->unit[i];
        double moved_kw = foot_kw(u, quick) - u->now_kw;
        bool waits = quick && u->steer->quick_pu < 1;
        import.ceiling_kw -= u->now_kw + moved_kw * (waits && moved_kw > 0 ? waiting_pu : 1);
        import.floor_kw -= u->now_kw + moved_kw * (waits && moved_kw < 0 ? waiting_pu : 1);
    }
    return import;
}

/* Sun and wind: the last means against export. */
static bool is_source(const struct unit *u)
{
    return u->dev->kind == KIND_PV || u->dev->kind == KIND_WIND;
}

/* true if sun or wind is held back. */
static bool holds_source(const struct steered *all)
{
    bool held = false;
    for (int i = 0; i < all->n && !held; i++) {
        held = is_source(all->unit[i]) && all->unit[i]->slack_kw < 0;
    }
    return held;
}

/* Limit of a source above what flows, of rated power: set anew when it is nearer than the
 * least or further away than the most. */
static const double ready_least_pu = 0.04, ready_pu = 0.08, ready_most_pu = 0.13;

/* What is wanted of a unit inside its range, and no more than it is ready for. */
static double aim_kw(const struct unit *u)
{
    return unit_between(fmin(u->want_kw, u->ready_kw), u->lo_kw, u->hi_kw);
}

static void make_ready(struct unit *u, bool no_export)
{
    double rated = u->dev->rating.rated_kw;
    double before = aim_kw(u);
    double above = u->ready_kw - u->now_kw;
    if (!no_export) {
        u->ready_kw = INFINITY;
    } else if (u->measured &&
               !(above >= ready_least_pu * rated && above <= ready_most_pu * rated)) {
        u->ready_kw = u->now_kw + ready_pu * rated;
    }
    if (u->slack_kw < 0) { /* what is held back stays so */
        u->slack_kw = fmin(u->slack_kw + before - aim_kw(u), 0);
    }
}

static bool for_10_s(mono_t since, mono_t now)
{
    return since.us != 0 && mono_s(mono_sub(now, since)) >= 10;
}

/* Lists the steered ones and notes what was last decided. */
static void begin(struct steered *all, struct unit *units, int n)
{
    must(n <= DEVICES_MAX);
    all->n = 0;
    for (int i = 0; i < n; i++) {
        struct unit *u = &units[i];
        u->last_kw = u->cmd_kw;
        if (u->steered) {
            all->unit[all->n++] = u;
        } else {
            u->slack_kw = 0;
        }
    }
}

/* Gives back what was taken, at each kind's rate, and starts every unit at its base. */
static void start_from_base(const struct governor *g, const struct steered *all,
                            const struct governor_in *in)
{
    mono_t now = in->now;
    bool held = holds_source(all) && !g->plenty;
    double dt_s = g->last.us == 0 ? 0 : mono_s(mono_sub(now, g->last));
    bool margin = for_10_s(g->margin_since, now);
    for (int i = 0; i < all->n; i++) {
        struct unit *u = all->unit[i];
        if (is_source(u)) {
            make_ready(u, in->limits.import_kw_min >= 0);
        }
        if (u->dev->kind == KIND_BATTERY && isfinite(u->last_kw) && !u->lost) {
            u->slack_kw = u->last_kw - aim_kw(u); /* a range that opens is not a leap */
        }
        double back = u->steer->restore_pu_per_s * u->dev->rating.rated_kw * dt_s;
        bool quick = u->steer->quick_pu >= 1; /* it can be had again */
        /* what a lost unit was asked for stands, else it would seem to follow again */
        bool later = held && u->slack_kw < 0 && !is_source(u);
        if (((quick && !u->lost) || margin) && !later) {
            u->slack_kw =
                u->slack_kw > 0 ? fmax(u->slack_kw - back, 0) : fmin(u->slack_kw + back, 0);
        }
        double base_kw = aim_kw(u) + u->slack_kw;
        if (u->direction > 0 && unit_turned_within(u, 1, UNIT_REST_S, now)) {
            base_kw = fmax(base_kw, 0); /* export may turn a battery back, a wish waits */
        }
        u->base_kw = unit_between(base_kw, u->lo_kw, u->hi_kw);
        u->cmd_kw = u->base_kw;
    }
}

static void settle(const struct steered *all, mono_t now)
{
    for (int i = 0; i < all->n; i++) {
        struct unit *u = all->unit[i];
        u->slack_kw = u->cmd_kw - aim_kw(u);
        if (fabs(u->slack_kw) < 0.5) {
            u->slack_kw = 0;
        }
        if (u->dev->kind == KIND_BATTERY) {
            unit_note_turn(u, now);
        }
        bool trimmed = u->dev->kind == KIND_ROLLER_KILN && u->slack_kw > 0;
        if (trimmed && (u->trimmed.us == 0 || mono_s(mono_sub(now, u->trimmed)) > 1800)) {
            u->trimmed = now;
        }
    }
}

static const double dip_half_life_s = 90;

/* Margin above the floor: the greatest recent dip, fading. */
static double dip_margin_kw(struct governor *g, const struct governor_in *in)
{
    double dt_s = g->last.us == 0 ? 0 : mono_s(mono_sub(in->now, g->last));
    g->dip_kw *= exp2(-dt_s / dip_half_life_s);
    if (g->last.us != 0 && dt_s < 2) {
        double dip_kw = fmin(g->expected_kw - in->pcc_kw, in->limits.dip_kw_max);
        g->dip_kw = fmax(g->dip_kw, dip_kw);
    }
    return g->dip_kw;
}

/* How much more storage and loads could take within two seconds. */
static double unused_kw(const struct steered *all)
{
    double room = 0;
    for (int i = 0; i < all->n; i++) {
        const struct unit *u = all->unit[i];
        if (u->steer->export_order > 0 && !is_source(u)) {
            room += room_kw(u, -1, true);
        }
    }
    return room;
}

static void since(mono_t *t, bool holds, mono_t now)
{
    *t = !holds ? (mono_t){0} : t->us == 0 ? now : *t;
}

/* Both passes; all->way_kw comes on top of the floor. What is beyond the floor's margin but not
 * beyond the floor itself is not short. */
static void hold(struct governor *g, const struct round *all, double floor_kw,
                 const struct governor_limits *limits)
{
    double ceiling = fmax(limits->import_kw_max, floor_kw);
    floor_kw = fmin(floor_kw + all->way_kw, ceiling);
    g->short_kw = 0;
    struct round up = *all, down = *all;
    up.up = +1;
    down.up = -1;
    for (int pass = 0; pass < 2; pass++) {
        bool quick = up.quick = down.quick = pass == 1;
        struct foreseen import = predict(g, all->steered, quick);
        if (import.ceiling_kw > ceiling) {
            g->short_kw = take(&up, import.ceiling_kw - ceiling);
            import = predict(g, all->steered, quick);
        }
        if (import.floor_kw < floor_kw) {
            double left = take(&down, floor_kw - import.floor_kw);
            g->short_kw = -fmax(left - (floor_kw - limits->import_kw_min), 0);
            import = predict(g, all->steered, quick);
        }
        g->expected_kw = import.floor_kw;
    }
}

void governor_run(struct governor *g, struct unit *units, int n, const struct governor_in *in)
{
    const struct governor_limits *limits = &in->limits;
    double pcc_kw = in->pcc_kw;
    mono_t now = in->now;
    double least_kw = fmin(limits->margin_kw, 20);
    struct steered all;
    begin(&all, units, n);
    start_from_base(g, &all, in);
    g->rest_kw = pcc_kw;
    for (int i = 0; i < all.n; i++) {
        g->rest_kw += all.unit[i]->now_kw;
    }
    double floor_kw = limits->import_kw_min + dip_margin_kw(g, in);
    floor_kw = fmax(fmin(floor_kw, limits->import_kw_max), limits->import_kw_min);
    double ceiling = fmax(limits->import_kw_max, floor_kw);
    /* storage and loads make the margin in which sun and wind come back */
    double way_kw = for_10_s(g->waiting_since, now) ? fmin(g->unused_kw / 2, 2 * least_kw) : 0;
    hold(g, &(struct round){.steered = &all, .way_kw = way_kw}, floor_kw, limits);
    settle(&all, now);
    bool held = holds_source(&all);
    double clear_kw = !held ? least_kw : way_kw > 0 ? way_kw / 2 : least_kw / 4;
    since(&g->margin_since,
          pcc_kw < ceiling - limits->margin_kw && pcc_kw > floor_kw + clear_kw, now);
    g->plenty = pcc_kw > floor_kw + way_kw + limits->margin_kw;
    /* way_kw is among what they take already */
    g->unused_kw = held ? unused_kw(&all) + way_kw : 0;
    since(&g->waiting_since, g->unused_kw > fmax(0.2 * least_kw, way_kw), now);
    g->last = now;
}

/* Rate at which a battery leaves off charging without a PCC reading, of rated: PV that obeys is
 * down in seconds, PV that is silent too when its lease of a minute is over. */
static const double blind_pu_per_s = 0.01;

void governor_blind(struct governor *g, struct unit *units, int n, mono_t now)
{
    double dt_s = g->last.us == 0 ? 0 : mono_s(mono_sub(now, g->last));
    for (int i = 0; i < n; i++) {
        struct unit *u = &units[i];
        if (!u->steered) {
            continue;
        }
        double cmd_kw = unit_between(u->want_kw, u->lo_kw, u->hi_kw);
        if (u->dev->kind == KIND_BATTERY && u->cmd_kw < 0) {
            double back = blind_pu_per_s * u->dev->rating.rated_kw * dt_s;
            cmd_kw = unit_between(fmin(u->cmd_kw + back, 0), u->lo_kw, u->hi_kw);
        }
        u->cmd_kw = cmd_kw;
        u->slack_kw = 0;
    }
    g->last = now;
}
