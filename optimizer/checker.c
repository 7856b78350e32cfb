/* Checker: form, flows, storages, balances, money. Pure. */
#include "optimizer/checker.h"
#include "optimizer/states.h"
#include "optimizer/tally.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const double TOLERANCE_KW = 2e-3, TOLERANCE_PU = 1e-6;

enum err checker_complain(struct checker *c, const char *asset, int step, const char *fmt, ...)
{
    if (c->fault) {
        char at[20] = "";
        if (step >= 0) {
            snprintf(at, sizeof at, " step %d", step);
        }
        int n = snprintf(c->fault->text, sizeof c->fault->text, "%.31s%s: ", asset, at);
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(c->fault->text + n, sizeof c->fault->text - (size_t)n, fmt, ap);
        va_end(ap);
    }
    return ERR_CONFLICT;
}

static bool near(double a, double b, double scale)
{
    return fabs(a - b) <= TOLERANCE_PU * fmax(1, fmax(fabs(scale), fmax(fabs(a), fabs(b))));
}

/* Names in the plan are those of the problem, place by place. The element's name comes first.
 */
static bool names_equal(const char (*names)[PROBLEM_NAME_LEN], const void *array, size_t size,
                        uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const char *name = (const char *)array + i * size;
        if (strncmp(names[i], name, PROBLEM_NAME_LEN) != 0) {
            return false;
        }
    }
    return true;
}

static enum err check_form(struct checker *c)
{
    const struct problem *p = c->p;
    const struct plan *pl = c->pl;
    enum err e = plan_received(pl, plan_bytes(pl));
    if (e != ERR_OK) {
        checker_complain(c, "plan", -1, "malformed");
        return e;
    }
    bool same =
        pl->steps == p->steps && pl->start_ms == p->start_ms && pl->bus_count == p->bus_count &&
        pl->source_count == p->source_count && pl->load_count == p->load_count &&
        pl->storage_count == p->storage_count && pl->converter_count == p->converter_count &&
        pl->order_count == p->order_count && pl->job_count == p->job_count &&
        pl->machine_count == p->machine_count &&
        memcmp(pl->step_s, p->step_s, p->steps * sizeof p->step_s[0]) == 0 &&
        names_equal(pl->bus_name, p->bus, sizeof p->bus[0], p->bus_count) &&
        names_equal(pl->source_name, p->source, sizeof p->source[0], p->source_count) &&
        names_equal(pl->load_name, p->load, sizeof p->load[0], p->load_count) &&
        names_equal(pl->storage_name, p->storage, sizeof p->storage[0], p->storage_count) &&
        names_equal(pl->converter_name, p->converter, sizeof p->converter[0],
                    p->converter_count) &&
        names_equal(pl->order_name, p->order, sizeof p->order[0], p->order_count) &&
        names_equal(pl->job_name, p->job, sizeof p->job[0], p->job_count) &&
        names_equal(pl->machine_name, p->machine, sizeof p->machine[0], p->machine_count);
    if (!same) {
        return checker_complain(c, "plan", -1, "answers another problem");
    }
    for (uint32_t i = 0; i < p->order_count; i++) {
        if (strncmp(pl->order_machine[i], p->machine[p->order[i].machine].name,
                    PROBLEM_NAME_LEN) != 0) {
            return checker_complain(c, p->order[i].name, -1, "on another machine");
        }
    }
    for (uint32_t i = 0; i < pl->pool_count; i++) {
        if (!isfinite(pl->pool[i])) {
            checker_complain(c, "plan", -1, "value %u is not finite", i);
            return ERR_NUMERIC;
        }
    }
    bool enums = pl->origin >= 0 && pl->origin < PLAN_ORIGIN_COUNT && pl->status >= 0 &&
                 pl->status < PLAN_STATUS_COUNT;
    return enums ? ERR_OK : checker_complain(c, "plan", -1, "unknown origin or status");
}

/* Values of a series in [0, most(t)]. */
static enum err check_range(struct checker *c, const char *asset, const double *v,
                            struct series most)
{
    for (uint32_t t = 0; t < c->p->steps; t++) {
        double hi = series_get(c->p, most, t);
        if (v[t] < 0 || v[t] > hi + c->tolerance_kw) {
            return checker_complain(c, asset, (int)t, "%.4f, must be 0 to %.4f", v[t], hi);
        }
    }
    return ERR_OK;
}

static enum err check_grid(struct checker *c)
{
    const struct problem *p = c->p;
    const double *in = plan_read(c->pl, c->pl->import_kw);
    const double *out = plan_read(c->pl, c->pl->export_kw);
    struct series none = series_const(0);
    bool there = p->grid.present;
    enum err e = check_range(c, "import", in, there ? p->grid.import_kw_max : none);
    if (e == ERR_OK) {
        e = check_range(c, "export", out, there ? p->grid.export_kw_max : none);
    }
    for (uint32_t t = 0; t < p->steps && e == ERR_OK; t++) {
        if (in[t] > c->tolerance_kw && out[t] > c->tolerance_kw) {
            e = checker_complain(c, "grid", (int)t, "import %.3f and export %.3f at once",
                                 in[t], out[t]);
        }
    }
    return e;
}

static enum err check_sources(struct checker *c)
{
    const struct problem *p = c->p;
    enum err e = ERR_OK;
    for (uint32_t i = 0; i < p->source_count && e == ERR_OK; i++) {
        const struct problem_source *s = &p->source[i];
        const double *used = plan_read(c->pl, c->pl->source_used_kw[i]);
        e = check_range(c, s->name, used, s->available_kw);
        for (uint32_t t = 0; s->fixed && t < p->steps && e == ERR_OK; t++) {
            double all = series_get(p, s->available_kw, t);
            if (used[t] < all - c->tolerance_kw) {
                e = checker_complain(c, s->name, (int)t, "%.4f, must be all of %.4f", used[t],
                                     all);
            }
        }
    }
    for (uint32_t i = 0; i < p->load_count && e == ERR_OK; i++) {
        const double *shed = plan_read(c->pl, c->pl->load_shed_kw[i]);
        e = check_range(c, p->load[i].name, shed, p->load[i].shed_kw_max);
        for (uint32_t t = 0; t < p->steps && e == ERR_OK; t++) {
            if (shed[t] > fmax(series_get(p, p->load[i].draw_kw, t), 0) + c->tolerance_kw) {
                e = checker_complain(c, p->load[i].name, (int)t, "sheds more than it draws");
            }
        }
    }
    return e;
}

static enum err check_storage(struct checker *c, uint32_t i)
{
    const struct problem *p = c->p;
    const struct problem_storage *s = &p->storage[i];
    const double *in = plan_read(c->pl, c->pl->storage_charge_kw[i]);
    const double *out = plan_read(c->pl, c->pl->storage_discharge_kw[i]);
    const double *kwh = plan_read(c->pl, c->pl->storage_energy_kwh[i]);
    enum err e = check_range(c, s->name, in, s->charge_kw_max);
    e = e == ERR_OK ? check_range(c, s->name, out, s->discharge_kw_max) : e;
    double before = s->energy_start_kwh, most = before;
    for (uint32_t t = 0; t < p->steps; t++) {
        most = fmax(most, series_get(p, s->energy_kwh_max, t));
    }
    for (uint32_t t = 0; t < p->steps && e == ERR_OK; t++) {
        double h = p->step_s[t] / 3600.0;
        double want = before * pow(1 - s->loss_pu_per_h, h) + in[t] * h * s->charge_pu -
                      out[t] * h / s->discharge_pu;
        double slack = c->tolerance_kw + TOLERANCE_PU * most;
        bool trickle = in[t] > c->tolerance_kw && in[t] < s->charge_kw_min - c->tolerance_kw;
        if (trickle) {
            e = checker_complain(c, s->name, (int)t, "charges %.4f, at least %.4f", in[t],
                                 s->charge_kw_min);
        } else if (fabs(kwh[t] - want) > slack) {
            e = checker_complain(c, s->name, (int)t, "energy %.4f, must be %.4f", kwh[t], want);
        } else if (kwh[t] < -slack || kwh[t] > most + slack) {
            e = checker_complain(c, s->name, (int)t, "energy %.4f, can hold 0 to %.4f", kwh[t],
                                 most);
        } else if (s->exclusive && in[t] > c->tolerance_kw && out[t] > c->tolerance_kw) {
            e = checker_complain(c, s->name, (int)t, "charges %.3f and discharges %.3f at once",
                                 in[t], out[t]);
        }
        before = kwh[t];
    }
    return e;
}

/* What flows into a bus minus what flows out, kW; *largest gets the largest flow. */
static double balance(const struct checker *c, int32_t b, uint32_t t, double *largest)
{
    const struct problem *p = c->p;
    const struct plan *pl = c->pl;
    double sum = 0;
#define FLOW(x) \
    do { \
        double flow_ = (x); \
        sum += flow_; \
        *largest = fmax(*largest, fabs(flow_)); \
    } while (0)
    FLOW(plan_read(pl, pl->bus_unserved_kw[b])[t]);
    FLOW(-plan_read(pl, pl->bus_surplus_kw[b])[t]);
    if (p->grid.present && p->grid.bus == b) {
        FLOW(plan_read(pl, pl->import_kw)[t]);
        FLOW(-plan_read(pl, pl->export_kw)[t]);
    }
    for (uint32_t i = 0; i < p->source_count; i++) {
        FLOW(p->source[i].bus == b ? plan_read(pl, pl->source_used_kw[i])[t] : 0);
    }
    for (uint32_t i = 0; i < p->load_count; i++) {
        FLOW(p->load[i].bus != b ? 0
                                 : plan_read(pl, pl->load_shed_kw[i])[t] -
                                       series_get(p, p->load[i].draw_kw, t));
    }
    for (uint32_t i = 0; i < p->storage_count; i++) {
        FLOW(p->storage[i].bus_in == b ? -plan_read(pl, pl->storage_charge_kw[i])[t] : 0);
        FLOW(p->storage[i].bus_out == b ? plan_read(pl, pl->storage_discharge_kw[i])[t] : 0);
    }
    for (uint32_t i = 0; i < p->converter_count; i++) {
        const struct problem_converter *v = &p->converter[i];
        double in = plan_read(pl, pl->converter_in_kw[i])[t];
        double on = plan_read(pl, pl->converter_on[i])[t];
        FLOW(v->bus_in == b ? -in : 0);
        for (int k = 0; k < PROBLEM_OUTPUTS; k++) {
            FLOW(v->out[k].bus == b ? in * series_get(p, v->out[k].gain, t) +
                                          on * series_get(p, v->out[k].offset_kw, t)
                                    : 0);
        }
    }
    for (uint32_t i = 0; i < p->job_count; i++) {
        FLOW(p->job[i].bus == b ? -plan_read(pl, pl->job_draw_kw[i])[t] : 0);
    }
    for (uint32_t i = 0; i < p->order_count; i++) {
        const struct problem_recipe *r = &p->recipe[p->order[i].recipe];
        int s = pl->order_start[i];
        if (!p->order[i].started && (s < 0 || (int)t < s)) {
            continue;
        }
        FLOW(r->draw_bus == b ? -problem_order_draw_kw(p, i, s, t) : 0);
        FLOW(r->give_bus == b ? problem_order_give_kw(p, i, s, t) : 0);
    }
    for (uint32_t i = 0; i < p->machine_count; i++) {
        bool here = states_has(p, (int)i) && p->machine[i].bus == b;
        FLOW(here ? -plan_read(pl, pl->machine_draw_kw[i])[t] : 0);
    }
#undef FLOW
    return sum;
}

static enum err check_balances(struct checker *c)
{
    for (uint32_t b = 0; b < c->p->bus_count; b++) {
        const double *hole = plan_read(c->pl, c->pl->bus_unserved_kw[b]);
        const double *more = plan_read(c->pl, c->pl->bus_surplus_kw[b]);
        for (uint32_t t = 0; t < c->p->steps; t++) {
            double largest = 0, rest = balance(c, (int32_t)b, t, &largest);
            if (hole[t] < 0 || more[t] < 0) {
                return checker_complain(c, c->p->bus[b].name, (int)t,
                                        "negative hole or surplus");
            }
            if (fabs(rest) > c->tolerance_kw + TOLERANCE_PU * largest) {
                return checker_complain(c, c->p->bus[b].name, (int)t, "off balance by %.4f kW",
                                        rest);
            }
        }
    }
    return ERR_OK;
}

static enum err check_breaches(struct checker *c, const struct tally *y)
{
    const struct plan *pl = c->pl;
    bool same = pl->breach_count == y->breach_count && pl->breach_total == y->breach_total;
    for (uint32_t i = 0; same && i < y->breach_count; i++) {
        const struct plan_breach *a = &pl->breach[i], *b = &y->breach[i];
        same = a->kind == b->kind && a->first_step == b->first_step &&
               a->last_step == b->last_step &&
               strncmp(a->asset, b->asset, PROBLEM_NAME_LEN) == 0 &&
               near(a->kw_max, b->kw_max, 0) && near(a->minutes, b->minutes, 0) &&
               near(a->yuan, b->yuan, pl->objective_yuan);
    }
    return same ? ERR_OK : checker_complain(c, "breaches", -1, "not those of the series");
}

static enum err check_money(struct checker *c)
{
    const struct plan *pl = c->pl;
    struct tally y;
    tally_plan(&y, c->p, pl);
    double sum = tally_sum(&y);
    if (!isfinite(pl->objective_yuan) || !near(pl->objective_yuan, sum, 0)) {
        return checker_complain(c, "objective", -1, "%.6f, must be %.6f", pl->objective_yuan,
                                sum);
    }
    for (int i = 0; i < COST_COUNT; i++) {
        if (!isfinite(pl->cost_yuan[i]) || !near(pl->cost_yuan[i], y.yuan[i], sum)) {
            return checker_complain(c, plan_cost_name((enum plan_cost)i), -1,
                                    "%.6f, must be %.6f", pl->cost_yuan[i], y.yuan[i]);
        }
    }
    if (isnan(pl->bound_yuan) ||
        pl->bound_yuan > sum + TOLERANCE_PU * fmax(1, fabs(sum)) * 10) {
        return checker_complain(c, "bound", -1, "%.6f over the objective", pl->bound_yuan);
    }
    double gap = tally_gap_pu(pl->objective_yuan, pl->bound_yuan);
    if (isnan(pl->gap_pu) ||
        (isfinite(gap) ? fabs(gap - pl->gap_pu) > 1e-6 : pl->gap_pu != gap)) {
        return checker_complain(c, "gap", -1, "%.6f, must be %.6f", pl->gap_pu, gap);
    }
    bool proven = pl->status == PLAN_PROVEN || pl->status == PLAN_WITHIN_GAP;
    if (proven && (!isfinite(gap) || (pl->status == PLAN_PROVEN && gap > PLAN_PROVEN_GAP_PU))) {
        return checker_complain(c, "status", -1, "claims more than its gap %.6f proves", gap);
    }
    return check_breaches(c, &y);
}

enum err checker_check(const struct problem *p, const struct plan *pl,
                       struct checker_fault *fault)
{
    struct checker c = {.p = p, .pl = pl, .fault = fault, .tolerance_kw = TOLERANCE_KW};
    if (fault) {
        fault->text[0] = 0;
    }
    enum err e = check_form(&c);
    e = e == ERR_OK ? check_grid(&c) : e;
    e = e == ERR_OK ? check_sources(&c) : e;
    for (uint32_t i = 0; i < p->storage_count && e == ERR_OK; i++) {
        e = check_storage(&c, i);
    }
    e = e == ERR_OK ? checker_machines(&c) : e;
    e = e == ERR_OK ? checker_states(&c) : e;
    e = e == ERR_OK ? check_balances(&c) : e;
    e = e == ERR_OK ? checker_trace(&c) : e;
    return e == ERR_OK ? check_money(&c) : e;
}
