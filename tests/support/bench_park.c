/* The tiny plant and the loop around the core. */
#include "tests/support/bench_park.h"
#include "controller/base/civil.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const double step_s = 0.2;
static const double battery_tau_s = 0.1;

int bench_device(const struct bench *b, const char *name)
{
    int d = park_device(b->park, name);
    if (d < 0) {
        fail_msg("no device %s", name);
    }
    return d;
}

void bench_link(struct bench *b, int device, bool on)
{
    struct msg_link_state l = {.device = (uint16_t)device, .online = on, .trusted = on};
    b->silent[device] = !on;
    core_link(&b->core, &l);
}

static void rest_rows(struct bench *b, int d)
{
    const struct kind_def *def = dict_kind(b->park->device[d].kind);
    for (int r = 0; r < def->points; r++) {
        b->row[d][r] =
            def->point[r].writable ? park_point_revert(b->park, park_point(b->park, d, r)) : 0;
    }
}

static void start_devices(struct bench *b)
{
    for (int d = 0; d < b->park->devices; d++) {
        const struct device *dev = &b->park->device[d];
        rest_rows(b, d);
        b->free_kw[d] = schedule_kw(b->park, &dev->schedule, b->wall);
    }
    bench_rows(b, KIND_BATTERY, BATTERY_SOC_PU, 0.5);
    bench_rows(b, KIND_BATTERY, BATTERY_STATE, RUN_ON);
    bench_rows(b, KIND_BATTERY, BATTERY_RUN, 1);
    bench_rows(b, KIND_PV, PV_STATE, RUN_ON);
    bench_rows(b, KIND_PV, PV_LIMIT_PU, 1);
    bench_rows(b, KIND_WIND, WIND_STATE, RUN_ON);
    bench_rows(b, KIND_TANK, TANK_SOC_PU, 0.6);
    bench_rows(b, KIND_STORAGE_BOILER, SB_SOC_PU, 0.5);
    bench_rows(b, KIND_KILN, KILN_DEGC, 25);
    b->pv_ramp_pu_per_s = 0.2;
}

static void poll(struct bench *b, int d)
{
    const struct kind_def *def = dict_kind(b->park->device[d].kind);
    for (int r = 0; r < def->points && !b->silent[d]; r++) {
        struct msg_reading m = {.point = (uint32_t)park_point(b->park, d, r),
                                .quality = QUALITY_GOOD,
                                .value = b->row[d][r],
                                .at = b->now};
        if (r == P_KW && b->park->device[d].kind == KIND_METER) {
            m.value = b->pcc_kw;
        } else if (r == P_KW && def->on_bus) {
            m.value = b->kw[d];
        }
        core_reading(&b->core, &m);
    }
}

static void start_core(struct bench *b)
{
    tariff_prices(b->tariff, b->wall, &b->prices);
    assert_int_equal(core_init(&b->core, &b->arena, b->park, &b->prices, NULL), ERR_OK);
    b->booked = 0;
    for (int d = 0; d < b->park->devices; d++) {
        bench_link(b, d, true);
        poll(b, d);
    }
}

void bench_open(struct bench *b, const char *park_file, const char *when)
{
    memset(b, 0, sizeof *b);
    arena_init(&b->arena, (size_t)64 << 20);
    assert_int_equal(park_load(&b->arena, park_file, &b->park, &b->errors), ERR_OK);
    assert_int_equal(tariff_load(&b->arena, b->park->tariff, &b->tariff, &b->errors), ERR_OK);
    assert_int_equal(civil_zone_set(b->park->zone), ERR_OK);
    assert_int_equal(civil_parse(when, &b->wall), ERR_OK);
    b->now = MONO_S(1000);
    bill_init(&b->bill);
    start_devices(b);
    start_core(b);
    b->core.policy = POLICY_RULE;
    b->core.restored = true;
}

void bench_restart(struct bench *b)
{
    enum policy policy = b->core.policy;
    start_core(b);
    b->core.policy = policy;
}

void bench_close(struct bench *b)
{
    arena_fini(&b->arena);
}

/* Towards an aim, at most `most` at once. */
static double slew(double x, double aim, double most)
{
    return x + fmin(fmax(aim - x, -most), most);
}

static void step_battery(struct bench *b, int d)
{
    const struct rating *r = &b->park->device[d].rating;
    double *row = b->row[d];
    double aim = row[BATTERY_RUN] > 0 ? row[BATTERY_SET_KW] : 0;
    if ((aim > 0 && row[BATTERY_SOC_PU] <= 0) || (aim < 0 && row[BATTERY_SOC_PU] >= 1)) {
        aim = 0;
    }
    b->kw[d] += (aim - b->kw[d]) * (1 - exp(-step_s / battery_tau_s));
    row[BATTERY_SOC_PU] -= b->kw[d] * step_s / 3600 / r->energy_kwh;
}

static void step_chp(struct bench *b, int d)
{
    double *row = b->row[d];
    double rated = b->park->device[d].rating.rated_kw;
    bool on = row[CHP_RUN] > 0;
    row[CHP_STATE] = on ? RUN_ON : RUN_OFF;
    b->kw[d] = on ? slew(b->kw[d], row[CHP_SET_KW], 0.01 * rated * step_s) : 0;
}

/* Draws: what is wanted up to the limit. */
static double drawn(const struct bench *b, int d)
{
    const struct rating *r = &b->park->device[d].rating;
    const double *row = b->row[d];
    switch (b->park->device[d].kind) {
    case KIND_HEAT_PUMP:
        return row[HP_RUN] > 0 && row[HP_LIMIT_KW] >= 0.99 * r->kw_min ? row[HP_LIMIT_KW] : 0;
    case KIND_STORAGE_BOILER:
        return row[SB_SET_DRAW_KW];
    case KIND_MILL:
        return row[MILL_RUN] > 0 ? r->rated_kw : 0;
    case KIND_ROLLER_KILN:
        return fmin(b->free_kw[d], row[ROLLER_LIMIT_PU] * r->steady_kw);
    case KIND_CHARGER:
        return fmin(b->free_kw[d], row[CHARGER_LIMIT_KW]);
    case KIND_KILN:
    case KIND_LOAD:
    case KIND_CHILLER:
    case KIND_COMPRESSOR:
    case KIND_PUMP:
    case KIND_BUILDING:
        return b->free_kw[d];
    case KIND_METER:
    case KIND_PV:
    case KIND_WIND:
    case KIND_BATTERY:
    case KIND_CHP:
    case KIND_GAS_BOILER:
    case KIND_TANK:
    case KIND_WASTE_HEAT:
    case KIND_WEATHER:
    case KIND_TRANSFORMER:
    case KIND_ORC:
    case KIND_CAPACITOR_BANK:
    case KIND_COUNT:
        return 0;
    }
    return 0;
}

static void step_device(struct bench *b, int d)
{
    const struct device *dev = &b->park->device[d];
    double *row = b->row[d];
    bool pv = dev->kind == KIND_PV;
    if (dev->kind == KIND_BATTERY) {
        step_battery(b, d);
    } else if (pv || dev->kind == KIND_WIND) {
        double cap = row[pv ? PV_LIMIT_PU : WIND_LIMIT_PU] * dev->rating.rated_kw;
        b->kw[d] = slew(b->kw[d], fmin(b->free_kw[d], cap),
                        b->pv_ramp_pu_per_s * dev->rating.rated_kw * step_s);
    } else if (dev->kind == KIND_CHP) {
        step_chp(b, d);
    } else {
        b->kw[d] = -drawn(b, d);
    }
    if (dev->kind == KIND_MILL) {
        row[MILL_STATE] = row[MILL_RUN] > 0 ? RUN_ON : RUN_OFF;
        row[MILL_DRAW_KWH] -= b->kw[d] * step_s / 3600;
    } else if (dev->kind == KIND_CHARGER) {
        row[CHARGER_DRAW_KWH] -= b->kw[d] * step_s / 3600;
    } else if (dev->kind == KIND_HEAT_PUMP) {
        row[HP_STATE] = b->kw[d] < 0 ? RUN_ON : RUN_OFF;
    }
}

static void obey(struct bench *b)
{
    for (int i = 0; i < b->outs; i++) {
        int point = (int)b->out[i].point;
        int d = b->park->point_device[point];
        assert_true(park_point_def(b->park, point)->writable);
        if (!b->silent[d] && !b->deaf[d]) {
            b->row[d][point - b->park->device[d].first_point] = b->out[i].value;
        }
    }
}

/* What the park role's host does each second. */
static void book(struct bench *b)
{
    struct bill_input in = {.import_kw = fmax(b->pcc_kw, 0), .export_kw = fmax(-b->pcc_kw, 0)};
    bill_add(&b->bill, b->tariff, b->wall, 1, &in);
    b->core.month_peak_kw = b->bill.month_peak_kw;
    b->booked = b->core.ticks;
}

void bench_step(struct bench *b)
{
    b->now = mono_add(b->now, MONO_S(step_s));
    b->wall = wall_add_s(b->wall, step_s);
    obey(b);
    b->pcc_kw = 0;
    for (int d = 0; d < b->park->devices; d++) {
        step_device(b, d);
        b->pcc_kw -= dict_kind(b->park->device[d].kind)->on_bus ? b->kw[d] : 0;
    }
    int64_t tick = b->now.us / (int64_t)(step_s * 1e6);
    for (int d = 0; d < b->park->devices; d++) {
        int every = (int)fmax(1, round(b->park->device[d].poll_s / step_s));
        if ((tick + d) % every == 0) {
            poll(b, d);
        }
    }
    b->outs = core_tick(&b->core, b->now, b->wall, b->out, BENCH_OUT_MAX);
    b->core.events = 0;
    if (b->core.ticks != b->booked) {
        book(b);
    }
}

void bench_run(struct bench *b, double seconds)
{
    int steps = (int)round(seconds / step_s);
    for (int i = 0; i < steps; i++) {
        bench_step(b);
    }
}

double bench_sum_kw(const struct bench *b, enum kind k)
{
    double sum = 0;
    for (int d = 0; d < b->park->devices; d++) {
        sum += b->park->device[d].kind == k ? b->kw[d] : 0;
    }
    return sum;
}

void bench_offer(struct bench *b, enum kind k, double kw)
{
    double rated = 0;
    for (int d = 0; d < b->park->devices; d++) {
        rated += b->park->device[d].kind == k ? b->park->device[d].rating.rated_kw : 0;
    }
    for (int d = 0; d < b->park->devices; d++) {
        if (b->park->device[d].kind == k) {
            b->free_kw[d] = kw * b->park->device[d].rating.rated_kw / rated;
        }
    }
}

void bench_rows(struct bench *b, enum kind k, int row, double value)
{
    for (int d = 0; d < b->park->devices; d++) {
        if (b->park->device[d].kind == k) {
            b->row[d][row] = value;
        }
    }
}

double bench_said(const struct bench *b, int device, int row)
{
    double said = NAN;
    for (int i = 0; i < b->outs; i++) {
        if ((int)b->out[i].point == park_point(b->park, device, row)) {
            said = b->out[i].value;
        }
    }
    return said;
}

void bench_trip_load(struct bench *b, double kw)
{
    for (int d = 0; d < b->park->devices && kw != 0; d++) {
        if (b->park->device[d].kind == KIND_LOAD) {
            double part = kw > 0 ? fmin(kw, b->free_kw[d]) : kw;
            b->free_kw[d] -= part;
            kw -= part;
        }
    }
}
