/* The controller of the referee's test, right and wrong. */
#include "tests/support/stub_control.h"
#include <math.h>

/* Minutes since 11:30. */
enum {
    MILL_ON = 15,
    MILL_OFF = 90,
    HP_ON = 30,
    HP_OFF = 60,
    HP_ON_AGAIN = 75,
    FIRE = 35,
    LINK_LOST = 60,
    BLIND = 90,
    BLIND_END = 93,
    TRIP = 150,
    PEAK = 210,
    HAND = 240,
    HAND_END = 300,
    PV_HELD = 310,
    PV_HELD_END = 320,
    CALL = 390,
    CALL_END = 430
};
static const double floor_kw = 25, cap_kw = 60, import_kw = 370, soc_low = 0.105,
                    soc_high = 0.895, hand_kw = 30;

static bool during(double t_s, int from_min, int to_min)
{
    return t_s >= 60.0 * from_min && t_s < 60.0 * to_min;
}

static double value(const struct stub *s, int device, int row)
{
    return device_value(&s->set->devices, device, row);
}

static double now_s(const struct stub *s)
{
    return world_elapsed_s(s->set->world);
}

/* ---- Writing ---- */

static void wire(struct stub *s, int device, int row, double v)
{
    int point = park_point(s->set->park, device, row);
    struct judge_write w = {
        .device = device, .row = row, .value = v, .plan_age_s = now_s(s) - s->plan_s};
    judge_write(&s->set->judge, &w);
    must(device_write(&s->set->devices, device, row, isnan(v) ? 0 : v) == ERR_OK);
    s->written[point] = v;
    s->written_s[point] = now_s(s);
}

/* Writes what has changed, and again what feeds a watchdog. */
static void put(struct stub *s, int device, int row, double v, double every_s)
{
    int point = park_point(s->set->park, device, row);
    bool changed = isnan(s->written[point]) || s->written[point] != v;
    if (changed || (every_s > 0 && now_s(s) - s->written_s[point] >= every_s)) {
        wire(s, device, row, v);
    }
}

/* ---- The day around it ---- */

static void know(struct stub *s, double t_s)
{
    struct judge *j = &s->set->judge;
    for (int d = 0; d < s->set->park->devices && t_s == 3; d++) {
        judge_known(j, d, d == s->charger ? JUDGE_FOREIGN : JUDGE_READ);
    }
    if (t_s == 60 * LINK_LOST || t_s == 60 * LINK_LOST + 10) {
        judge_known(j, s->bess, t_s == 60 * LINK_LOST ? JUDGE_UNREAD : JUDGE_READ);
    }
}

static void happen(struct stub *s, double t_s)
{
    struct setup *set = s->set;
    struct judge *j = &set->judge;
    int hand = park_point(set->park, s->hp, HP_LIMIT_KW);
    know(s, t_s);
    if (t_s == 60 * TRIP || t_s == 60 * PEAK) {
        (void)world_load_step(set->world, s->works, t_s == 60 * TRIP ? -100 : 400);
    } else if (t_s == 60 * TRIP + 300 || t_s == 60 * PEAK + 600) {
        (void)world_load_step(set->world, s->works, 0);
    } else if (t_s == 60 * BLIND || t_s == 60 * BLIND_END) {
        judge_blind(j, t_s == 60 * BLIND);
    } else if (t_s == 60 * HAND) {
        judge_hand(j, hand, hand_kw);
        wire(s, s->hp, HP_LIMIT_KW, hand_kw); /* the person's own */
    } else if (t_s == 60 * HAND_END) {
        judge_hand(j, hand, NAN);
    } else if (t_s == 60 * CALL - 60) {
        struct judge_cap cap = {.start = wall_add_s(set->start, 60 * CALL),
                                .end = wall_add_s(set->start, 60 * CALL_END),
                                .kw = cap_kw,
                                .slack_kw = 5,
                                .grace_s = 60};
        must(judge_ask_cap(j, &cap) == ERR_OK);
    }
}

/* ---- Power ---- */

static double ceiling_kw(const struct stub *s, double t_s)
{
    int from = CALL + (s->defect == STUB_DR_LATE ? 5 : 0);
    int to = s->defect == STUB_DR_EARLY  ? (CALL + CALL_END) / 2
             : s->defect == STUB_DR_LONG ? CALL_END + 45
                                         : CALL_END;
    bool called = during(t_s, from, to) && s->defect != STUB_DR_IGNORED;
    double cap = cap_kw * (s->defect == STUB_DR_CAP ? 1.2 : 1) - 5;
    return called ? cap : import_kw;
}

static double least_kw(const struct stub *s)
{
    return s->defect == STUB_FLOOR ? -30 : floor_kw;
}

/* What the battery should do about import without it, kW in bus sign. */
static double wanted_kw(struct stub *s, double t_s, double base_kw)
{
    double top = ceiling_kw(s, t_s);
    bool high = base_kw > top;
    s->discharge_s = high ? s->discharge_s + 1 : 0;
    bool late = s->defect == STUB_IMPORT_LATE && s->discharge_s < 20;
    if (high) {
        return s->defect == STUB_IMPORT_IGNORED || late ? 0 : base_kw - top;
    }
    return fmin(base_kw - least_kw(s), 0);
}

static double within_band(const struct stub *s, double kw)
{
    double soc = value(s, s->bess, BATTERY_SOC_PU);
    double rated = s->set->park->device[s->bess].rating.rated_kw;
    double hi = soc > soc_low || s->defect == STUB_SOC_LOW ? rated : 0;
    double lo = soc < soc_high || s->defect == STUB_SOC_HIGH ? -rated : 0;
    return fmin(fmax(kw, lo), hi);
}

/* Defects of the battery's last step. */
static double battery_wrong(const struct stub *s, double t_s, double kw)
{
    switch ((int)s->defect) {
    case STUB_SIGN:
        return -kw;
    case STUB_CLAMP:
        return during(t_s, PEAK, PEAK + 1) ? 260 : kw;
    case STUB_NAN:
        return t_s == 60 * PEAK ? NAN : kw;
    case STUB_SOC_LOW:
        return during(t_s, PEAK, CALL) ? 100 : kw;
    case STUB_SOC_HIGH:
        return during(t_s, PEAK + 10, CALL) ? -100 : kw;
    case STUB_CHATTER:
        return during(t_s, HAND, HAND + 20) ? ((int)t_s / 30 % 2 ? 20 : -20) : kw;
    case STUB_FLIP:
        return t_s == 60 * HAND       ? 20
               : t_s == 60 * HAND + 1 ? -20
               : t_s == 60 * HAND + 2 ? 20
                                      : kw;
    default:
        return kw;
    }
}

static void battery(struct stub *s, double t_s, double kw)
{
    bool lost = t_s >= 60 * LINK_LOST && t_s < 60 * LINK_LOST + 10;
    bool idle = fabs(kw - s->written[park_point(s->set->park, s->bess, BATTERY_SET_KW)]) < 1e-9;
    double every_s = s->defect == STUB_STORM && idle ? 1 : 5;
    if (lost && s->defect != STUB_RECONNECT) {
        return;
    }
    put(s, s->bess, BATTERY_RUN, 1, 0);
    put(s, s->bess, BATTERY_SET_KW, kw, every_s);
}

/* PV gives up what the battery cannot take, and comes back slowly. */
static void pv(struct stub *s, double t_s, double spare_kw)
{
    double rated = s->set->park->device[s->pv].rating.rated_kw, kw = value(s, s->pv, P_KW);
    double limit = spare_kw < 0 ? kw + spare_kw : s->pv_limit_kw + fmin(2, spare_kw / 4);
    double loads = -value(s, s->works, P_KW);
    bool blind = during(t_s, BLIND, BLIND_END);
    limit = blind && s->defect != STUB_BLIND_PV ? 0.5 * loads : limit;
    limit = blind && s->defect == STUB_BLIND_PV ? rated : limit;
    limit = s->defect == STUB_PV_FREE ? rated : limit;
    s->pv_limit_kw = fmin(fmax(limit, 0), rated);
    bool held = during(t_s, PV_HELD, PV_HELD_END) && spare_kw > 20;
    s->pv_limit_kw = held ? 0.9 * rated : s->pv_limit_kw;
    put(s, s->pv, PV_LIMIT_ON, 1, 0);
    put(s, s->pv, PV_LIMIT_PU, s->pv_limit_kw / rated, s->defect == STUB_LEASE ? 0 : 20);
}

static double seen_pcc_kw(struct stub *s, double t_s)
{
    int i = (int)t_s;
    s->old[i % 16] = world_pcc_kw(s->set->world);
    return s->old[(s->defect == STUB_SLOW && i > 10 ? i - 10 : i) % 16];
}

static void power(struct stub *s, double t_s)
{
    double pcc = seen_pcc_kw(s, t_s), now = value(s, s->bess, P_KW);
    double base = pcc + now;
    double kw = within_band(s, wanted_kw(s, t_s, base));
    bool blind = during(t_s, BLIND, BLIND_END);
    if (blind) { /* charging may go on while PV comes down */
        kw = s->defect == STUB_BLIND_DISCHARGE ? 60 : t_s < 60 * BLIND + 12 ? fmin(now, 0) : 0;
    }
    battery(s, t_s, battery_wrong(s, t_s, kw));
    pv(s, t_s, base - fmax(kw, -200) - least_kw(s));
}

/* ---- Machines ---- */

static void heat_pump(struct stub *s, double t_s)
{
    int off = s->defect == STUB_HP_SHORT_ON ? HP_ON + 10 : HP_OFF;
    int again = s->defect == STUB_HP_SHORT_OFF ? HP_OFF + 5 : HP_ON_AGAIN;
    bool hand = during(t_s, HAND, HAND_END) && s->defect != STUB_HAND;
    bool on = during(t_s, HP_ON, off) || t_s >= 60 * again;
    put(s, s->hp, HP_RUN, on, 0);
    if (!hand) {
        put(s, s->hp, HP_LIMIT_KW, 60, 0);
    }
}

static void mill(struct stub *s, double t_s)
{
    int off = s->defect == STUB_MILL_SHORT ? MILL_ON + 30 : MILL_OFF;
    put(s, s->mill, MILL_RUN, during(t_s, MILL_ON, off), 0);
}

/* Trimmed by 8 % during the call, one part in a hundred a second. */
static void roller(struct stub *s, double t_s)
{
    double to = during(t_s, CALL, CALL_END) ? 0.92 : 1;
    double step = s->defect == STUB_RATE ? 1 : 0.01;
    s->trim_pu += fmin(fmax(to - s->trim_pu, -step), step);
    put(s, s->roller, ROLLER_LIMIT_PU, s->trim_pu, 0);
}

static void kiln_wrong(struct stub *s, double t_s)
{
    const double soak = FIRE + 187; /* minutes: in the third segment, or late in the second */
    const double vented = FIRE + 30;
    bool at_soak = t_s == 60 * soak, after = t_s == 60 * (soak + 5);
    switch ((int)s->defect) {
    case STUB_KILN_PAUSE:
        if (at_soak || after) {
            wire(s, s->kiln, KILN_RUN, at_soak ? KILN_HOLDING : KILN_RUNNING);
        }
        break;
    case STUB_KILN_LONG_PAUSE:
        if (t_s == 60 * vented || t_s == 60 * (vented + 25)) {
            wire(s, s->kiln, KILN_RUN, t_s == 60 * vented ? KILN_HOLDING : KILN_RUNNING);
        }
        break;
    case STUB_KILN_STOP:
        if (at_soak) {
            wire(s, s->kiln, KILN_RUN, KILN_STOPPED);
        }
        break;
    case STUB_KILN_PROGRAM:
        if (at_soak) {
            wire(s, s->kiln, KILN_PROGRAM, 2);
        }
        break;
    case STUB_WEAR:
        if ((int)t_s % 10 == 0 && t_s < 60 * FIRE) {
            wire(s, s->kiln, KILN_PROGRAM, 1 + (int)t_s / 10 % 2);
        }
        break;
    default:
        break;
    }
}

static void kiln(struct stub *s, double t_s)
{
    double fire_s = 60 * (s->defect == STUB_KILN_LATE ? FIRE + 60 : FIRE);
    if (t_s == fire_s) {
        wire(s, s->kiln, KILN_PROGRAM, 1);
        wire(s, s->kiln, KILN_RUN, KILN_RUNNING);
    }
    kiln_wrong(s, t_s);
}

void stub_init(struct stub *s, struct setup *set, enum stub_defect defect)
{
    const struct park *p = set->park;
    *s = (struct stub){.set = set,
                       .defect = defect,
                       .pv = park_device(p, "pv1"),
                       .bess = park_device(p, "bess1"),
                       .hp = park_device(p, "hp1"),
                       .works = park_device(p, "works"),
                       .kiln = park_device(p, "k1"),
                       .roller = park_device(p, "k2"),
                       .mill = park_device(p, "mill1"),
                       .charger = park_device(p, "ev1"),
                       .pv_limit_kw = 0,
                       .trim_pu = 1};
    must(p->points <= (int)(sizeof s->written / sizeof *s->written));
    for (int i = 0; i < p->points; i++) {
        s->written[i] = NAN;
    }
}

void stub_second(struct stub *s)
{
    double t_s = round(now_s(s));
    happen(s, t_s);
    if (t_s < 5 && s->defect != STUB_EARLY) {
        return; /* not everything has been read */
    }
    if (fmod(t_s, 900) == 0 && s->defect != STUB_PLAN) {
        s->plan_s = t_s;
    }
    power(s, t_s);
    heat_pump(s, t_s);
    mill(s, t_s);
    roller(s, t_s);
    kiln(s, t_s);
    if (s->defect == STUB_FOREIGN && t_s == 60 * HAND) {
        wire(s, s->charger, CHARGER_LIMIT_KW, 20);
    }
}
