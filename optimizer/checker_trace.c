/* Checker: the claim how much renewable energy was absorbed. The plan's trace is the proof: it
 * has to lie within the plan's flows, balance on every bus and in every store, and leave as
 * much unabsorbed as the plan says. Pure. */
#include "optimizer/checker.h"
#include "optimizer/trace.h"
#include <math.h>

/* Energies agree within this part of what was available. */
static const double ENERGY_PU = 1e-6, ENERGY_KWH = 1e-2;

/* A traced series lies within the flow that it is part of; 0 where nothing is traced. */
static enum err check_part(struct checker *c, const char *asset, int32_t part,
                           const double *whole)
{
    const double *kw = plan_read(c->pl, part);
    for (uint32_t t = 0; t < c->p->steps; t++) {
        double most = whole != NULL ? whole[t] : 0;
        if (kw[t] < 0 || kw[t] > most + c->tolerance_kw) {
            return checker_complain(c, asset, (int)t, "renewable part %.4f, must be 0 to %.4f",
                                    kw[t], most);
        }
    }
    return ERR_OK;
}

static enum err check_parts(struct checker *c, const struct trace *tr)
{
    const struct problem *p = c->p;
    const struct plan *pl = c->pl;
    const struct plan_absorption *a = &pl->absorbed;
    enum err e = ERR_OK;
    for (uint32_t i = 0; i < p->storage_count && e == ERR_OK; i++) {
        bool on = tr->storage[i];
        e = check_part(c, p->storage[i].name, a->charge_kw[i],
                       on ? plan_read(pl, pl->storage_charge_kw[i]) : NULL);
        e = e == ERR_OK ? check_part(c, p->storage[i].name, a->discharge_kw[i],
                                     on ? plan_read(pl, pl->storage_discharge_kw[i]) : NULL)
                        : e;
    }
    for (uint32_t i = 0; i < p->converter_count && e == ERR_OK; i++) {
        e = check_part(c, p->converter[i].name, a->in_kw[i],
                       tr->converter[i] ? plan_read(pl, pl->converter_in_kw[i]) : NULL);
    }
    for (uint32_t b = 0; b < p->bus_count && e == ERR_OK; b++) {
        e = check_part(c, p->bus[b].name, a->dump_kw[b],
                       tr->reached[b] ? plan_read(pl, pl->bus_surplus_kw[b]) : NULL);
    }
    return e;
}

/* Nothing vanishes: what neither stores, units nor dump took is within the draws. */
static enum err check_bus(struct checker *c, const struct trace *tr, uint32_t b)
{
    for (uint32_t t = 0; t < c->p->steps; t++) {
        double in = trace_inflow_kw(tr, c->p, c->pl, b, t);
        double rest = in - trace_outflow_kw(tr, c->p, c->pl, b, t);
        double most = trace_draws_kw(tr, c->p, c->pl, b, t);
        double slack = 4 * c->tolerance_kw + 1e-6 * fmax(in, most);
        if (rest < -slack || rest > most + slack) {
            return checker_complain(c, c->p->bus[b].name, (int)t,
                                    "renewable %.4f kW for draws, must be 0 to %.4f", rest,
                                    most);
        }
    }
    return ERR_OK;
}

static enum err check_store(struct checker *c, uint32_t i)
{
    double kwh = 0;
    for (uint32_t t = 0; t < c->p->steps; t++) {
        kwh = trace_content_kwh(c->p, c->pl, i, t, kwh);
        if (kwh < -ENERGY_KWH - ENERGY_PU * problem_storage_kwh_max(c->p, i)) {
            return checker_complain(c, c->p->storage[i].name, (int)t,
                                    "renewable content %.4f kWh", kwh);
        }
    }
    return ERR_OK;
}

static enum err check_figures(struct checker *c)
{
    const struct plan_absorption *a = &c->pl->absorbed;
    struct plan_absorption own = *a;
    trace_measure(&own, c->p, c->pl);
    double slack = ENERGY_KWH + ENERGY_PU * own.available_kwh;
    const double pairs[][2] = {
        {a->available_kwh, own.available_kwh},
        {a->curtailed_kwh, own.curtailed_kwh},
        {a->dumped_kwh,    own.dumped_kwh   },
        {a->lost_kwh,      own.lost_kwh     }
    };
    for (size_t k = 0; k < sizeof pairs / sizeof pairs[0]; k++) {
        if (!(fabs(pairs[k][0] - pairs[k][1]) <= slack)) {
            return checker_complain(c, "absorption", -1, "figure %zu is %.4f kWh, must be %.4f",
                                    k, pairs[k][0], pairs[k][1]);
        }
    }
    double left = own.curtailed_kwh + own.dumped_kwh + own.lost_kwh;
    double most = c->p->goal.unabsorbed_kwh_max;
    if (!isfinite(a->last_yuan_per_kwh) ||
        !(a->bound_kwh >= 0 && a->bound_kwh <= left + slack)) {
        return checker_complain(c, "absorption", -1, "bound %.4f over %.4f kWh", a->bound_kwh,
                                left);
    }
    if (most >= 0 && left > most + slack) {
        return checker_complain(c, "absorption", -1, "%.4f kWh left, at most %.4f", left, most);
    }
    bool proven = c->p->goal.first != GOAL_ABSORPTION || c->pl->status != PLAN_PROVEN ||
                  plan_absorption_proven(c->pl);
    return proven ? ERR_OK
                  : checker_complain(c, "status", -1, "claims more than %.4f to %.4f kWh prove",
                                     a->bound_kwh, left);
}

enum err checker_trace(struct checker *c)
{
    struct trace tr;
    if (c->pl->absorbed.traced != (problem_traces(c->p) ? 1U : 0U)) {
        return checker_complain(c, "absorption", -1, "traced where it is not asked, or not");
    }
    if (!c->pl->absorbed.traced) {
        return ERR_OK;
    }
    trace_init(&tr, c->p);
    enum err e = check_parts(c, &tr);
    for (uint32_t k = 0; k < tr.buses && e == ERR_OK; k++) {
        e = check_bus(c, &tr, tr.bus[k]);
    }
    for (uint32_t i = 0; i < c->p->storage_count && e == ERR_OK; i++) {
        e = tr.storage[i] ? check_store(c, i) : e;
    }
    return e == ERR_OK ? check_figures(c) : e;
}
