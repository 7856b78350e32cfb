/* Numbers to sentences: every one is built from what was solved or summed, none stands without.
 */
#include "controller/cli/plan_reason.h"
#include "controller/base/civil.h"
#include <math.h>
#include <stdarg.h>
#include <string.h>

/* A term this small, relative to the largest, is not told. */
static const double TOLD_PU = 0.02;
/* Less energy than this is none, and has no mean value. */
static const double LEAST_KWH = 0.5;

void plan_reason_put(struct plan_text *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(t->s + t->n, sizeof t->s - t->n, fmt, ap);
    va_end(ap);
    t->n = n > 0 ? t->n + (size_t)n : t->n;
    t->n = t->n >= sizeof t->s ? sizeof t->s - 1 : t->n;
}

const char *plan_reason_time(const struct problem *p, int step, char out[PLAN_REASON_TIME])
{
    wall_t first = {p->start_ms};
    wall_t at = {p->start_ms + (int64_t)llround(problem_begin_s(p, (uint32_t)step) * 1000)};
    struct civil c;
    civil_from_wall(at, &c);
    double days = round(wall_diff_s(civil_midnight(first, 0), civil_midnight(at, 0)) / 86400);
    int n = snprintf(out, PLAN_REASON_TIME, "%02d:%02d", c.hour, c.minute);
    if (days > 0 && n > 0) {
        (void)snprintf(out + n, (size_t)(PLAN_REASON_TIME - n), "+%.0fd", days);
    }
    return out;
}

void plan_reason_span(struct plan_text *t, const struct problem *p, int from, int to)
{
    char a[PLAN_REASON_TIME], b[PLAN_REASON_TIME];
    plan_reason_put(t, "%s to %s", plan_reason_time(p, from, a), plan_reason_time(p, to, b));
}

static bool limited(const struct plan_explain *x, enum binding_kind k, uint32_t index)
{
    for (int i = 0; i < x->limits; i++) {
        if (x->limit[i].kind == (int)k && x->limit[i].index == (int)index) {
            return true;
        }
    }
    return false;
}

static void say_order(struct plan_text *t, const struct plan_explain *x, uint32_t i,
                      const struct facts *f)
{
    static const struct {
        enum binding_kind kind;
        const char *text;
    } bars[] = {
        {BINDING_EARLIEST, ", as early as its window allows"                },
        {BINDING_LATEST,   ", as late as its window allows"                 },
        {BINDING_NEXT,     ", as late as the next firing on its kiln allows"},
        {BINDING_MACHINE,  ", as early as its kiln is free"                 },
    };
    char at[PLAN_REASON_TIME], a[PLAN_REASON_TIME], b[PLAN_REASON_TIME];
    const struct problem_order *o = &x->p->order[i];
    if (o->started) {
        plan_reason_put(t, "is running: %.0f kWh still to come, worth %.3f yuan/kWh", f->in_kwh,
                        f->in_yuan_per_kwh);
        return;
    }
    if (x->pl->order_start[i] == PLAN_NONE) {
        plan_reason_put(t, "is not started: that is priced with %.2f yuan",
                        problem_skip_yuan(x->p, i));
        return;
    }
    plan_reason_put(t, "starts at %s", plan_reason_time(x->p, x->pl->order_start[i], at));
    for (size_t k = 0; k < sizeof bars / sizeof bars[0]; k++) {
        plan_reason_put(t, "%s", limited(x, bars[k].kind, i) ? bars[k].text : "");
    }
    plan_reason_put(t, " (window %s to %s); its %.0f kWh are worth %.3f yuan/kWh then",
                    plan_reason_time(x->p, o->earliest_step, a),
                    plan_reason_time(x->p, o->latest_step, b), f->in_kwh, f->in_yuan_per_kwh);
}

static void say_job(struct plan_text *t, const struct plan_explain *x, uint32_t i,
                    const struct facts *f)
{
    if (f->from_step < 0) {
        plan_reason_put(t, "draws nothing of its %.0f kWh", x->p->job[i].energy_kwh);
        return;
    }
    plan_reason_put(t, "draws %.0f kWh from ", f->in_kwh);
    plan_reason_span(t, x->p, f->from_step, f->to_step);
    plan_reason_put(t, " in %d run%s, when they are worth %.3f yuan/kWh", f->runs,
                    f->runs > 1 ? "s" : "", f->in_yuan_per_kwh);
}

static void say_unit(struct plan_text *t, const struct plan_explain *x, uint32_t i,
                     const struct facts *f)
{
    char at[PLAN_REASON_TIME];
    (void)i;
    if (f->from_step >= 0) {
        plan_reason_put(t, "runs %.1f h from ", f->hours);
        plan_reason_span(t, x->p, f->from_step, f->to_step);
        plan_reason_put(
            t,
            " in %d run%s: %.0f kWh at %.3f become %.0f kWh at %.3f yuan/kWh, which earns "
            "%.2f yuan",
            f->runs, f->runs > 1 ? "s" : "", f->in_kwh, f->in_yuan_per_kwh, f->out_kwh,
            f->out_yuan_per_kwh, f->earns_yuan);
    } else if (f->best_step >= 0) {
        plan_reason_put(t, "stays off: at its best, at %s, one kWh of input would %s %.3f yuan",
                        plan_reason_time(x->p, f->best_step, at),
                        f->best_yuan_per_kwh < 0 ? "lose" : "earn", fabs(f->best_yuan_per_kwh));
    } else {
        plan_reason_put(t, "is not available (0 kW)");
    }
}

static void say_storage(struct plan_text *t, const struct plan_explain *x, uint32_t i,
                        const struct facts *f)
{
    const double *kwh = plan_read(x->pl, x->pl->storage_energy_kwh[i]);
    double first = x->p->storage[i].energy_start_kwh, last = kwh[x->p->steps - 1];
    if (f->in_kwh + f->out_kwh < LEAST_KWH) {
        plan_reason_put(t, "stands still, %.0f kWh at first, %.0f at last", first, last);
        return;
    }
    plan_reason_put(t,
                    "takes %.0f kWh at %.3f and gives %.0f kWh at %.3f yuan/kWh, which earns "
                    "%.2f yuan with its wear and content, %.0f kWh at first, %.0f at last",
                    f->in_kwh, f->in_yuan_per_kwh, f->out_kwh, f->out_yuan_per_kwh,
                    f->earns_yuan, first, last);
}

static void say_source(struct plan_text *t, const struct plan_explain *x, uint32_t i,
                       const struct facts *f)
{
    (void)x;
    (void)i;
    plan_reason_put(t, "gives %.0f kWh", f->out_kwh);
    if (f->out_kwh >= LEAST_KWH) {
        plan_reason_put(t, ", worth %.3f yuan/kWh", f->out_yuan_per_kwh);
    }
    if (f->lost_kwh >= LEAST_KWH) {
        plan_reason_put(t, "; %.0f kWh are left unused when one is worth %.3f", f->lost_kwh,
                        f->lost_yuan_per_kwh);
    }
}

static void (*const says[FACTS_KIND_COUNT])(struct plan_text *t, const struct plan_explain *x,
                                            uint32_t i, const struct facts *f) = {
    [FACTS_ORDER] = say_order,     [FACTS_JOB] = say_job,       [FACTS_CONVERTER] = say_unit,
    [FACTS_STORAGE] = say_storage, [FACTS_SOURCE] = say_source,
};

static void say_change(struct plan_text *t, const struct problem *p, const struct what_if *w)
{
    static const char *const words[WHAT_IF_KIND_COUNT] = {
        [WHAT_IF_ORDER_AT] = "started at ",       [WHAT_IF_JOB_AT_ONCE] = "drawn at once from ",
        [WHAT_IF_CONVERTER_OFF] = "off from ",    [WHAT_IF_CONVERTER_ON] = "on from ",
        [WHAT_IF_STORAGE_REST] = "at rest from ", [WHAT_IF_SOURCE_ABSENT] = "absent from ",
    };
    char at[PLAN_REASON_TIME];
    plan_reason_put(t, "%s", words[w->kind]);
    if (w->kind == WHAT_IF_ORDER_AT || w->kind == WHAT_IF_JOB_AT_ONCE) {
        plan_reason_put(t, "%s", plan_reason_time(p, w->from_step, at));
    } else {
        plan_reason_span(t, p, w->from_step, w->to_step);
    }
}

void plan_reason_asset(struct plan_text *t, const struct plan_explain *x, enum facts_kind k,
                       uint32_t index)
{
    struct facts f;
    facts_of(x->p, x->pl, k, index, &f);
    says[k](t, x, index, &f);
}

void plan_reason_what_if(struct plan_text *t, const struct problem *p, const struct what_if *w)
{
    double largest = 0;
    const char *sep = " (";
    say_change(t, p, w);
    if (!w->answered) {
        plan_reason_put(t, ": not solved");
        return;
    }
    plan_reason_put(t, ": %+.2f yuan", fabs(w->yuan) < 0.005 ? 0 : w->yuan);
    for (int c = 0; c < COST_COUNT; c++) {
        largest = fmax(largest, fabs(w->cost_yuan[c]));
    }
    for (int c = 0; c < COST_COUNT; c++) {
        if (fabs(w->cost_yuan[c]) > fmax(0.005, TOLD_PU * largest)) {
            const char *name = plan_cost_name((enum plan_cost)c);
            plan_reason_put(t, "%s%.*s %+.2f", sep, (int)strcspn(name, "_"), name,
                            w->cost_yuan[c]);
            sep = ", ";
        }
    }
    plan_reason_put(t, "%s", sep[0] == ',' ? ")" : "");
}
