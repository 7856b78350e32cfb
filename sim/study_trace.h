/* The course of a study, to be drawn: powers on the bus by group, the connection point with its
 * extremes, contents of stores, price and cost, as means of equal intervals. From the plants'
 * truth, as the referee sees it. Plain data of fixed size, so that it may lie in memory that
 * two processes share. Watches a study; the caller owns it. */
#ifndef KILNWATT_SIM_STUDY_TRACE_H
#define KILNWATT_SIM_STUDY_TRACE_H

#include "sim/study.h"

enum { TRACE_POINTS_MAX = 1500, TRACE_STORES_MAX = 24 };

/* Groups of devices; what gives first, then what takes. */
enum trace_layer {
    TRACE_IMPORT,
    TRACE_PV,
    TRACE_WIND,
    TRACE_CHP, /* and other generators */
    TRACE_DISCHARGE,
    TRACE_EXPORT,
    TRACE_CHARGE,
    TRACE_HEAT,
    TRACE_KILN,
    TRACE_MILL,
    TRACE_VEHICLE,
    TRACE_LOAD, /* rigid loads, and what the transformers lose */
    TRACE_LAYERS
};
enum trace_line {
    TRACE_PCC_MIN, /* least and greatest second of the interval, kW, import positive */
    TRACE_PCC_MAX,
    TRACE_CURTAILED, /* PV and wind, mean kW */
    TRACE_PRICE,     /* of import at its end, yuan/kWh; 0 without a tariff */
    TRACE_COST,      /* judge_cost_yuan() at its end */
    TRACE_LINES
};
struct trace_store {
    char name[NAME_LEN];
    bool heat;
    double soc_pu[TRACE_POINTS_MAX]; /* at the end of the interval */
};
struct study_trace {
    double start_s; /* UTC */
    double seconds; /* asked for */
    int step_s;     /* of an interval; the last one may be shorter */
    int points;     /* begun */
    double import_kw_max, export_kw_max;
    double demand_free_kw; /* demand that costs nothing; INFINITY or 0 = there is none */
    char title_zh[64], title_en[64], zone[48]; /* of the park */
    double kw[TRACE_LAYERS][TRACE_POINTS_MAX]; /* magnitudes, means */
    double line[TRACE_LINES][TRACE_POINTS_MAX];
    int stores, stores_left_out;
    struct trace_store store[TRACE_STORES_MAX];
    /* of the interval under way */
    int seen_s;
    double sum_kw[TRACE_LAYERS], sum_curtailed_kw;
};

/* "pv" ..., the name in the page's data. */
const char *trace_layer_name(enum trace_layer l);
const char *trace_line_name(enum trace_line l);
static inline bool trace_layer_gives(enum trace_layer l)
{
    return l < TRACE_EXPORT;
}
/* Beginning of a point, or at `points` the end of the last one; UTC seconds. */
double study_trace_at_s(const struct study_trace *t, int point);
/* Begins a trace of a study of so many seconds; the study that has *out as its watch fills it.
 * Both must outlive the study. */
void study_trace_begin(struct study_trace *t, double seconds, struct study_watch *out);

#endif
