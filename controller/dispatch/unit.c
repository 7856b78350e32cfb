/* The table of kinds and what a unit shows. */
#include "controller/dispatch/unit.h"
#include <math.h>
#include <string.h>

static const struct steer steers[KIND_COUNT] = {
  /* style, row, run, heat, import, export, want, restore, quick, settle, lease */
    [KIND_BATTERY] = {STYLE_SET,    BATTERY_SET_KW,     BATTERY_RUN, -1,                 1, 1, 0.03, 0.1,   2.0,  5,    15 },
    [KIND_CHARGER] = {STYLE_LIMIT,  CHARGER_LIMIT_KW,   -1,          -1,                 2, 3, 0,    0.02,  0.3,  30,   60 },
    [KIND_STORAGE_BOILER] = {STYLE_SET,    SB_SET_DRAW_KW,     -1,          SB_SET_HEAT_KW,     3, 2, 0,    0.02,  0.1,
                      900,                                                                                              60 },
    [KIND_HEAT_PUMP] = {STYLE_LIMIT,  HP_LIMIT_KW,        HP_RUN,      -1,                 3, 0, 0,    0.02,  0.05, 900,  120},
    [KIND_CHP] = {STYLE_SET,    CHP_SET_KW,         CHP_RUN,     -1,                 0, 2, 0,    0.01,  0.01, 1500, 120},
    [KIND_MILL] = {STYLE_SWITCH, MILL_RUN,           MILL_RUN,    -1,                 4, 0, 0,    1.0,   2.0,  60,   120},
    [KIND_ROLLER_KILN] = {STYLE_LIMIT,  ROLLER_LIMIT_PU,    -1,          -1,                 5, 0, 0,    0.01,  0.02, 600,  60 },
    [KIND_WIND] = {STYLE_LIMIT,  WIND_LIMIT_PU,      -1,          -1,                 0, 5, 0,    0.009, 0.2,  60,   60 },
    [KIND_PV] = {STYLE_LIMIT,  PV_LIMIT_PU,        -1,          -1,                 0, 4, 0,    0.009, 0.2,  60,   60 },
    [KIND_GAS_BOILER] = {STYLE_NONE,   BOILER_SET_HEAT_KW, BOILER_RUN,  BOILER_SET_HEAT_KW, 0, 0,
                      0,                                                                             0,     0,    0,    120},
    [KIND_KILN] = {STYLE_NONE,   KILN_RUN,           KILN_RUN,    -1,                 0, 0, 0,    0,     0,    0,    0  },
};

const struct steer *unit_steer(enum kind k)
{
    must(k < KIND_COUNT);
    return &steers[k];
}

void unit_init(struct unit *u, const struct device *dev)
{
    memset(u, 0, sizeof *u);
    u->dev = dev;
    u->steer = unit_steer(dev->kind);
    u->cmd_kw = NAN;
    u->last_kw = NAN;
    u->ready_kw = INFINITY;
}

/* Power of a device that does not answer: the last one where that hurts us (a draw goes on, a
 * source has gone), by the sign of its kind. */
static double assumed_kw(const struct unit *u, const struct reading *r)
{
    double hurts = dict_kind(u->dev->kind)->hurts_kw;
    if (r->quality == QUALITY_MISSING || r->quality == QUALITY_BAD) {
        return hurts > 0 ? -u->dev->rating.rated_kw : 0;
    }
    return hurts > 0 ? fmin(r->value, 0) : 0;
}

/* Does the measured power show that the command was obeyed? A limit is obeyed by staying
 * inside. */
static bool follows(const struct unit *u, double tolerance_pu)
{
    double tolerance = tolerance_pu * u->dev->rating.rated_kw + 2;
    if (!isfinite(u->cmd_kw)) {
        return true;
    }
    if (u->steer->style == STYLE_LIMIT) {
        return fabs(u->now_kw) <= fabs(u->cmd_kw) + tolerance;
    }
    return fabs(u->now_kw - u->cmd_kw) <= tolerance;
}

/* A quick unit is where it ought to be within a second of being told; seconds, and share of
 * rated power. */
static const double quick_lag_s = 0.5, quick_slack_pu = 0.1, quick_patience_s = 1.2;

/* Does a quick unit go where it ought to go? */
static bool obeys(struct unit *u, mono_t now)
{
    double dt_s = u->observed.us == 0 ? 0 : mono_s(mono_sub(now, u->observed));
    double to_kw = isfinite(u->cmd_kw) ? u->cmd_kw : u->now_kw;
    u->observed = now;
    u->ought_kw += (to_kw - u->ought_kw) * (1 - exp(-dt_s / quick_lag_s));
    if (!u->steered) {
        u->ought_kw = u->now_kw;
    }
    if (fabs(u->now_kw - u->ought_kw) <= quick_slack_pu * u->dev->rating.rated_kw + 2) {
        u->obeyed = now;
    }
    return mono_s(mono_sub(now, u->obeyed)) <= quick_patience_s;
}

/* Notes whether anything comes of what the unit was told: a slow one moves or has arrived, a
 * quick one goes where it ought to go. */
static void note_motion(struct unit *u, mono_t now)
{
    bool quick = u->steer->quick_pu >= 1 && u->steer->style == STYLE_SET;
    if (fabs(u->now_kw - u->seen_kw) > 0.01 * u->dev->rating.rated_kw + 0.5 ||
        follows(u, 0.01)) {
        u->seen_kw = u->now_kw;
        u->moved = now;
    }
    if (!u->steered) {
        u->moved = now;
    }
    u->stuck = mono_before(MONO_S(10), mono_sub(now, u->moved));
    if (quick && !obeys(u, now)) {
        u->stuck = true;
    }
}

void unit_observe(struct unit *u, const struct image *im, int device, mono_t now)
{
    const struct reading *kw = image_at(im, device, P_KW);
    const struct msg_link_state *link = &im->link[device];
    u->online = link->online != 0 && link->trusted != 0;
    u->steered = u->online && !u->manual && u->steer->style != STYLE_NONE;
    if (!dict_kind(u->dev->kind)->on_bus) {
        u->measured = reading_usable(kw);
        u->now_kw = 0;
        return;
    }
    u->measured = reading_usable(kw);
    u->now_kw = u->measured ? kw->value : assumed_kw(u, kw);
    if (u->steer->style == STYLE_NONE) { /* it is never told a power */
        return;
    }
    if (!u->steered || follows(u, 0.05)) {
        u->followed = now;
    }
    note_motion(u, now);
    u->lost = mono_before(MONO_S(u->steer->settle_s), mono_sub(now, u->followed));
}

void unit_note_turn(struct unit *u, mono_t now)
{
    /* less than 1 % is idling */
    double least_kw = 0.01 * u->dev->rating.rated_kw;
    int direction = u->cmd_kw > least_kw ? 1 : u->cmd_kw < -least_kw ? -1 : u->direction;
    if (u->direction != 0 && direction != u->direction) {
        u->turned[u->turns % UNIT_TURNS_MAX] = now;
        u->turns++;
    }
    u->direction = direction;
}

bool unit_turned_within(const struct unit *u, int k, double s, mono_t now)
{
    return u->turns >= k &&
           mono_s(mono_sub(now, u->turned[(u->turns - k) % UNIT_TURNS_MAX])) < s;
}

bool unit_binds(const struct unit *u)
{
    double tolerance_kw = 0.03 * u->dev->rating.rated_kw + 1; /* a ramp still on its way */
    return isfinite(u->last_kw) && fabs(u->now_kw) > fabs(u->last_kw) - tolerance_kw;
}

double unit_effect_kw(const struct unit *u, double kw)
{
    if (u->lost || u->stuck) {
        return u->now_kw;
    }
    if (u->steer->style == STYLE_LIMIT) {
        /* raising a limit that does not bind changes nothing */
        if (fabs(kw) > fabs(u->now_kw) && !unit_binds(u)) {
            return u->now_kw;
        }
    }
    double quick = u->steer->quick_pu * u->dev->rating.rated_kw;
    return u->now_kw + unit_between(kw - u->now_kw, -quick, quick);
}
