/* Second by second into the interval under way. */
#include "sim/study_trace.h"
#include "sim/body.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Where a kind's power goes. Those without a row: what they give counts with the CHP, what they
 * take, as what PV and wind take at night, with the rigid loads. */
static const struct {
    enum kind kind;
    enum trace_layer gives, takes;
} groups[] = {
    {KIND_PV,             TRACE_PV,        TRACE_LOAD   },
    {KIND_WIND,           TRACE_WIND,      TRACE_LOAD   },
    {KIND_BATTERY,        TRACE_DISCHARGE, TRACE_CHARGE },
    {KIND_HEAT_PUMP,      TRACE_CHP,       TRACE_HEAT   },
    {KIND_STORAGE_BOILER, TRACE_CHP,       TRACE_HEAT   },
    {KIND_KILN,           TRACE_CHP,       TRACE_KILN   },
    {KIND_ROLLER_KILN,    TRACE_CHP,       TRACE_KILN   },
    {KIND_MILL,           TRACE_CHP,       TRACE_MILL   },
    {KIND_CHARGER,        TRACE_CHP,       TRACE_VEHICLE},
};

static const struct {
    enum kind kind;
    int row;
    bool heat;
} contents[] = {
    {KIND_BATTERY,        BATTERY_SOC_PU, false},
    {KIND_STORAGE_BOILER, SB_SOC_PU,      true },
    {KIND_TANK,           TANK_SOC_PU,    true },
};
#define ROWS(t) ((int)(sizeof(t) / sizeof *(t)))

const char *trace_layer_name(enum trace_layer l)
{
    static const char *const name[TRACE_LAYERS] = {"import",    "pv",     "wind",    "chp",
                                                   "discharge", "export", "charge",  "heat",
                                                   "kiln",      "mill",   "vehicle", "load"};
    return name[l];
}

const char *trace_line_name(enum trace_line l)
{
    static const char *const name[TRACE_LINES] = {"pcc_min_kw", "pcc_max_kw", "curtailed_kw",
                                                  "price_yuan_per_kwh", "cost_yuan"};
    return name[l];
}

double study_trace_at_s(const struct study_trace *t, int point)
{
    double last_s =
        t->seconds < (double)t->step_s * t->points ? t->seconds : (double)t->step_s * t->points;
    return t->start_s + (point < t->points ? (double)t->step_s * point : last_s);
}

/* The shortest of some handy intervals with which the study fits. */
static int step_of(double seconds)
{
    static const int handy_s[] = {60,   120,  300,   600,   900,  1800,
                                  3600, 7200, 14400, 21600, 43200};
    int i = 0;
    while (i + 1 < ROWS(handy_s) && seconds > (double)handy_s[i] * TRACE_POINTS_MAX) {
        i++;
    }
    return handy_s[i];
}

static int content_row(enum kind k)
{
    for (int i = 0; i < ROWS(contents); i++) {
        if (contents[i].kind == k) {
            return i;
        }
    }
    return -1;
}

/* Stores in the order of the park file; those beyond the bound are counted. */
static void name_stores(struct study_trace *t, const struct park *p)
{
    for (int d = 0; d < p->devices; d++) {
        int i = content_row(p->device[d].kind);
        if (i < 0) {
            continue;
        }
        if (t->stores == TRACE_STORES_MAX) {
            t->stores_left_out++;
            continue;
        }
        struct trace_store *s = &t->store[t->stores++];
        memcpy(s->name, p->device[d].name, sizeof s->name);
        s->heat = contents[i].heat;
    }
}

static int built(void *arg, const struct study_view *v)
{
    struct study_trace *t = arg;
    const struct park *p = v->set->park;
    t->start_s = (double)v->set->start.ms / 1000;
    t->import_kw_max = p->import_kw_max;
    t->export_kw_max = p->export_kw_max;
    t->demand_free_kw = v->set->tariff ? tariff_demand_free_kw(v->set->tariff) : INFINITY;
    memcpy(t->title_zh, p->title_zh, sizeof t->title_zh);
    memcpy(t->title_en, p->title_en, sizeof t->title_en);
    memcpy(t->zone, p->zone, sizeof t->zone);
    name_stores(t, p);
    return 0;
}

/* ---- One second ---- */

static enum trace_layer layer_of(enum kind k, bool gives)
{
    for (int i = 0; i < ROWS(groups); i++) {
        if (groups[i].kind == k) {
            return gives ? groups[i].gives : groups[i].takes;
        }
    }
    return gives ? TRACE_CHP : TRACE_LOAD;
}

static void add_device(struct study_trace *t, const struct body *b)
{
    enum kind k = b->device->kind;
    if (dict_kind(k)->on_bus) {
        t->sum_kw[layer_of(k, b->kw > 0)] += fabs(b->kw);
    }
    if (k == KIND_PV || k == KIND_WIND) {
        t->sum_curtailed_kw += fmax(b->available_kw - b->kw, 0);
    }
}

static void next_point(struct study_trace *t)
{
    t->seen_s = 0;
    t->sum_curtailed_kw = 0;
    memset(t->sum_kw, 0, sizeof t->sum_kw);
    t->line[TRACE_PCC_MIN][t->points] = INFINITY;
    t->line[TRACE_PCC_MAX][t->points] = -INFINITY;
    t->points++;
}

static void end_of_point(struct study_trace *t, const struct study_view *v)
{
    const struct setup *set = v->set;
    const struct park *p = set->park;
    int at = t->points - 1, store = 0;
    wall_t last = wall_add_s(world_wall(set->world), -1);
    t->line[TRACE_PRICE][at] = set->tariff ? tariff_import_yuan_per_kwh(set->tariff, last) : 0;
    t->line[TRACE_COST][at] = judge_cost_yuan(&set->judge);
    for (int d = 0; d < p->devices && store < t->stores; d++) {
        int i = content_row(p->device[d].kind);
        if (i >= 0) {
            t->store[store++].soc_pu[at] = world_get(set->world, d, contents[i].row);
        }
    }
}

static void after(void *arg, const struct study_view *v)
{
    struct study_trace *t = arg;
    const struct world *w = v->set->world;
    double kw = world_pcc_kw(w);
    if (t->points == 0 || t->seen_s == t->step_s) {
        if (t->points == TRACE_POINTS_MAX) {
            return;
        }
        next_point(t);
    }
    int at = t->points - 1;
    t->seen_s++;
    t->sum_kw[kw > 0 ? TRACE_IMPORT : TRACE_EXPORT] += fabs(kw);
    t->sum_kw[TRACE_LOAD] += world_loss_kw(w);
    for (int d = 0; d < v->set->park->devices; d++) {
        add_device(t, world_body(w, d));
    }
    for (int l = 0; l < TRACE_LAYERS; l++) {
        t->kw[l][at] = t->sum_kw[l] / t->seen_s;
    }
    t->line[TRACE_CURTAILED][at] = t->sum_curtailed_kw / t->seen_s;
    t->line[TRACE_PCC_MIN][at] = fmin(t->line[TRACE_PCC_MIN][at], kw);
    t->line[TRACE_PCC_MAX][at] = fmax(t->line[TRACE_PCC_MAX][at], kw);
    double done_s = (double)t->step_s * at + t->seen_s;
    if (t->seen_s == t->step_s || done_s >= t->seconds) {
        end_of_point(t, v);
    }
}

void study_trace_begin(struct study_trace *t, double seconds, struct study_watch *out)
{
    memset(t, 0, sizeof *t);
    t->seconds = seconds;
    t->step_s = step_of(seconds);
    *out = (struct study_watch){.arg = t, .built = built, .after = after};
}
