/* The answer of the optimizer: one plain, bounded, position-independent struct that stands by
 * itself (names and steps are in it). Written by the planners, proved by the checker, sent to
 * the park role as the first plan_bytes() bytes, followed by the dispatcher. Owns nothing.
 *
 * Signs: every series is a magnitude in kW (or kWh) with its direction in the name: import,
 * export, used (into the bus), charge (out of bus_in), discharge (into bus_out), in (out of
 * bus_in), draw (out of the bus). None is negative. */
#ifndef KILNWATT_OPTIMIZER_PLAN_H
#define KILNWATT_OPTIMIZER_PLAN_H

#include "optimizer/problem.h"

enum { PLAN_VERSION = 3, PLAN_POOL_MAX = 200000, PLAN_BREACHES_MAX = 96, PLAN_NONE = -1 };

/* Gap up to which a plan is called proven (optimal). */
static const double PLAN_PROVEN_GAP_PU = 1e-5;

enum plan_origin { PLAN_MILP, PLAN_SHIFTED, PLAN_RULE, PLAN_ORIGIN_COUNT };
enum plan_status { PLAN_PROVEN, PLAN_WITHIN_GAP, PLAN_FEASIBLE, PLAN_STATUS_COUNT };

/* Cost terms; their sum is the objective. Revenue and value are negative. */
enum plan_cost {
    COST_ENERGY,      /* grid import */
    COST_EXPORT,      /* grid export (revenue) */
    COST_FUEL,        /* priced sources: gas */
    COST_DEMAND,      /* demand charge of this horizon beyond what the month already owes, and
                         the price of the export's peak */
    COST_WEAR,        /* storage wear */
    COST_START,       /* converter starts and stops */
    COST_RUN,         /* O&M and no-load costs of converters */
    COST_CARBON,      /* carbon price times kgCO2 */
    COST_DR,          /* reductions: reward and missing */
    COST_CURTAILMENT, /* unused source energy */
    COST_DUMP,        /* dumped heat */
    COST_SHED,        /* shed load */
    COST_LATE,        /* late orders */
    COST_CHANGE,      /* orders moved against the plan in force */
    COST_BEYOND,      /* orders' energy after the horizon */
    COST_TERMINAL,    /* value of the storages' final content */
    COST_GOAL,        /* no money: what the goal puts on carbon and unabsorbed energy */
    COST_BREACH,      /* all broken wishes, listed in breach[] */
    COST_COUNT
};

enum breach_kind {
    BREACH_UNSERVED, /* hole in a bus balance */
    BREACH_SURPLUS,  /* bus with more than it can take and no dump */
    BREACH_GUARD,    /* import below the guard */
    BREACH_BAND,     /* storage outside its band */
    BREACH_END,      /* storage under its end wish */
    BREACH_TARGET,   /* storage target missed */
    BREACH_CAP,      /* import cap or floor missed */
    BREACH_LIMIT,    /* group limit exceeded */
    BREACH_SHORT,    /* job without its energy */
    BREACH_SKIPPED,  /* order not started */
    BREACH_LATE,     /* order ends after its due time (priced in COST_LATE) */
    BREACH_CONTRACT, /* demand over its free value (priced in COST_DEMAND) */
    BREACH_COUNT
};

/* One broken wish of one asset, over all its steps. */
struct plan_breach {
    int32_t kind; /* enum breach_kind */
    int32_t first_step, last_step;
    int32_t pad;
    char asset[PROBLEM_NAME_LEN];
    double kw_max;  /* largest power missed; for energies and bands: kWh */
    double minutes; /* sum over the steps concerned */
    double yuan;    /* its cost */
};

/* What became of renewable energy, where the goal asks for it (problem_traces()). The series
 * are the part of a flow that the trace holds to be renewable (trace.h); PLAN_NONE: untraced.
 */
struct plan_absorption {
    uint32_t traced; /* 1: the rest is filled */
    uint32_t pad;
    double available_kwh;                       /* of renewable sources */
    double curtailed_kwh, dumped_kwh, lost_kwh; /* together: not absorbed */
    double bound_kwh;         /* proven: without breaking more wishes no plan leaves less */
    double last_yuan_per_kwh; /* what the last kWh absorbed costs; 0 where nothing presses */
    int32_t charge_kw[PROBLEM_STORAGES_MAX], discharge_kw[PROBLEM_STORAGES_MAX];
    int32_t in_kw[PROBLEM_CONVERTERS_MAX];
    int32_t dump_kw[PROBLEM_BUSES_MAX];
};

struct plan {
    uint32_t version; /* PLAN_VERSION */
    uint32_t steps;
    int64_t start_ms;
    double step_s[PROBLEM_STEPS_MAX];
    int32_t origin; /* enum plan_origin */
    int32_t status; /* enum plan_status */
    double objective_yuan;
    double bound_yuan; /* proven lower bound on any plan's objective; -HUGE_VAL: none */
    double gap_pu;     /* (objective - bound) / max(1, |objective|); HUGE_VAL: none */
    double work;       /* simplex iterations and nodes spent: repeatable */
    double seconds;    /* wall time spent */
    double cost_yuan[COST_COUNT];
    uint32_t bus_count, source_count, load_count, storage_count, converter_count, order_count;
    uint32_t job_count, machine_count, breach_count, breach_total, pool_count;
    char bus_name[PROBLEM_BUSES_MAX][PROBLEM_NAME_LEN];
    char source_name[PROBLEM_SOURCES_MAX][PROBLEM_NAME_LEN];
    char load_name[PROBLEM_LOADS_MAX][PROBLEM_NAME_LEN];
    char storage_name[PROBLEM_STORAGES_MAX][PROBLEM_NAME_LEN];
    char converter_name[PROBLEM_CONVERTERS_MAX][PROBLEM_NAME_LEN];
    char order_name[PROBLEM_ORDERS_MAX][PROBLEM_NAME_LEN];
    char order_machine[PROBLEM_ORDERS_MAX][PROBLEM_NAME_LEN];
    char job_name[PROBLEM_JOBS_MAX][PROBLEM_NAME_LEN];
    char machine_name[PROBLEM_MACHINES_MAX][PROBLEM_NAME_LEN];
    double storage_kwh_max[PROBLEM_STORAGES_MAX]; /* band top of step 0, for SOC in per unit */
    int32_t
        order_start[PROBLEM_ORDERS_MAX]; /* step, PLAN_NONE = not in this horizon, or started */
    uint32_t order_started[PROBLEM_ORDERS_MAX]; /* 1: was running at the start (a fact) */
    double
        order_end_s[PROBLEM_ORDERS_MAX]; /* end of the profile from step 0; 0 if not started */
    /* Offsets into the pool of `steps` values each; PLAN_NONE where it does not exist. */
    int32_t import_kw, export_kw;
    int32_t source_used_kw[PROBLEM_SOURCES_MAX];
    int32_t load_shed_kw[PROBLEM_LOADS_MAX];
    int32_t storage_charge_kw[PROBLEM_STORAGES_MAX];
    int32_t storage_discharge_kw[PROBLEM_STORAGES_MAX];
    int32_t storage_energy_kwh[PROBLEM_STORAGES_MAX]; /* at the end of each step */
    int32_t converter_in_kw[PROBLEM_CONVERTERS_MAX];
    int32_t converter_on[PROBLEM_CONVERTERS_MAX]; /* 0 or 1 */
    int32_t job_draw_kw[PROBLEM_JOBS_MAX];
    int32_t job_on[PROBLEM_JOBS_MAX];              /* 0 or 1 */
    int32_t machine_state[PROBLEM_MACHINES_MAX];   /* enum machine_state; PLAN_NONE: without
                                                      states */
    int32_t machine_draw_kw[PROBLEM_MACHINES_MAX]; /* of its states, not of its orders */
    int32_t bus_unserved_kw[PROBLEM_BUSES_MAX];
    int32_t bus_surplus_kw[PROBLEM_BUSES_MAX]; /* dumped, or in breach where no dump exists */
    int32_t bus_value_yuan_per_kwh[PROBLEM_BUSES_MAX]; /* marginal value, binaries fixed; 0 if
                                                          unknown */
    struct plan_absorption absorbed;                   /* 0 where the goal does not ask */
    struct plan_breach breach[PLAN_BREACHES_MAX];
    double pool[PLAN_POOL_MAX]; /* must stay last */
};

/* Lays out an empty plan for a problem: names, offsets, zero series, no order started, status
 * feasible, no bound. ERR_FULL when the pool cannot hold it. */
must_check enum err plan_init(struct plan *pl, const struct problem *p,
                              enum plan_origin origin);

/* Pointer to the `steps` values of a series at offset `at` (not PLAN_NONE). */
double *plan_series(struct plan *pl, int32_t at);
const double *plan_read(const struct plan *pl, int32_t at);

/* true if, by the plan's own figures, its absorption is the most possible (to a 50,000th of
 * what was available). */
bool plan_absorption_proven(const struct plan *pl);
/* kWh not absorbed, by the plan's own figures. */
double plan_unabsorbed_kwh(const struct plan *pl);

/* Index of a name in the plan's list, -1 if absent. */
int plan_find_storage(const struct plan *pl, const char *name);
int plan_find_converter(const struct plan *pl, const char *name);
int plan_find_job(const struct plan *pl, const char *name);
int plan_find_order(const struct plan *pl, const char *name);
/* Step in force at a UTC epoch time, -1 before the start or after the end. */
int plan_step_at(const struct plan *pl, int64_t at_ms);

size_t plan_bytes(const struct plan *pl);
/* Checks counts, size and every offset of a received prefix: ERR_VERSION, ERR_RANGE. */
must_check enum err plan_received(const struct plan *pl, size_t bytes);
/* Copies the used part only. */
void plan_copy(struct plan *to, const struct plan *from);

/* "energy_yuan" …, "milp" …, "within_gap" …, "unserved" …; never NULL. */
const char *plan_cost_name(enum plan_cost c);
const char *plan_origin_name(enum plan_origin o);
const char *plan_status_name(enum plan_status s);
const char *plan_breach_name(enum breach_kind k);

#endif
