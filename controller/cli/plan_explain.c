/* Asking for reasons, and laying them out. */
#include "controller/cli/plan_explain.h"
#include "controller/base/clock.h"
#include "controller/cli/plan_reason.h"
#include <math.h>
#include <string.h>

enum { LIMITS_MAX = 4096, WHAT_IFS_MAX = 1024, SPANS_TOLD = 3 };
static const double ASK_S = 120;

/* Marginal values of another plan for the same steps, where one has none at all. */
static void lend_values(struct plan *to, const struct plan *from)
{
    for (uint32_t b = 0; b < to->bus_count; b++) {
        const double *v = plan_read(to, to->bus_value_yuan_per_kwh[b]);
        for (uint32_t t = 0; t < to->steps; t++) {
            if (v[t] != 0) {
                return;
            }
        }
    }
    for (uint32_t b = 0; b < to->bus_count; b++) {
        memcpy(plan_series(to, to->bus_value_yuan_per_kwh[b]),
               plan_read(from, from->bus_value_yuan_per_kwh[b]), to->steps * sizeof(double));
    }
}

enum err plan_explain_ask(struct plan_explain *x, const struct problem *p, struct plan *pl,
                          struct arena *a)
{
    struct reasons r;
    struct clock clock;
    *x = (struct plan_explain){.p = p,
                               .pl = pl,
                               .limit = arena_take(a, LIMITS_MAX, sizeof *x->limit),
                               .what_if = arena_take(a, WHAT_IFS_MAX, sizeof *x->what_if)};
    if (x->limit == NULL || x->what_if == NULL) {
        return ERR_NOMEM;
    }
    clock_init_live(&clock);
    mono_t begin = clock_mono(&clock);
    enum err e = reasons_open(&r, p, pl, a);
    x->base = e == ERR_OK;
    x->base_yuan = x->base ? r.base->objective_yuan : NAN;
    if (x->base) {
        lend_values(pl, r.base);
    }
    x->alone = x->base && p->goal.first == GOAL_ABSORPTION &&
               reasons_cost_alone(&r, &x->alone_yuan, &x->alone_unabsorbed_kwh) == ERR_OK;
    x->limits = binding_list(p, pl, x->limit, LIMITS_MAX);
    x->what_ifs = reasons_list(p, pl, x->what_if, WHAT_IFS_MAX);
    for (int i = 0; i < x->what_ifs && x->base; i++) {
        bool time = mono_s(mono_sub(clock_mono(&clock), begin)) < ASK_S;
        if (time && reasons_ask(&r, &x->what_if[i]) != ERR_OK) {
            x->what_if[i].answered = 0;
        }
    }
    return e == ERR_NOMEM ? e : ERR_OK;
}

static bool asks_about(const struct what_if *w, enum facts_kind kind, uint32_t index)
{
    return what_if_about((enum what_if_kind)w->kind) == kind && w->index == (int)index;
}

/* Limits that are not told at their asset. */
static const struct {
    const char *name, *unit;
} words[BINDING_KIND_COUNT] = {
    [BINDING_IMPORT] = {"import limit",       "kW" },
    [BINDING_EXPORT] = {"export limit",       "kW" },
    [BINDING_GUARD] = {"reverse-flow guard", "kW" },
    [BINDING_DEMAND] = {"demand target",      "kW" },
    [BINDING_CAP] = {"demand response",    "kW" },
    [BINDING_GROUP] = {"group limit",        "kW" },
    [BINDING_CHARGE] = {"charging power",     "kW" },
    [BINDING_DISCHARGE] = {"discharging power",  "kW" },
    [BINDING_FULL] = {"full",               "kWh"},
    [BINDING_EMPTY] = {"empty",              "kWh"},
    [BINDING_MOST] = {"full load",          "kW" },
    [BINDING_LEAST] = {"minimum load",       "kW" },
    [BINDING_RAMP_UP] = {"ramp up",            "kW" },
    [BINDING_RAMP_DOWN] = {"ramp down",          "kW" },
    [BINDING_UP] = {"minimum run",        "s"  },
    [BINDING_DOWN] = {"minimum rest",       "s"  },
};

/* All spans of one limit of one asset in a line; returns how many. */
static int table_limit(FILE *to, const struct plan_explain *x, const struct binding *b)
{
    struct plan_text spans = {.n = 0};
    double yuan = 0, s = 0;
    int n = 0;
    for (; b + n < x->limit + x->limits && b[n].kind == b->kind && b[n].index == b->index;
         n++) {
        yuan += b[n].yuan_per_kw;
        s += problem_begin_s(x->p, (uint32_t)b[n].to_step) -
             problem_begin_s(x->p, (uint32_t)b[n].from_step);
        if (n < SPANS_TOLD) {
            plan_reason_put(&spans, "%s", n > 0 ? ", " : "");
            plan_reason_span(&spans, x->p, b[n].from_step, b[n].to_step);
        }
    }
    if (words[b->kind].name == NULL) {
        return n;
    }
    fprintf(to, "  %-18s %-12s %8.1f %-3s %5.2f h: %s%s", words[b->kind].name, b->asset,
            b->limit, words[b->kind].unit, s / 3600, spans.s, n > SPANS_TOLD ? ", …" : "");
    if (isfinite(yuan) && fabs(yuan) >= 0.005) {
        fprintf(to, "; one more kW saves %.2f yuan", yuan);
    }
    (void)fputc('\n', to);
    return n;
}

/* What differences are differences to. */
static void table_rest(FILE *to, const struct plan_explain *x)
{
    bool free_rest = true;
    for (int i = 0; i < x->what_ifs; i++) {
        free_rest = free_rest && (!x->what_if[i].answered || x->what_if[i].rest_free);
    }
    if (!x->base) {
        fprintf(to,
                "  other decisions are not priced: the plan's own could not be solved again\n");
    } else if (free_rest) {
        fprintf(to, "  other decisions: more than the plan costs, all else decided anew\n");
    } else {
        fprintf(to,
                "  other decisions: more than %.2f yuan, with the other starts and states as\n"
                "  planned and all powers decided anew; at most so much\n",
                x->base_yuan);
    }
}

/* Both levels of a plan that absorbs first. */
static void table_levels(FILE *to, const struct plan_explain *x)
{
    const struct plan *pl = x->pl;
    if (x->p->goal.first != GOAL_ABSORPTION) {
        return;
    }
    fprintf(
        to,
        "\nabsorption first, then cost\n"
        "  %.1f kWh are not absorbed (%.1f curtailed), at least %.1f; the last kWh absorbed "
        "costs %.3f yuan\n",
        plan_unabsorbed_kwh(pl), pl->absorbed.curtailed_kwh, pl->absorbed.bound_kwh,
        pl->absorbed.last_yuan_per_kwh);
    double kwh = x->alone_unabsorbed_kwh - plan_unabsorbed_kwh(pl);
    double yuan = pl->objective_yuan - x->alone_yuan;
    if (x->alone && kwh > 0.1) {
        fprintf(
            to,
            "  cost alone would leave %.1f kWh for %.2f yuan: %.1f kWh more are absorbed for "
            "%.2f yuan, %.3f yuan each\n",
            x->alone_unabsorbed_kwh, x->alone_yuan, kwh, yuan, yuan / kwh);
    } else if (x->alone) {
        fprintf(to, "  cost alone would absorb as much, for %.2f yuan\n", x->alone_yuan);
    }
}

/* An asset's reason, and what other decisions about it would have cost. */
static void table_asset(FILE *to, const struct plan_explain *x, enum facts_kind k, uint32_t i)
{
    struct plan_text t = {.n = 0};
    plan_reason_asset(&t, x, k, i);
    fprintf(to, "  %s %s\n", facts_asset(x->p, k, i), t.s);
    for (int n = 0; n < x->what_ifs && x->base; n++) {
        if (asks_about(&x->what_if[n], k, i)) {
            struct plan_text w = {.n = 0};
            plan_reason_what_if(&w, x->p, &x->what_if[n]);
            fprintf(to, "      %s\n", w.s);
        }
    }
}

void plan_explain_table(FILE *to, const struct plan_explain *x)
{
    table_levels(to, x);
    fprintf(to, "\nlimits that bind\n");
    for (int i = 0; i < x->limits;) {
        i += table_limit(to, x, &x->limit[i]);
    }
    fprintf(to, "\nreasons\n  values in yuan/kWh are those of one more kWh on the bus\n");
    table_rest(to, x);
    for (int k = 0; k < FACTS_KIND_COUNT; k++) {
        for (uint32_t i = 0; i < facts_count(x->p, (enum facts_kind)k); i++) {
            table_asset(to, x, (enum facts_kind)k, i);
        }
    }
}

/* ---- As JSON ---- */

static json_t *limits_json(const struct plan_explain *x)
{
    json_t *a = json_array();
    for (int i = 0; i < x->limits; i++) {
        const struct binding *b = &x->limit[i];
        json_t *o = json_object();
        json_object_set_new(o, "kind", json_string(binding_name((enum binding_kind)b->kind)));
        json_object_set_new(o, "asset", json_string(b->asset));
        json_object_set_new(o, "from_step", json_integer(b->from_step));
        json_object_set_new(o, "to_step", json_integer(b->to_step));
        json_put_number(o, "limit", b->limit);
        json_put_number(o, "yuan_per_kw", b->yuan_per_kw);
        json_array_append_new(a, o);
    }
    return a;
}

static json_t *what_if_json(const struct plan_explain *x, const struct what_if *w)
{
    struct plan_text t = {.n = 0};
    json_t *o = json_object(), *cost = json_object();
    plan_reason_what_if(&t, x->p, w);
    for (int c = 0; c < COST_COUNT && w->answered; c++) {
        json_put_number(cost, plan_cost_name((enum plan_cost)c), w->cost_yuan[c]);
    }
    json_object_set_new(o, "change", json_string(what_if_name((enum what_if_kind)w->kind)));
    json_object_set_new(o, "from_step", json_integer(w->from_step));
    json_object_set_new(o, "to_step", json_integer(w->to_step));
    json_put_number(o, "yuan", w->answered ? w->yuan : NAN);
    json_object_set_new(o, "cost", cost);
    json_object_set_new(o, "rest", json_string(w->rest_free ? "free" : "as_planned"));
    json_object_set_new(o, "says", json_string(t.s));
    return o;
}

static json_t *asset_json(const struct plan_explain *x, enum facts_kind k, uint32_t i)
{
    struct plan_text t = {.n = 0};
    struct facts f;
    json_t *o = json_object(), *a = json_array();
    facts_of(x->p, x->pl, k, i, &f);
    plan_reason_asset(&t, x, k, i);
    json_object_set_new(o, "asset", json_string(facts_asset(x->p, k, i)));
    json_object_set_new(o, "kind", json_string(facts_name(k)));
    const struct {
        const char *key;
        double value;
    } numbers[] = {
        {"in_kwh",            f.in_kwh           },
        {"in_yuan_per_kwh",   f.in_yuan_per_kwh  },
        {"out_kwh",           f.out_kwh          },
        {"out_yuan_per_kwh",  f.out_yuan_per_kwh },
        {"lost_kwh",          f.lost_kwh         },
        {"lost_yuan_per_kwh", f.lost_yuan_per_kwh},
        {"earns_yuan",        f.earns_yuan       },
        {"hours",             f.hours            },
        {"runs",              f.runs             },
        {"from_step",         f.from_step        },
        {"to_step",           f.to_step          },
        {"best_step",         f.best_step        },
        {"best_yuan_per_kwh", f.best_yuan_per_kwh},
    };
    for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++) {
        json_put_number(o, numbers[n].key, numbers[n].value);
    }
    json_object_set_new(o, "says", json_string(t.s));
    for (int n = 0; n < x->what_ifs && x->base; n++) {
        if (asks_about(&x->what_if[n], k, i)) {
            json_array_append_new(a, what_if_json(x, &x->what_if[n]));
        }
    }
    json_object_set_new(o, "what_if", a);
    return o;
}

json_t *plan_explain_json(const struct plan_explain *x)
{
    json_t *o = json_object(), *a = json_array();
    for (int k = 0; k < FACTS_KIND_COUNT; k++) {
        for (uint32_t i = 0; i < facts_count(x->p, (enum facts_kind)k); i++) {
            json_array_append_new(a, asset_json(x, (enum facts_kind)k, i));
        }
    }
    if (x->alone) {
        json_t *alone = json_object();
        json_put_number(alone, "yuan", x->alone_yuan);
        json_put_number(alone, "unabsorbed_kwh", x->alone_unabsorbed_kwh);
        json_object_set_new(o, "cost_alone", alone);
    }
    json_put_number(o, "base_yuan", x->base_yuan);
    json_object_set_new(o, "limits", limits_json(x));
    json_object_set_new(o, "reasons", a);
    return o;
}
