/* The books of the running day and month. */
#include "controller/books/bill.h"
#include "controller/base/civil.h"
#include <math.h>
#include <string.h>

enum { MINUTE_MS = 60000, HOLE_MS = 2 * MINUTE_MS, DAY_S = 86400 };

void bill_init(struct bill *b)
{
    memset(b, 0, sizeof *b);
    b->version = BILL_VERSION;
    b->demand_kw = NAN;
}

enum err bill_restore(struct bill *b, const void *bytes, size_t len)
{
    struct bill kept;
    if (len != sizeof kept) {
        return ERR_VERSION;
    }
    memcpy(&kept, bytes, sizeof kept);
    bool ring_ok = kept.demand.next >= 0 && kept.demand.next < DEMAND_MINUTES &&
                   kept.demand.filled >= 0 && kept.demand.filled <= DEMAND_MINUTES;
    if (kept.version != BILL_VERSION || !ring_ok) {
        return ERR_VERSION;
    }
    *b = kept;
    return ERR_OK;
}

static wall_t month_begin(wall_t at, int later)
{
    struct civil c;
    civil_from_wall(at, &c);
    int month = c.month - 1 + later;
    c = (struct civil){.year = c.year + month / 12, .month = month % 12 + 1, .day = 1};
    return civil_to_wall(&c);
}

/* Begins a new day or month where the old one has ended. */
static void turn_pages(struct bill *b, wall_t at)
{
    if (at.ms >= b->day.end.ms) {
        b->last_day = b->day;
        b->day =
            (struct bill_period){.from = civil_midnight(at, 0), .end = civil_midnight(at, 1)};
    }
    if (at.ms >= b->month.end.ms) {
        b->last_month = b->month;
        b->month = (struct bill_period){.from = month_begin(at, 0), .end = month_begin(at, 1)};
        b->month_peak_kw = 0;
    }
}

static void add_energy(struct bill_period *p, const struct tariff *t, int band, double hours,
                       const struct bill_input *in)
{
    double import_kwh = in->import_kw * hours, export_kwh = in->export_kw * hours;
    double gas_m3 = in->gas_m3_per_h * hours;
    double renewable_kw = in->pv_kw + in->wind_kw;
    p->import_band_kwh[band] += import_kwh;
    p->import_kwh += import_kwh;
    p->import_yuan += import_kwh * t->band[band].yuan_per_kwh;
    p->export_kwh += export_kwh;
    p->export_yuan += export_kwh * tariff_export_yuan_per_kwh(t);
    p->pv_kwh += in->pv_kw * hours;
    p->wind_kwh += in->wind_kw * hours;
    p->available_kwh += fmax(in->available_kw, renewable_kw) * hours;
    p->other_kwh += in->other_kw * hours;
    p->dumped_kwh += in->dumped_kw * hours;
    p->load_kwh += in->load_kw * hours;
    p->discharge_kwh += in->discharge_kw * hours;
    p->gas_m3 += gas_m3;
    p->gas_yuan += tariff_gas_yuan(t, gas_m3);
    p->wear_yuan += in->wear_yuan_per_h * hours;
    p->kgco2 += import_kwh * tariff_grid_kgco2_per_kwh(t) +
                gas_m3 * t->gas_kwh_per_m3 * tariff_gas_kgco2_per_kwh(t);
}

/* A whole minute has been seen: the window slides on. */
static void slide(struct bill *b)
{
    struct bill_demand *d = &b->demand;
    d->minute_kw[d->next] = d->kwh * 3600 / d->seconds;
    d->next = (d->next + 1) % DEMAND_MINUTES;
    d->filled = d->filled < DEMAND_MINUTES ? d->filled + 1 : DEMAND_MINUTES;
    b->demand_kw = NAN;
    if (d->filled == DEMAND_MINUTES) {
        double sum = 0;
        for (int i = 0; i < DEMAND_MINUTES; i++) {
            sum += d->minute_kw[i];
        }
        b->demand_kw = sum / DEMAND_MINUTES;
        b->month_peak_kw = fmax(b->month_peak_kw, b->demand_kw);
        b->month.peak_kw = b->month_peak_kw;
        b->day.peak_kw = fmax(b->day.peak_kw, b->demand_kw);
    }
}

/* Adds to the minute under way. A minute of which less than half was seen is no minute. */
static void add_demand(struct bill *b, wall_t end, double seconds, double import_kw)
{
    struct bill_demand *d = &b->demand;
    d->kwh += import_kw * seconds / 3600;
    d->seconds += seconds;
    if (end.ms % MINUTE_MS != 0) {
        return;
    }
    if (d->seconds >= 30) {
        slide(b);
    } else {
        d->filled = 0;
    }
    d->kwh = 0;
    d->seconds = 0;
}

void bill_add(struct bill *b, const struct tariff *t, wall_t end, double dt_s,
              const struct bill_input *in)
{
    if (!isfinite(dt_s) || dt_s <= 0 || dt_s > DAY_S) {
        return;
    }
    wall_t at = wall_add_s(end, -dt_s);
    if (b->at.ms != 0) {
        if (at.ms > b->at.ms + HOLE_MS) {
            b->demand = (struct bill_demand){0};
            b->demand_kw = NAN;
        } else if (at.ms < b->at.ms) {
            at = b->at;
        }
    }
    while (at.ms < end.ms) {
        int64_t minute_ms = (at.ms / MINUTE_MS + 1) * MINUTE_MS;
        wall_t to = {minute_ms < end.ms ? minute_ms : end.ms};
        double seconds = wall_diff_s(at, to);
        turn_pages(b, at);
        int band = tariff_band_at(t, at);
        add_energy(&b->day, t, band, seconds / 3600, in);
        add_energy(&b->month, t, band, seconds / 3600, in);
        add_demand(b, to, seconds, in->import_kw);
        at = to;
    }
    b->at = end.ms > b->at.ms ? end : b->at;
}

double bill_period_yuan(const struct bill_period *p)
{
    return p->import_yuan + p->gas_yuan + p->wear_yuan - p->export_yuan;
}

double bill_month_yuan(const struct bill *b, const struct tariff *t)
{
    return bill_period_yuan(&b->month) + tariff_demand_yuan(t, b->month_peak_kw);
}

struct kpi bill_kpi(const struct bill_period *p)
{
    struct kpi_energy e = {.import_kwh = p->import_kwh,
                           .export_kwh = p->export_kwh,
                           .renewable_kwh = p->pv_kwh + p->wind_kwh,
                           .available_kwh = p->available_kwh,
                           .other_kwh = p->other_kwh,
                           .dumped_kwh = p->dumped_kwh};
    return kpi_of(&e);
}

void bill_status(const struct bill *b, struct msg_status *out)
{
    out->today_import_kwh = b->day.import_kwh;
    out->today_export_kwh = b->day.export_kwh;
    out->today_pv_kwh = b->day.pv_kwh;
    out->today_yuan = bill_period_yuan(&b->day);
    out->today_kgco2 = b->day.kgco2;
    out->self_consumption_pu = bill_kpi(&b->day).self_consumption_pu;
}
