/* The question put to the optimizer: one plain, bounded, position-independent struct. Built by
 * the park role, sent to the plan role as one message (the first problem_bytes() bytes), read
 * by the model builder, the checker and the rule planner. It knows no park file and owns
 * nothing.
 *
 * Conventions. Power in kW, energy in kWh, money in yuan (the park's currency), time in s from
 * the start of step 0. Every number here is a magnitude with its direction in the name (`draw`,
 * `charge`, `import`), never a signed bus power; `series` hold one value per step.
 * Physics is hard, wishes are soft: each wish has a price; a price of 0 marked "derived" means
 * problem_penalty_yuan_per_kwh(), which is taken from the largest real price in the problem. */
#ifndef KILNWATT_OPTIMIZER_PROBLEM_H
#define KILNWATT_OPTIMIZER_PROBLEM_H

#include "controller/base/err.h"
#include <stddef.h>
#include <stdint.h>

/* All static bounds in one place. */
enum {
    PROBLEM_VERSION = 1,
    PROBLEM_NAME_LEN = 32, /* with the ending 0 */
    PROBLEM_STEPS_MAX = 192,
    PROBLEM_BUSES_MAX = 16,
    PROBLEM_SOURCES_MAX = 128,
    PROBLEM_LOADS_MAX = 128,
    PROBLEM_STORAGES_MAX = 128,
    PROBLEM_CONVERTERS_MAX = 128,
    PROBLEM_OUTPUTS = 2,
    PROBLEM_RECIPES_MAX = 64,
    PROBLEM_MACHINES_MAX = 128,
    PROBLEM_ORDERS_MAX = 256,
    PROBLEM_JOBS_MAX = 256,
    PROBLEM_CAPS_MAX = 32,
    PROBLEM_REDUCTIONS_MAX = 16,
    PROBLEM_LIMITS_MAX = 16,
    PROBLEM_MEMBERS_MAX = 64,
    PROBLEM_TARGETS_MAX = 128,
    PROBLEM_POOL_MAX = 200000, /* doubles */
    PROBLEM_FAULT_LEN = 240
};

/* A value per step: pool[at + step] if at >= 0, else `value` in every step. */
struct series {
    double value;
    int32_t at;
    uint32_t pad;
};

enum bus_kind { BUS_ELECTRICITY, BUS_HEAT, BUS_GAS, BUS_OTHER, BUS_KIND_COUNT };

/* A balance that must close in every step. */
struct problem_bus {
    char name[PROBLEM_NAME_LEN];
    int32_t kind;                 /* enum bus_kind */
    uint32_t dump;                /* 1: surplus may be thrown away at dump_yuan_per_kwh */
    double dump_yuan_per_kwh;     /* >= 0 */
    double unserved_yuan_per_kwh; /* price of a hole in the balance; 0 = derived */
};

/* Something that gives to a bus: PV, wind, waste heat, a gas supply. */
struct problem_source {
    char name[PROBLEM_NAME_LEN];
    int32_t bus;
    uint32_t fixed;             /* 1: all that is available flows (no curtailment) */
    struct series available_kw; /* >= 0 */
    struct series yuan_per_kwh; /* price of what is used (gas); may be negative */
    double
        curtail_yuan_per_kwh; /* price of available but unused energy; >= 0; fixed: ignored */
    double kgco2_per_kwh;     /* >= 0, of what is used */
    int32_t renewable;        /* 1 yes, -1 no; 0: see problem_source_renewable() */
    uint32_t pad;
};

/* A rigid draw, perhaps with a part that may be shed. */
struct problem_load {
    char name[PROBLEM_NAME_LEN];
    int32_t bus;
    uint32_t pad;
    struct series draw_kw;     /* finite; negative only where a meter nets a hidden source */
    struct series shed_kw_max; /* >= 0, normally constant 0 */
    double shed_yuan_per_kwh;  /* >= 0 */
};

/* The one connection point (PCC); absent (present = 0) in an island. */
struct problem_grid {
    uint32_t present;
    int32_t bus;
    struct series import_kw_max; /* >= 0; 0 in an outage */
    struct series export_kw_max; /* >= 0; 0 where export is forbidden or in an outage */
    struct series
        import_kw_min; /* anti-reverse-flow guard; a wish; not asked where import max is 0 */
    double guard_yuan_per_kwh; /* price of planning below the guard; 0 = derived */
    struct series import_yuan_per_kwh;
    struct series export_yuan_per_kwh; /* revenue */
    struct series kgco2_per_kwh;       /* of import; >= 0 */
    /* Demand charge. D = largest mean import over demand_average_steps consecutive steps whose
     * demand_counts is 1. Free: F = max(month-to-date maximum, target). Cost: over * max(0, D -
     * F), plus demand_jump_yuan once if D > F and the month had not passed the target yet.
     * Actual-demand billing: over = price, jump 0. Contract: target = 1.05 C, over = 2 * price,
     * jump = 0.05 * C * price. over = 0 and jump = 0: no demand charge. */
    struct series demand_counts;    /* 0 or 1 */
    double demand_so_far_kw;        /* month-to-date maximum, >= 0 */
    double demand_target_kw;        /* >= 0 */
    double demand_over_yuan_per_kw; /* >= 0 */
    double demand_jump_yuan;        /* >= 0 */
    double export_peak_yuan_per_kw; /* of the largest export of the horizon, >= 0 */
    uint32_t demand_average_steps;  /* >= 1 */
    uint32_t pad;
};

/* Battery, tank, storage boiler (bus_in electricity, bus_out heat), vehicle. */
struct problem_storage {
    char name[PROBLEM_NAME_LEN];
    int32_t bus_in, bus_out;
    struct series charge_kw_max; /* at the bus, >= 0 */
    double charge_kw_min; /* while charging, >= 0: below it a vehicle does not charge at all */
    struct series discharge_kw_max; /* at the bus, >= 0 */
    struct series energy_kwh_min;   /* band, at the end of a step; a wish with band price */
    struct series energy_kwh_max;   /* band, at the end of a step; >= energy_kwh_min */
    double energy_start_kwh;        /* a fact, also outside the band; >= 0 */
    double charge_pu, discharge_pu; /* efficiencies, 0 < x <= 1 */
    double loss_pu_per_h;         /* standing loss: content * (1 - loss)^hours; 0 <= loss < 1 */
    double wear_yuan_per_kwh;     /* per kWh delivered, >= 0 */
    double end_kwh_min;           /* wish for the end of the horizon */
    double end_yuan_per_kwh;      /* price of missing it; 0 = derived */
    double terminal_yuan_per_kwh; /* value of what is left at the end, >= 0 */
    uint32_t exclusive;           /* 1: never charge and discharge in one step */
    uint32_t pad;
};

/* "At least energy_kwh_min in the storage at the end of a step": departures, readiness. */
struct problem_target {
    int32_t storage;
    int32_t step;
    double energy_kwh_min;
    double yuan_per_kwh; /* price of missing it; 0 = derived */
};

struct problem_output {
    int32_t bus; /* -1: no such output */
    uint32_t pad;
    struct series gain;      /* kW out per kW in (COP, efficiency), >= 0 */
    struct series offset_kw; /* kW out added while on; gain * in + offset >= 0 */
};

/* Heat pump, boiler, e-boiler, CHP, ORC. All limits refer to its input. */
struct problem_converter {
    char name[PROBLEM_NAME_LEN];
    int32_t bus_in;
    uint32_t levels; /* 0: continuous; n: input is k/n of in_kw_max, k = 0..n */
    struct problem_output out[PROBLEM_OUTPUTS];
    struct series in_kw_max; /* >= 0; 0: not available */
    struct series in_kw_min; /* while on; 0 <= min <= max, or not available */
    struct series must_run;  /* 1: has to be on */
    double ramp_up_kw_per_h; /* of the input while on; 0 = free */
    double ramp_down_kw_per_h;
    double min_up_s, min_down_s; /* >= 0 */
    double since_s;              /* time in the present state */
    double in_start_kw;          /* input now (for ramps) */
    double start_yuan;           /* per start, >= 0 */
    double stop_yuan;            /* per stop, >= 0 */
    double on_yuan_per_h;        /* >= 0 */
    double run_yuan_per_kwh;     /* per kWh of input (O&M), >= 0 */
    double kgco2_per_kwh;        /* per kWh of input, >= 0 */
    uint32_t on_now;             /* 1: running at time 0 */
    int32_t starts_max;          /* in the horizon; -1: no bound */
};

/* A fixed power profile: kiln recipe, batch. Cells of step_s each, in the pool. */
struct problem_recipe {
    char name[PROBLEM_NAME_LEN];
    int32_t draw_bus;
    int32_t draw_at;  /* pool offset of `cells` draws in kW, >= 0 */
    int32_t give_bus; /* waste heat; -1: none */
    int32_t give_at;  /* pool offset of `cells` gifts in kW, >= 0 */
    uint32_t cells;
    uint32_t pad;
    double step_s;  /* length of a cell, > 0 */
    double after_s; /* machine stays occupied after the profile (cooling), >= 0 */
};

enum machine_state {
    MACHINE_COLD,
    MACHINE_HEATING,
    MACHINE_HOLDING, /* hot, without ware */
    MACHINE_BUSY,    /* an order occupies it */
    MACHINE_COOLING,
    MACHINE_STATE_COUNT
};

/* heat_s > 0: what the machine does between orders is a decision too, one state per step (see
 * states.h). Heating and cooling last exactly heat_s and cool_s, holding and cold as long as
 * wanted; in the rest of the step in which heating, cooling or an order ends the machine draws
 * what the state after it draws (hold, cold, hold). heat_s = 0: a machine without states. */
struct problem_machine {
    char name[PROBLEM_NAME_LEN];
    double free_from_s; /* occupied before, >= 0; with states: no heating before */
    double gap_s;       /* between the end of one occupation and the next start, >= 0 */
    int32_t bus;        /* of the draws below and of its orders' recipes */
    int32_t state_now;  /* enum machine_state, not busy: a fact unless an order has started */
    double since_s;     /* time in state_now, >= 0 */
    double heat_s, cool_s;
    double cold_kw, heat_kw, hold_kw, cool_kw; /* >= 0; busy: the order's profile */
    double cold_by_s; /* cold from the first step that begins then, or as soon as facts allow,
                         until the end; 0 = no such deadline */
    uint32_t heat_fires; /* 1: an order starts as soon as it is hot, without holding */
    uint32_t fire_cools; /* 1: cooling begins at the end of an order, never after holding */
};

/* One firing. Starts at the beginning of a step; may run past the end of the horizon, its
 * energy there costs beyond_yuan_per_kwh. */
struct problem_order {
    char name[PROBLEM_NAME_LEN];
    int32_t machine, recipe;
    int32_t earliest_step, latest_step; /* window of the start, both inclusive */
    struct series start_ok;             /* 1: crew and interlocks allow a start in this step */
    double due_s;                       /* end of the profile wished before; 0 = no due time */
    double late_yuan_per_h;             /* price of lateness, >= 0 */
    double skip_yuan;     /* price of not starting it in the horizon; 0 = derived */
    uint32_t started;     /* 1: a fact; running since started_s */
    int32_t planned_step; /* start in the plan in force, -1: none */
    double started_s;     /* how long it has been running, >= 0 */
    double change_yuan;   /* price of a start other than planned_step, >= 0 */
};

/* Energy in a window: mill, charging session, pump. */
struct problem_job {
    char name[PROBLEM_NAME_LEN];
    int32_t bus;
    int32_t from_step, to_step; /* window [from, to) */
    int32_t pauses_max;         /* -1: no bound; 0: not interruptible */
    double energy_kwh;          /* still to be drawn, >= 0; see problem_job_over_kwh() */
    struct series draw_kw_max;  /* >= 0 */
    double draw_kw_min;         /* while running, >= 0 */
    double min_run_s;           /* >= 0 */
    double short_yuan_per_kwh;  /* price of missing energy; 0 = derived */
    uint32_t on_now;            /* 1: running at time 0 */
    uint32_t pad;
    double since_s; /* how long it has been running if on_now */
};

/* A cap (or floor) on grid import in steps [from, to): demand response, limited mode. A wish.
 */
struct problem_cap {
    char name[PROBLEM_NAME_LEN];
    int32_t from_step, to_step;
    uint32_t floor; /* 0: net import <= kw; 1: net import >= kw */
    uint32_t pad;
    double kw;           /* may be negative: net export wanted */
    double yuan_per_kwh; /* price of missing it; 0 = derived */
};

/* A paid reduction against a baseline in steps [from, to):
 * delivered = min(paid_kw_max, max(0, baseline - net import)). */
struct problem_reduction {
    char name[PROBLEM_NAME_LEN];
    int32_t from_step, to_step;
    struct series baseline_kw;
    double paid_kw_max;          /* >= 0 */
    double reward_yuan_per_kwh;  /* >= 0 */
    double promised_kw;          /* >= 0 */
    double missing_yuan_per_kwh; /* per kWh of promised - (baseline - net import); >= 0 */
};

enum member_kind {
    MEMBER_STORAGE,
    MEMBER_CONVERTER,
    MEMBER_ORDER,
    MEMBER_JOB,
    MEMBER_LOAD,
    MEMBER_MACHINE, /* what its states draw; its orders are members of their own */
    MEMBER_KIND_COUNT
};
struct problem_member {
    int32_t kind; /* enum member_kind */
    int32_t index;
};

/* Sum of the draws of the members at most kw: feeder, charger group. A wish. */
struct problem_limit {
    char name[PROBLEM_NAME_LEN];
    struct series draw_kw_max;
    double yuan_per_kwh; /* price of exceeding it; 0 = derived */
    uint32_t member_count;
    uint32_t pad;
    struct problem_member member[PROBLEM_MEMBERS_MAX];
};

/* What a plan is chosen by. Blends add to the money what carbon and energy that was not
 * absorbed are worth beside it, so a weight w on money is the same as both divided by w. What
 * counts as not absorbed: trace.h. */
enum goal_first { GOAL_COST, GOAL_ABSORPTION, GOAL_FIRST_COUNT };
struct problem_goal {
    int32_t first; /* enum goal_first; absorption: as little unabsorbed as can be, then cost */
    uint32_t pad;
    double carbon_yuan_per_kg;      /* beside co2_yuan_per_kg, which is money; >= 0 */
    double unabsorbed_yuan_per_kwh; /* >= 0 */
    /* Of the levels of a solve only (goal.h), in no file. */
    double unabsorbed_kwh_max; /* no plan may pass it; -1: no such limit */
    double base_yuan;          /* a constant in the objective, for gaps where that is near 0 */
};

struct problem {
    uint32_t version; /* PROBLEM_VERSION */
    uint32_t steps;
    int64_t start_ms; /* UTC epoch of step 0's start */
    double step_s[PROBLEM_STEPS_MAX];
    double co2_yuan_per_kg;      /* >= 0 */
    double beyond_yuan_per_kwh;  /* price of orders' energy after the horizon */
    double penalty_yuan_per_kwh; /* 0 = derived from the largest real price */
    struct problem_goal goal;
    struct problem_grid grid;
    uint32_t bus_count, source_count, load_count, storage_count, converter_count, recipe_count;
    uint32_t machine_count, order_count, job_count, cap_count, reduction_count, limit_count;
    uint32_t target_count, pool_count;
    struct problem_bus bus[PROBLEM_BUSES_MAX];
    struct problem_source source[PROBLEM_SOURCES_MAX];
    struct problem_load load[PROBLEM_LOADS_MAX];
    struct problem_storage storage[PROBLEM_STORAGES_MAX];
    struct problem_converter converter[PROBLEM_CONVERTERS_MAX];
    struct problem_recipe recipe[PROBLEM_RECIPES_MAX];
    struct problem_machine machine[PROBLEM_MACHINES_MAX];
    struct problem_order order[PROBLEM_ORDERS_MAX];
    struct problem_job job[PROBLEM_JOBS_MAX];
    struct problem_cap cap[PROBLEM_CAPS_MAX];
    struct problem_reduction reduction[PROBLEM_REDUCTIONS_MAX];
    struct problem_limit limit[PROBLEM_LIMITS_MAX];
    struct problem_target target[PROBLEM_TARGETS_MAX];
    double pool[PROBLEM_POOL_MAX]; /* must stay last */
};

/* Why a problem is refused: names the asset, the field, the value and what would be right. */
struct problem_fault {
    char text[PROBLEM_FAULT_LEN];
};

/* Empty problem: `steps` steps (1..PROBLEM_STEPS_MAX) of step_s seconds (> 0) from start_ms; no
 * grid. ERR_RANGE otherwise. */
must_check enum err problem_init(struct problem *p, uint32_t steps, double step_s,
                                 int64_t start_ms);

/* Defaults: everything 0, names empty, buses 0, efficiencies 1, "no bound" where -1 says so.
 * The caller sets fields and hands the struct to problem_add_*(). */
void problem_grid_init(struct problem_grid *g);
void problem_source_init(struct problem_source *s, const char *name, int bus);
void problem_load_init(struct problem_load *l, const char *name, int bus);
void problem_storage_init(struct problem_storage *s, const char *name, int bus_in, int bus_out);
void problem_converter_init(struct problem_converter *c, const char *name, int bus_in);
void problem_order_init(struct problem_order *o, const char *name, int machine, int recipe);
void problem_job_init(struct problem_job *j, const char *name, int bus);

/* Each appends a copy; *index (may be NULL) gets its place. ERR_FULL when the bound is reached.
 */
must_check enum err problem_add_bus(struct problem *p, const char *name, enum bus_kind kind,
                                    int *index);
must_check enum err problem_add_source(struct problem *p, const struct problem_source *s,
                                       int *index);
must_check enum err problem_add_load(struct problem *p, const struct problem_load *l,
                                     int *index);
must_check enum err problem_add_storage(struct problem *p, const struct problem_storage *s,
                                        int *index);
must_check enum err problem_add_converter(struct problem *p, const struct problem_converter *c,
                                          int *index);
must_check enum err problem_add_machine(struct problem *p, const struct problem_machine *m,
                                        int *index);
must_check enum err problem_add_recipe(struct problem *p, const struct problem_recipe *r,
                                       int *index);
must_check enum err problem_add_order(struct problem *p, const struct problem_order *o,
                                      int *index);
must_check enum err problem_add_job(struct problem *p, const struct problem_job *j, int *index);
must_check enum err problem_add_cap(struct problem *p, const struct problem_cap *c, int *index);
must_check enum err problem_add_reduction(struct problem *p, const struct problem_reduction *r,
                                          int *index);
must_check enum err problem_add_limit(struct problem *p, const struct problem_limit *l,
                                      int *index);
must_check enum err problem_add_target(struct problem *p, const struct problem_target *t,
                                       int *index);

/* A constant; no pool needed. */
struct series series_const(double value);
/* Copies n values into the pool; *at gets their offset. ERR_FULL when the pool is full. */
must_check enum err problem_pool(struct problem *p, const double *values, uint32_t n,
                                 int32_t *at);
/* Copies p->steps values into the pool as a series. ERR_FULL. */
must_check enum err problem_series(struct problem *p, const double *values, struct series *out);
/* Value of a series in a step (0..steps-1). */
double series_get(const struct problem *p, struct series s, uint32_t step);

/* Copies a name, cut to PROBLEM_NAME_LEN - 1 bytes. out: PROBLEM_NAME_LEN bytes. */
void problem_name(char *out, const char *name);

/* Bytes from the struct's start that hold the whole problem (to send it). */
size_t problem_bytes(const struct problem *p);
/* Checks counts and size of a received prefix before anything else is read: ERR_VERSION,
 * ERR_RANGE. */
must_check enum err problem_received(const struct problem *p, size_t bytes);

/* Full validation: every number finite, windows in order, indices in range, series inside the
 * pool, min <= max. ERR_NUMERIC, ERR_RANGE or ERR_CONFLICT with the reason in *fault. */
must_check enum err problem_validate(const struct problem *p, struct problem_fault *fault);

/* Hours of a step; seconds from the start to the beginning of a step (step 0..steps). */
double problem_hours(const struct problem *p, uint32_t step);
double problem_begin_s(const struct problem *p, uint32_t step);

/* true for a source whose energy is to be absorbed: marked so, or, unmarked, on an electric bus
 * without price and emission (PV, wind). */
bool problem_source_renewable(const struct problem *p, uint32_t source);
/* Price of a kg of CO2 in the objective: money and the goal's weight. */
double problem_co2_yuan_per_kg(const struct problem *p);
/* true if the goal asks where renewable energy goes: plans are traced (trace.h). */
bool problem_traces(const struct problem *p);

/* Largest real price in the problem, yuan/kWh, at least 0.01. */
double problem_largest_price(const struct problem *p);
/* Price of a broken wish where none is given: 10 x the largest real price, or the problem's
 * own. */
double problem_penalty_yuan_per_kwh(const struct problem *p);
/* Price of a hole on a bus: the bus's own, else 10 x the penalty; of surplus that nothing
 * takes: 10 x the penalty. What cannot be in reality must be among the last things to be
 * planned. */
double problem_unserved_yuan_per_kwh(const struct problem *p, uint32_t bus);
double problem_surplus_yuan_per_kwh(const struct problem *p);
/* skip_yuan of an order, derived (energy x penalty, at least the penalty) where it is 0. */
double problem_skip_yuan(const struct problem *p, uint32_t order);

/* Mean draw and gift (kW) of an order in a step when it starts at the beginning of start_step
 * (for a started order start_step is ignored); energy beyond the horizon in kWh. On a machine
 * with states the draw holds what keeps it hot in the rest of the order's last step. */
double problem_order_draw_kw(const struct problem *p, uint32_t order, int start_step,
                             uint32_t step);
double problem_order_give_kw(const struct problem *p, uint32_t order, int start_step,
                             uint32_t step);
double problem_order_beyond_kwh(const struct problem *p, uint32_t order, int start_step);
/* Seconds of the profile; seconds from the start until the machine is free again (without its
 * gap). */
double problem_order_run_s(const struct problem *p, uint32_t order);
double problem_order_busy_s(const struct problem *p, uint32_t order);
/* true if the order may start in the step by its window, mask and machine's free_from (not by
 * others). */
bool problem_order_may_start(const struct problem *p, uint32_t order, uint32_t step);
/* What a job may draw beyond its energy because it can stop neither within a step nor before
 * its minimum run is over, which may itself end within a step: draw_kw_min * (min_run_s +
 * longest step of the window), 0 when its energy is 0. */
double problem_job_over_kwh(const struct problem *p, uint32_t job);
/* true if the job's running state is a decision (minimum draw, minimum run, bounded pauses). */
bool problem_job_has_state(const struct problem *p, uint32_t job);
/* true if the converter's on/off state is a decision. */
bool problem_converter_has_state(const struct problem *p, uint32_t converter);
/* What facts and duties leave of a converter's state in a step: 1 on, 0 off, -1 open. Not
 * available: off. Then what is left of the minimum up or down time at the start. Then must_run,
 * unless an unavailable step lies less than min_down_s before. */
int problem_converter_forced(const struct problem *p, uint32_t converter, uint32_t step);
/* Largest change of the input into a step from the one before (from in_start_kw for step 0), in
 * kW, while on in both; widened where the limits themselves move faster; HUGE_VAL where free.
 */
double problem_converter_ramp_kw(const struct problem *p, uint32_t converter, uint32_t step,
                                 bool up);
/* The same for a job with running state, in a step of its window: 0 where its maximum is below
 * its minimum or 0, or its energy is 0; 1 while the rest of its minimum run lasts without such
 * a step. */
int problem_job_forced(const struct problem *p, uint32_t job, uint32_t step);
/* true if the beginning of step `step` lies less than `seconds` after that of `first` (<=
 * step). */
bool problem_within_s(const struct problem *p, uint32_t first, uint32_t step, double seconds);
/* Part of a storage's content that is left after a step's standing loss, 0..1. */
double problem_storage_keep_pu(const struct problem *p, uint32_t storage, uint32_t step);
/* What a storage can hold physically: the highest band top or its start content. */
double problem_storage_kwh_max(const struct problem *p, uint32_t storage);
/* Demand that costs nothing more: max(month to date, target). */
double problem_demand_free_kw(const struct problem *p);
/* demand_jump_yuan, or 0 when the month has passed the target already. */
double problem_demand_jump_yuan(const struct problem *p);
/* Hours by which the order's profile would end after its due time. */
double problem_order_late_h(const struct problem *p, uint32_t order, int start_step);

#endif
