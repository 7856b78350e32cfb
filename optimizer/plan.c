/* The plan as a struct: its layout for a problem, look-ups, sizes for the wire, names of its
 * enums. Pure; used in the plan role (writing), the park role (reading) and the command line.
 */
#include "optimizer/states.h"
#include <math.h>
#include <string.h>

/* Takes `steps` zero doubles from the pool. */
static enum err plan_take(struct plan *pl, int32_t *at)
{
    if (pl->pool_count + pl->steps > PLAN_POOL_MAX) {
        return ERR_FULL;
    }
    *at = (int32_t)pl->pool_count;
    memset(&pl->pool[pl->pool_count], 0, pl->steps * sizeof pl->pool[0]);
    pl->pool_count += pl->steps;
    return ERR_OK;
}

/* Takes one series for each of n assets. */
static enum err plan_take_all(struct plan *pl, int32_t *at, uint32_t n)
{
    enum err e = ERR_OK;
    for (uint32_t i = 0; i < n && e == ERR_OK; i++) {
        e = plan_take(pl, &at[i]);
    }
    return e;
}

/* Series of the machines that have states. */
static enum err plan_take_states(struct plan *pl, const struct problem *p)
{
    enum err e = ERR_OK;
    for (uint32_t i = 0; i < p->machine_count && e == ERR_OK; i++) {
        bool states = states_has(p, (int)i);
        pl->machine_state[i] = pl->machine_draw_kw[i] = PLAN_NONE;
        e = states ? plan_take(pl, &pl->machine_state[i]) : ERR_OK;
        e = states && e == ERR_OK ? plan_take(pl, &pl->machine_draw_kw[i]) : e;
    }
    return e;
}

static void plan_names(struct plan *pl, const struct problem *p)
{
    pl->bus_count = p->bus_count;
    pl->source_count = p->source_count;
    pl->load_count = p->load_count;
    pl->storage_count = p->storage_count;
    pl->converter_count = p->converter_count;
    pl->order_count = p->order_count;
    pl->job_count = p->job_count;
    pl->machine_count = p->machine_count;
    for (uint32_t i = 0; i < p->bus_count; i++) {
        problem_name(pl->bus_name[i], p->bus[i].name);
    }
    for (uint32_t i = 0; i < p->source_count; i++) {
        problem_name(pl->source_name[i], p->source[i].name);
    }
    for (uint32_t i = 0; i < p->load_count; i++) {
        problem_name(pl->load_name[i], p->load[i].name);
    }
    for (uint32_t i = 0; i < p->storage_count; i++) {
        problem_name(pl->storage_name[i], p->storage[i].name);
        pl->storage_kwh_max[i] = series_get(p, p->storage[i].energy_kwh_max, 0);
    }
    for (uint32_t i = 0; i < p->converter_count; i++) {
        problem_name(pl->converter_name[i], p->converter[i].name);
    }
    for (uint32_t i = 0; i < p->order_count; i++) {
        problem_name(pl->order_name[i], p->order[i].name);
        problem_name(pl->order_machine[i], p->machine[p->order[i].machine].name);
        pl->order_start[i] = PLAN_NONE;
        pl->order_started[i] = p->order[i].started;
    }
    for (uint32_t i = 0; i < p->job_count; i++) {
        problem_name(pl->job_name[i], p->job[i].name);
    }
    for (uint32_t i = 0; i < p->machine_count; i++) {
        problem_name(pl->machine_name[i], p->machine[i].name);
    }
}

/* The traced series, or none. */
static enum err plan_take_traced(struct plan *pl, const struct problem *p)
{
    struct plan_absorption *a = &pl->absorbed;
    a->traced = problem_traces(p);
    const struct {
        int32_t *at;
        uint32_t n;
    } rows[] = {
        {a->charge_kw,    p->storage_count  },
        {a->discharge_kw, p->storage_count  },
        {a->in_kw,        p->converter_count},
        {a->dump_kw,      p->bus_count      },
    };
    enum err e = ERR_OK;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && e == ERR_OK; i++) {
        for (uint32_t k = 0; k < rows[i].n && !a->traced; k++) {
            rows[i].at[k] = PLAN_NONE;
        }
        e = a->traced ? plan_take_all(pl, rows[i].at, rows[i].n) : ERR_OK;
    }
    return e;
}

enum err plan_init(struct plan *pl, const struct problem *p, enum plan_origin origin)
{
    memset(pl, 0, offsetof(struct plan, pool));
    pl->version = PLAN_VERSION;
    pl->steps = p->steps;
    pl->start_ms = p->start_ms;
    memcpy(pl->step_s, p->step_s, sizeof pl->step_s);
    pl->origin = (int32_t)origin;
    pl->status = PLAN_FEASIBLE;
    pl->bound_yuan = -HUGE_VAL;
    pl->gap_pu = HUGE_VAL;
    plan_names(pl, p);
    const struct {
        int32_t *at;
        uint32_t n;
    } rows[] = {
        {&pl->import_kw,             1                 },
        {&pl->export_kw,             1                 },
        {pl->source_used_kw,         p->source_count   },
        {pl->load_shed_kw,           p->load_count     },
        {pl->storage_charge_kw,      p->storage_count  },
        {pl->storage_discharge_kw,   p->storage_count  },
        {pl->storage_energy_kwh,     p->storage_count  },
        {pl->converter_in_kw,        p->converter_count},
        {pl->converter_on,           p->converter_count},
        {pl->job_draw_kw,            p->job_count      },
        {pl->job_on,                 p->job_count      },
        {pl->bus_unserved_kw,        p->bus_count      },
        {pl->bus_surplus_kw,         p->bus_count      },
        {pl->bus_value_yuan_per_kwh, p->bus_count      },
    };
    enum err e = plan_take_states(pl, p);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && e == ERR_OK; i++) {
        e = plan_take_all(pl, rows[i].at, rows[i].n);
    }
    return e == ERR_OK ? plan_take_traced(pl, p) : e;
}

double plan_unabsorbed_kwh(const struct plan *pl)
{
    return pl->absorbed.curtailed_kwh + pl->absorbed.dumped_kwh + pl->absorbed.lost_kwh;
}

bool plan_absorption_proven(const struct plan *pl)
{
    double open_kwh = plan_unabsorbed_kwh(pl) - pl->absorbed.bound_kwh;
    return open_kwh <= 3e-5 * fmax(pl->absorbed.available_kwh, 1000);
}

double *plan_series(struct plan *pl, int32_t at)
{
    must(at >= 0 && (uint32_t)at + pl->steps <= pl->pool_count);
    return &pl->pool[at];
}

const double *plan_read(const struct plan *pl, int32_t at)
{
    must(at >= 0 && (uint32_t)at + pl->steps <= pl->pool_count);
    return &pl->pool[at];
}

static int find(const char (*names)[PROBLEM_NAME_LEN], uint32_t n, const char *name)
{
    for (uint32_t i = 0; i < n; i++) {
        if (strncmp(names[i], name, PROBLEM_NAME_LEN) == 0) {
            return (int)i;
        }
    }
    return -1;
}

int plan_find_storage(const struct plan *pl, const char *name)
{
    return find(pl->storage_name, pl->storage_count, name);
}

int plan_find_converter(const struct plan *pl, const char *name)
{
    return find(pl->converter_name, pl->converter_count, name);
}

int plan_find_job(const struct plan *pl, const char *name)
{
    return find(pl->job_name, pl->job_count, name);
}

int plan_find_order(const struct plan *pl, const char *name)
{
    return find(pl->order_name, pl->order_count, name);
}

int plan_step_at(const struct plan *pl, int64_t at_ms)
{
    double s = (double)(at_ms - pl->start_ms) / 1000.0;
    if (s < 0) {
        return -1;
    }
    for (uint32_t t = 0; t < pl->steps; t++) {
        if (s < pl->step_s[t]) {
            return (int)t;
        }
        s -= pl->step_s[t];
    }
    return -1;
}

size_t plan_bytes(const struct plan *pl)
{
    return offsetof(struct plan, pool) + pl->pool_count * sizeof pl->pool[0];
}

static bool offsets_fit(const struct plan *pl, const int32_t *at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (at[i] < 0 || (uint32_t)at[i] + pl->steps > pl->pool_count) {
            return false;
        }
    }
    return true;
}

/* Both series of a machine or none. */
static bool machines_fit(const struct plan *pl)
{
    for (uint32_t i = 0; i < pl->machine_count; i++) {
        bool none = pl->machine_state[i] == PLAN_NONE && pl->machine_draw_kw[i] == PLAN_NONE;
        if (!none && (!offsets_fit(pl, &pl->machine_state[i], 1) ||
                      !offsets_fit(pl, &pl->machine_draw_kw[i], 1))) {
            return false;
        }
    }
    return true;
}

static bool names_end(const char (*names)[PROBLEM_NAME_LEN], uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (names[i][PROBLEM_NAME_LEN - 1] != 0) {
            return false;
        }
    }
    return true;
}

static bool counts_fit(const struct plan *pl)
{
    return pl->steps >= 1 && pl->steps <= PROBLEM_STEPS_MAX &&
           pl->bus_count <= PROBLEM_BUSES_MAX && pl->source_count <= PROBLEM_SOURCES_MAX &&
           pl->load_count <= PROBLEM_LOADS_MAX && pl->storage_count <= PROBLEM_STORAGES_MAX &&
           pl->converter_count <= PROBLEM_CONVERTERS_MAX &&
           pl->order_count <= PROBLEM_ORDERS_MAX && pl->job_count <= PROBLEM_JOBS_MAX &&
           pl->machine_count <= PROBLEM_MACHINES_MAX && pl->breach_count <= PLAN_BREACHES_MAX &&
           pl->pool_count <= PLAN_POOL_MAX;
}

enum err plan_received(const struct plan *pl, size_t bytes)
{
    if (bytes < offsetof(struct plan, pool)) {
        return ERR_RANGE;
    }
    if (pl->version != PLAN_VERSION) {
        return ERR_VERSION;
    }
    if (!counts_fit(pl) || bytes != plan_bytes(pl)) {
        return ERR_RANGE;
    }
    const struct plan_absorption *a = &pl->absorbed;
    bool ok = (!a->traced || (offsets_fit(pl, a->charge_kw, pl->storage_count) &&
                              offsets_fit(pl, a->discharge_kw, pl->storage_count) &&
                              offsets_fit(pl, a->in_kw, pl->converter_count) &&
                              offsets_fit(pl, a->dump_kw, pl->bus_count))) &&
              offsets_fit(pl, &pl->import_kw, 1) && offsets_fit(pl, &pl->export_kw, 1) &&
              offsets_fit(pl, pl->source_used_kw, pl->source_count) &&
              offsets_fit(pl, pl->load_shed_kw, pl->load_count) &&
              offsets_fit(pl, pl->storage_charge_kw, pl->storage_count) &&
              offsets_fit(pl, pl->storage_discharge_kw, pl->storage_count) &&
              offsets_fit(pl, pl->storage_energy_kwh, pl->storage_count) &&
              offsets_fit(pl, pl->converter_in_kw, pl->converter_count) &&
              offsets_fit(pl, pl->converter_on, pl->converter_count) &&
              offsets_fit(pl, pl->job_draw_kw, pl->job_count) &&
              offsets_fit(pl, pl->job_on, pl->job_count) && machines_fit(pl) &&
              offsets_fit(pl, pl->bus_unserved_kw, pl->bus_count) &&
              offsets_fit(pl, pl->bus_surplus_kw, pl->bus_count) &&
              offsets_fit(pl, pl->bus_value_yuan_per_kwh, pl->bus_count) &&
              names_end(pl->bus_name, pl->bus_count) &&
              names_end(pl->source_name, pl->source_count) &&
              names_end(pl->load_name, pl->load_count) &&
              names_end(pl->storage_name, pl->storage_count) &&
              names_end(pl->converter_name, pl->converter_count) &&
              names_end(pl->order_name, pl->order_count) &&
              names_end(pl->order_machine, pl->order_count) &&
              names_end(pl->job_name, pl->job_count) &&
              names_end(pl->machine_name, pl->machine_count);
    for (uint32_t i = 0; i < pl->breach_count; i++) {
        ok = ok && pl->breach[i].asset[PROBLEM_NAME_LEN - 1] == 0;
    }
    return ok ? ERR_OK : ERR_RANGE;
}

void plan_copy(struct plan *to, const struct plan *from)
{
    if (to != from) {
        memcpy(to, from, plan_bytes(from));
    }
}

/* Name of an enum's value in a table of n; "unknown" outside. */
static const char *name_in(const char *const *names, int n, int i)
{
    return i >= 0 && i < n ? names[i] : "unknown";
}

const char *plan_cost_name(enum plan_cost c)
{
    static const char *const names[COST_COUNT] = {
        [COST_ENERGY] = "energy_yuan", [COST_EXPORT] = "export_yuan",
        [COST_FUEL] = "fuel_yuan",     [COST_DEMAND] = "demand_yuan",
        [COST_WEAR] = "wear_yuan",     [COST_START] = "start_yuan",
        [COST_RUN] = "run_yuan",       [COST_CARBON] = "carbon_yuan",
        [COST_DR] = "dr_yuan",         [COST_CURTAILMENT] = "curtailment_yuan",
        [COST_DUMP] = "dump_yuan",     [COST_SHED] = "shed_yuan",
        [COST_LATE] = "late_yuan",     [COST_CHANGE] = "change_yuan",
        [COST_BEYOND] = "beyond_yuan", [COST_TERMINAL] = "terminal_yuan",
        [COST_GOAL] = "goal_yuan",     [COST_BREACH] = "breach_yuan",
    };
    return name_in(names, COST_COUNT, (int)c);
}

const char *plan_origin_name(enum plan_origin o)
{
    static const char *const names[PLAN_ORIGIN_COUNT] = {"milp", "shifted", "rule"};
    return name_in(names, PLAN_ORIGIN_COUNT, (int)o);
}

const char *plan_status_name(enum plan_status s)
{
    static const char *const names[PLAN_STATUS_COUNT] = {"proven", "within_gap", "feasible"};
    return name_in(names, PLAN_STATUS_COUNT, (int)s);
}

const char *plan_breach_name(enum breach_kind k)
{
    static const char *const names[BREACH_COUNT] = {
        [BREACH_UNSERVED] = "unserved", [BREACH_SURPLUS] = "surplus",
        [BREACH_GUARD] = "guard",       [BREACH_BAND] = "band",
        [BREACH_END] = "end",           [BREACH_TARGET] = "target",
        [BREACH_CAP] = "cap",           [BREACH_LIMIT] = "limit",
        [BREACH_SHORT] = "short",       [BREACH_SKIPPED] = "skipped",
        [BREACH_LATE] = "late",         [BREACH_CONTRACT] = "contract",
    };
    return name_in(names, BREACH_COUNT, (int)k);
}
