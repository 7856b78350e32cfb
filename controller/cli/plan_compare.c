/* Two plans for one question, side by side. */
#include "controller/cli/plan_compare.h"
#include "controller/books/kpi.h"
#include "optimizer/facts.h"
#include "optimizer/tally.h"
#include <math.h>

enum figure {
    FIGURE_SELF_CONSUMPTION,
    FIGURE_SELF_SUFFICIENCY,
    FIGURE_CURTAILMENT,
    FIGURE_IMPORT,
    FIGURE_EXPORT,
    FIGURE_PEAK,
    FIGURE_DEMAND,
    FIGURE_STARTED,
    FIGURE_BROKEN,
    FIGURE_COUNT
};

static const struct {
    const char *key, *label;
    double scale;
    int decimals;
} figures[FIGURE_COUNT] = {
    [FIGURE_SELF_CONSUMPTION] = {"self_consumption_pu", "self-consumption, %", 100, 1},
    [FIGURE_SELF_SUFFICIENCY] = {"self_sufficiency_pu", "self-sufficiency, %", 100, 1},
    [FIGURE_CURTAILMENT] = {"curtailment_pu",      "curtailed, %",        100, 1},
    [FIGURE_IMPORT] = {"import_kwh",          "import, kWh",         1,   0},
    [FIGURE_EXPORT] = {"export_kwh",          "export, kWh",         1,   0},
    [FIGURE_PEAK] = {"import_kw_max",       "largest import, kW",  1,   0},
    [FIGURE_DEMAND] = {"demand_kw",           "billed demand, kW",   1,   0},
    [FIGURE_STARTED] = {"orders_started",      "orders that start",   1,   0},
    [FIGURE_BROKEN] = {"broken_wishes",       "broken wishes",       1,   0},
};

static double kwh_of(const struct problem *p, const double *kw)
{
    return facts_kwh(p, kw, 0, (int)p->steps);
}

/* Unpriced sources on electric buses are PV and wind; converters' electric output is a CHP. */
static struct kpi_energy energy_of(const struct problem *p, const struct plan *pl)
{
    struct kpi_energy e = {.import_kwh = kwh_of(p, plan_read(pl, pl->import_kw)),
                           .export_kwh = kwh_of(p, plan_read(pl, pl->export_kw))};
    for (uint32_t i = 0; i < p->source_count; i++) {
        const struct problem_source *s = &p->source[i];
        bool electric = p->bus[s->bus].kind == BUS_ELECTRICITY;
        for (uint32_t t = 0; t < p->steps && electric; t++) {
            bool priced = series_get(p, s->yuan_per_kwh, t) > 0;
            double used = plan_read(pl, pl->source_used_kw[i])[t] * problem_hours(p, t);
            double all = series_get(p, s->available_kw, t) * problem_hours(p, t);
            *(priced ? &e.other_kwh : &e.renewable_kwh) += used;
            e.available_kwh += priced ? 0 : all;
        }
    }
    for (uint32_t i = 0; i < p->converter_count; i++) {
        const double *in = plan_read(pl, pl->converter_in_kw[i]);
        const double *on = plan_read(pl, pl->converter_on[i]);
        for (int k = 0; k < PROBLEM_OUTPUTS; k++) {
            const struct problem_output *o = &p->converter[i].out[k];
            bool electric = o->bus >= 0 && p->bus[o->bus].kind == BUS_ELECTRICITY;
            for (uint32_t t = 0; t < p->steps && electric; t++) {
                e.other_kwh += problem_hours(p, t) * (in[t] * series_get(p, o->gain, t) +
                                                      on[t] * series_get(p, o->offset_kw, t));
            }
        }
    }
    return e;
}

static void figures_of(const struct problem *p, const struct plan *pl, double out[FIGURE_COUNT])
{
    struct kpi_energy e = energy_of(p, pl);
    struct kpi k = kpi_of(&e);
    const double *in = plan_read(pl, pl->import_kw);
    double most = 0;
    int started = 0;
    for (uint32_t t = 0; t < p->steps; t++) {
        most = fmax(most, in[t]);
    }
    for (uint32_t i = 0; i < p->order_count; i++) {
        started += p->order[i].started || pl->order_start[i] != PLAN_NONE;
    }
    out[FIGURE_SELF_CONSUMPTION] = k.self_consumption_pu;
    out[FIGURE_SELF_SUFFICIENCY] = k.self_sufficiency_pu;
    out[FIGURE_CURTAILMENT] = k.curtailment_pu;
    out[FIGURE_IMPORT] = e.import_kwh;
    out[FIGURE_EXPORT] = e.export_kwh;
    out[FIGURE_PEAK] = most;
    out[FIGURE_DEMAND] = p->grid.present ? tally_demand_kw(p, pl) : NAN;
    out[FIGURE_STARTED] = started;
    out[FIGURE_BROKEN] = pl->breach_total;
}

static void put_row(FILE *to, const char *label, int decimals, const double pair[2])
{
    if (isnan(pair[0]) || isnan(pair[1])) {
        return;
    }
    fprintf(to, "  %-20s %12.*f %12.*f %+12.*f\n", label, decimals, pair[0], decimals, pair[1],
            decimals, pair[0] - pair[1]);
}

void plan_compare_table(FILE *to, const struct problem *p, const struct plan *pl,
                        const struct plan *rule)
{
    double a[FIGURE_COUNT], b[FIGURE_COUNT];
    fprintf(to, "\n%-22s %12s %12s %12s\n", "beside the rules", "plan", "rules", "difference");
    for (int c = 0; c < COST_COUNT; c++) {
        double pair[] = {pl->cost_yuan[c], rule->cost_yuan[c]};
        if (fmax(fabs(pair[0]), fabs(pair[1])) >= 0.005) {
            put_row(to, plan_cost_name((enum plan_cost)c), 2, pair);
        }
    }
    put_row(to, "total, yuan", 2, (double[2]){pl->objective_yuan, rule->objective_yuan});
    figures_of(p, pl, a);
    figures_of(p, rule, b);
    for (int f = 0; f < FIGURE_COUNT; f++) {
        put_row(to, figures[f].label, figures[f].decimals,
                (double[2]){a[f] * figures[f].scale, b[f] * figures[f].scale});
    }
    if (rule->objective_yuan > 0) {
        fprintf(to, "  the plan costs %.1f %% less than the rules\n",
                100 * (1 - pl->objective_yuan / rule->objective_yuan));
    }
}

static json_t *side_json(const struct problem *p, const struct plan *pl)
{
    json_t *o = json_object(), *cost = json_object();
    double f[FIGURE_COUNT];
    figures_of(p, pl, f);
    json_put_number(o, "objective_yuan", pl->objective_yuan);
    for (int c = 0; c < COST_COUNT; c++) {
        json_put_number(cost, plan_cost_name((enum plan_cost)c), pl->cost_yuan[c]);
    }
    json_object_set_new(o, "cost", cost);
    for (int k = 0; k < FIGURE_COUNT; k++) {
        json_put_number(o, figures[k].key, f[k]);
    }
    return o;
}

json_t *plan_compare_json(const struct problem *p, const struct plan *pl,
                          const struct plan *rule)
{
    json_t *o = json_object();
    json_object_set_new(o, "plan", side_json(p, pl));
    json_object_set_new(o, "rule", side_json(p, rule));
    json_put_number(o, "saves_yuan", rule->objective_yuan - pl->objective_yuan);
    return o;
}
