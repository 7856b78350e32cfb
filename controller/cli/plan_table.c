/* The table of a plan. Means over the hour, kW; every column is a magnitude except `battery`,
 * which is positive when it discharges. */
#include "controller/cli/plan_table.h"
#include "controller/base/civil.h"
#include <math.h>

enum column {
    COL_PRICE,
    COL_IMPORT,
    COL_EXPORT,
    COL_SOURCES,
    COL_BASE,
    COL_BATTERY,
    COL_PUMPS,
    COL_CHP,
    COL_BOILER,
    COL_KILNS,
    COL_BATCHES,
    COL_CHARGING,
    COLUMNS
};

static const char *const heads[COLUMNS] = {
    [COL_PRICE] = "yuan/kWh",  [COL_IMPORT] = "import",   [COL_EXPORT] = "export",
    [COL_SOURCES] = "PV+wind", [COL_BASE] = "base",       [COL_BATTERY] = "battery",
    [COL_PUMPS] = "heat p.",   [COL_CHP] = "CHP",         [COL_BOILER] = "boiler",
    [COL_KILNS] = "kilns",     [COL_BATCHES] = "batches", [COL_CHARGING] = "charging",
};

static bool electric(const struct problem *p, int bus)
{
    return bus >= 0 && p->bus[bus].kind == BUS_ELECTRICITY;
}

static void add_converters(const struct problem *p, const struct plan *pl, uint32_t t,
                           double *kw)
{
    for (uint32_t i = 0; i < p->converter_count; i++) {
        const struct problem_converter *c = &p->converter[i];
        double in = plan_read(pl, pl->converter_in_kw[i])[t];
        kw[COL_PUMPS] += electric(p, c->bus_in) ? in : 0;
        for (int k = 0; k < PROBLEM_OUTPUTS; k++) {
            kw[COL_CHP] +=
                electric(p, c->out[k].bus) ? in * series_get(p, c->out[k].gain, t) : 0;
        }
    }
}

static void add_storages(const struct problem *p, const struct plan *pl, uint32_t t, double *kw)
{
    for (uint32_t i = 0; i < p->storage_count; i++) {
        const struct problem_storage *s = &p->storage[i];
        double in = plan_read(pl, pl->storage_charge_kw[i])[t];
        double out = plan_read(pl, pl->storage_discharge_kw[i])[t];
        if (electric(p, s->bus_in) && electric(p, s->bus_out)) {
            kw[COL_BATTERY] += out - in;
        } else if (electric(p, s->bus_in)) {
            kw[COL_BOILER] += in;
        }
    }
}

static void add_orders(const struct problem *p, const struct plan *pl, uint32_t t, double *kw)
{
    for (uint32_t i = 0; i < p->order_count; i++) {
        int s = pl->order_start[i];
        if (p->order[i].started || (s != PLAN_NONE && s <= (int)t)) {
            kw[COL_KILNS] += problem_order_draw_kw(p, i, s, t);
        }
    }
    for (uint32_t i = 0; i < p->machine_count; i++) {
        bool states = pl->machine_state[i] != PLAN_NONE && electric(p, p->machine[i].bus);
        kw[COL_KILNS] += states ? plan_read(pl, pl->machine_draw_kw[i])[t] : 0;
    }
    for (uint32_t i = 0; i < p->job_count; i++) {
        double draw = plan_read(pl, pl->job_draw_kw[i])[t];
        kw[problem_job_has_state(p, i) ? COL_BATCHES : COL_CHARGING] += draw;
    }
}

/* One step's powers, and its price. */
static void step_powers(const struct problem *p, const struct plan *pl, uint32_t t, double *kw)
{
    for (int c = 0; c < COLUMNS; c++) {
        kw[c] = 0;
    }
    if (p->grid.present) {
        kw[COL_PRICE] = series_get(p, p->grid.import_yuan_per_kwh, t);
    }
    kw[COL_IMPORT] = plan_read(pl, pl->import_kw)[t];
    kw[COL_EXPORT] = plan_read(pl, pl->export_kw)[t];
    for (uint32_t i = 0; i < p->source_count; i++) {
        kw[COL_SOURCES] +=
            electric(p, p->source[i].bus) ? plan_read(pl, pl->source_used_kw[i])[t] : 0;
    }
    for (uint32_t i = 0; i < p->load_count; i++) {
        bool here = electric(p, p->load[i].bus);
        kw[COL_BASE] +=
            here ? series_get(p, p->load[i].draw_kw, t) - plan_read(pl, pl->load_shed_kw[i])[t]
                 : 0;
    }
    add_storages(p, pl, t, kw);
    add_converters(p, pl, t, kw);
    add_orders(p, pl, t, kw);
}

static void put_time(FILE *to, const struct problem *p, double s, bool day)
{
    struct civil c;
    civil_from_wall((wall_t){p->start_ms + (int64_t)llround(s * 1000)}, &c);
    if (day) {
        fprintf(to, "%04d-%02d-%02d ", c.year, c.month, c.day);
    }
    fprintf(to, "%02d:%02d", c.hour, c.minute);
}

static int hour_at(const struct problem *p, double s)
{
    struct civil c;
    civil_from_wall((wall_t){p->start_ms + (int64_t)llround(s * 1000)}, &c);
    return c.hour;
}

static void put_row(FILE *to, const struct problem *p, double s, const double *sum)
{
    put_time(to, p, s, false);
    fprintf(to, " %8.4f", sum[COL_PRICE]);
    for (int c = COL_IMPORT; c < COLUMNS; c++) {
        fprintf(to, " %8.0f", sum[c] == 0 ? 0 : sum[c]);
    }
    (void)fputc('\n', to);
}

static void put_hours(FILE *to, const struct problem *p, const struct plan *pl)
{
    double sum[COLUMNS] = {0}, kw[COLUMNS], begin_s = 0, length_s = 0, s = 0;
    fprintf(to, "%-5s", "");
    for (int c = 0; c < COLUMNS; c++) {
        fprintf(to, " %8s", heads[c]);
    }
    fprintf(to, "\n");
    for (uint32_t t = 0; t < p->steps; t++) {
        double step_s = p->step_s[t];
        step_powers(p, pl, t, kw);
        for (int c = 0; c < COLUMNS; c++) {
            sum[c] = (sum[c] * length_s + kw[c] * step_s) / (length_s + step_s);
        }
        length_s += step_s;
        s += step_s;
        if (t + 1 == p->steps || hour_at(p, s) != hour_at(p, begin_s) || length_s >= 3600) {
            put_row(to, p, begin_s, sum);
            begin_s = s;
            length_s = 0;
        }
    }
}

static void put_orders(FILE *to, const struct problem *p, const struct plan *pl)
{
    for (uint32_t i = 0; i < p->order_count; i++) {
        fprintf(to, "%s%-32s %-12s ", i == 0 ? "\norders\n" : "", pl->order_name[i],
                pl->order_machine[i]);
        if (p->order[i].started) {
            fprintf(to, "running          ");
        } else if (pl->order_start[i] == PLAN_NONE) {
            fprintf(to, "not in this plan\n");
            continue;
        } else {
            put_time(to, p, problem_begin_s(p, (uint32_t)pl->order_start[i]), true);
        }
        fprintf(to, " to ");
        put_time(to, p, pl->order_end_s[i], true);
        (void)fputc('\n', to);
    }
}

static void put_costs(FILE *to, const struct plan *pl)
{
    fprintf(to, "\ncost, yuan\n");
    for (int c = 0; c < COST_COUNT; c++) {
        if (fabs(pl->cost_yuan[c]) >= 0.005) {
            fprintf(to, "  %-18s %12.2f\n", plan_cost_name((enum plan_cost)c),
                    pl->cost_yuan[c]);
        }
    }
    fprintf(to, "  %-18s %12.2f\n", "total", pl->objective_yuan);
    if (isfinite(pl->bound_yuan)) {
        fprintf(to, "  %-18s %12.2f   no plan costs less; gap %.2f %%\n", "bound",
                pl->bound_yuan, 100 * pl->gap_pu);
    }
    fprintf(to, "  %s plan, %s, %.2f s, work %.0f\n",
            plan_origin_name((enum plan_origin)pl->origin),
            plan_status_name((enum plan_status)pl->status), pl->seconds, pl->work);
}

static void put_absorption(FILE *to, const struct problem *p, const struct plan *pl)
{
    const struct plan_absorption *a = &pl->absorbed;
    if (!a->traced) {
        return;
    }
    fprintf(to,
            "\nabsorption, kWh\n"
            "  %-18s %12.1f\n"
            "  %-18s %12.1f   curtailed %.1f, dumped %.1f, lost in stores and units %.1f\n",
            "renewable", a->available_kwh, "not absorbed", plan_unabsorbed_kwh(pl),
            a->curtailed_kwh, a->dumped_kwh, a->lost_kwh);
    if (p->goal.first == GOAL_ABSORPTION) {
        fprintf(to,
                "  %-18s %12.1f   no plan that keeps as many wishes leaves less\n"
                "  the last kWh absorbed costs %.3f yuan\n",
                "bound", a->bound_kwh, a->last_yuan_per_kwh);
    }
}

static void put_breaches(FILE *to, const struct problem *p, const struct plan *pl)
{
    for (uint32_t i = 0; i < pl->breach_count; i++) {
        const struct plan_breach *b = &pl->breach[i];
        fprintf(to, "%s  %-10s %-24s by up to %.1f, from ", i == 0 ? "\nbroken wishes\n" : "",
                plan_breach_name((enum breach_kind)b->kind), b->asset, b->kw_max);
        put_time(to, p, problem_begin_s(p, (uint32_t)b->first_step), true);
        fprintf(to, ", %.0f min, %.2f yuan\n", b->minutes, b->yuan);
    }
}

void plan_table(FILE *to, const struct problem *p, const struct plan *pl)
{
    fprintf(to, "plan from ");
    put_time(to, p, 0, true);
    fprintf(to, ", %.1f h in %u steps; kW as means of the hour\n\n",
            problem_begin_s(p, p->steps) / 3600, p->steps);
    put_hours(to, p, pl);
    put_orders(to, p, pl);
    put_costs(to, pl);
    put_absorption(to, p, pl);
    put_breaches(to, p, pl);
}
