/* The field tables of the problem. Constant data only. */
#include "optimizer/problem_fields.h"

#define BIG 1e9
#define ROWS(a) ((int)(sizeof(a) / sizeof(a)[0]))

const char *const PROBLEM_BUS_KINDS[BUS_KIND_COUNT] = {"electricity", "heat", "gas", "other"};
const char *const PROBLEM_MEMBER_KINDS[MEMBER_KIND_COUNT] = {"storage", "converter", "order",
                                                             "job",     "load",      "machine"};
const char *const PROBLEM_MACHINE_STATES[MACHINE_STATE_COUNT] = {"cold", "heating", "holding",
                                                                 "busy", "cooling"};

const char *const PROBLEM_GOALS[GOAL_FIRST_COUNT] = {"cost", "absorption"};

struct pwords problem_words(enum pfield_type type)
{
    return type == PF_BUS_KIND ? (struct pwords){PROBLEM_BUS_KINDS, BUS_KIND_COUNT}
           : type == PF_STATE  ? (struct pwords){PROBLEM_MACHINE_STATES, MACHINE_STATE_COUNT}
           : type == PF_FIRST  ? (struct pwords){PROBLEM_GOALS, GOAL_FIRST_COUNT}
                               : (struct pwords){NULL, 0};
}

#define H(f) offsetof(struct problem, f)
const struct pfield PROBLEM_HEAD_FIELDS[] = {
    {"co2_yuan_per_kg",      PF_NUMBER, H(co2_yuan_per_kg),      0,    BIG},
    {"beyond_yuan_per_kwh",  PF_NUMBER, H(beyond_yuan_per_kwh),  -BIG, BIG},
    {"penalty_yuan_per_kwh", PF_NUMBER, H(penalty_yuan_per_kwh), 0,    BIG},
};
const int PROBLEM_HEAD_FIELD_COUNT = ROWS(PROBLEM_HEAD_FIELDS);

#define O(f) offsetof(struct problem_goal, f)
const struct pfield PROBLEM_GOAL_FIELDS[] = {
    {"first",                   PF_FIRST,  O(first),                   0, 0  },
    {"carbon_yuan_per_kg",      PF_NUMBER, O(carbon_yuan_per_kg),      0, BIG},
    {"unabsorbed_yuan_per_kwh", PF_NUMBER, O(unabsorbed_yuan_per_kwh), 0, BIG},
};
const int PROBLEM_GOAL_FIELD_COUNT = ROWS(PROBLEM_GOAL_FIELDS);
#undef O

#define G(f) offsetof(struct problem_grid, f)
const struct pfield PROBLEM_GRID_FIELDS[] = {
    {"bus",                     PF_BUS,    G(bus),                     0,    0                },
    {"import_kw_max",           PF_SERIES, G(import_kw_max),           0,    BIG              },
    {"export_kw_max",           PF_SERIES, G(export_kw_max),           0,    BIG              },
    {"import_kw_min",           PF_SERIES, G(import_kw_min),           0,    BIG              },
    {"guard_yuan_per_kwh",      PF_NUMBER, G(guard_yuan_per_kwh),      0,    BIG              },
    {"import_yuan_per_kwh",     PF_SERIES, G(import_yuan_per_kwh),     -BIG, BIG              },
    {"export_yuan_per_kwh",     PF_SERIES, G(export_yuan_per_kwh),     -BIG, BIG              },
    {"kgco2_per_kwh",           PF_SERIES, G(kgco2_per_kwh),           0,    BIG              },
    {"demand_counts",           PF_SERIES, G(demand_counts),           0,    1                },
    {"demand_so_far_kw",        PF_NUMBER, G(demand_so_far_kw),        0,    BIG              },
    {"demand_target_kw",        PF_NUMBER, G(demand_target_kw),        0,    BIG              },
    {"demand_over_yuan_per_kw", PF_NUMBER, G(demand_over_yuan_per_kw), 0,    BIG              },
    {"demand_jump_yuan",        PF_NUMBER, G(demand_jump_yuan),        0,    BIG              },
    {"export_peak_yuan_per_kw", PF_NUMBER, G(export_peak_yuan_per_kw), 0,    BIG              },
    {"demand_average_steps",    PF_COUNT,  G(demand_average_steps),    1,    PROBLEM_STEPS_MAX},
};
const int PROBLEM_GRID_FIELD_COUNT = ROWS(PROBLEM_GRID_FIELDS);

#define B(f) offsetof(struct problem_bus, f)
static const struct pfield BUS_FIELDS[] = {
    {"name",                  PF_NAME,     B(name),                  0, 0  },
    {"kind",                  PF_BUS_KIND, B(kind),                  0, 0  },
    {"dump",                  PF_FLAG,     B(dump),                  0, 1  },
    {"dump_yuan_per_kwh",     PF_NUMBER,   B(dump_yuan_per_kwh),     0, BIG},
    {"unserved_yuan_per_kwh", PF_NUMBER,   B(unserved_yuan_per_kwh), 0, BIG},
};

#define S(f) offsetof(struct problem_source, f)
static const struct pfield SOURCE_FIELDS[] = {
    {"name",                 PF_NAME,   S(name),                 0,    0  },
    {"bus",                  PF_BUS,    S(bus),                  0,    0  },
    {"fixed",                PF_FLAG,   S(fixed),                0,    1  },
    {"available_kw",         PF_SERIES, S(available_kw),         0,    BIG},
    {"yuan_per_kwh",         PF_SERIES, S(yuan_per_kwh),         -BIG, BIG},
    {"curtail_yuan_per_kwh", PF_NUMBER, S(curtail_yuan_per_kwh), 0,    BIG},
    {"kgco2_per_kwh",        PF_NUMBER, S(kgco2_per_kwh),        0,    BIG},
    {"renewable",            PF_INT,    S(renewable),            -1,   1  },
};

#define L(f) offsetof(struct problem_load, f)
static const struct pfield LOAD_FIELDS[] = {
    {"name",              PF_NAME,   L(name),              0,    0  },
    {"bus",               PF_BUS,    L(bus),               0,    0  },
    {"draw_kw",           PF_SERIES, L(draw_kw),           -BIG, BIG},
    {"shed_kw_max",       PF_SERIES, L(shed_kw_max),       0,    BIG},
    {"shed_yuan_per_kwh", PF_NUMBER, L(shed_yuan_per_kwh), 0,    BIG},
};

#define T(f) offsetof(struct problem_storage, f)
static const struct pfield STORAGE_FIELDS[] = {
    {"name",                  PF_NAME,   T(name),                  0,    0    },
    {"bus_in",                PF_BUS,    T(bus_in),                0,    0    },
    {"bus_out",               PF_BUS,    T(bus_out),               0,    0    },
    {"charge_kw_max",         PF_SERIES, T(charge_kw_max),         0,    BIG  },
    {"charge_kw_min",         PF_NUMBER, T(charge_kw_min),         0,    BIG  },
    {"discharge_kw_max",      PF_SERIES, T(discharge_kw_max),      0,    BIG  },
    {"energy_kwh_min",        PF_SERIES, T(energy_kwh_min),        0,    BIG  },
    {"energy_kwh_max",        PF_SERIES, T(energy_kwh_max),        0,    BIG  },
    {"energy_start_kwh",      PF_NUMBER, T(energy_start_kwh),      0,    BIG  },
    {"charge_pu",             PF_NUMBER, T(charge_pu),             0.01, 1    },
    {"discharge_pu",          PF_NUMBER, T(discharge_pu),          0.01, 1    },
    {"loss_pu_per_h",         PF_NUMBER, T(loss_pu_per_h),         0,    0.999},
    {"wear_yuan_per_kwh",     PF_NUMBER, T(wear_yuan_per_kwh),     0,    BIG  },
    {"end_kwh_min",           PF_NUMBER, T(end_kwh_min),           0,    BIG  },
    {"end_yuan_per_kwh",      PF_NUMBER, T(end_yuan_per_kwh),      0,    BIG  },
    {"terminal_yuan_per_kwh", PF_NUMBER, T(terminal_yuan_per_kwh), 0,    BIG  },
    {"exclusive",             PF_FLAG,   T(exclusive),             0,    1    },
};

#define C(f) offsetof(struct problem_converter, f)
static const struct pfield CONVERTER_FIELDS[] = {
    {"name",               PF_NAME,      C(name),               0,    0                },
    {"bus_in",             PF_BUS,       C(bus_in),             0,    0                },
    {"levels",             PF_COUNT,     C(levels),             0,    1000             },
    {"out_bus",            PF_BUS_OR_NO, C(out[0].bus),         0,    0                },
    {"out_gain",           PF_SERIES,    C(out[0].gain),        0,    1e4              },
    {"out_offset_kw",      PF_SERIES,    C(out[0].offset_kw),   -BIG, BIG              },
    {"out2_bus",           PF_BUS_OR_NO, C(out[1].bus),         0,    0                },
    {"out2_gain",          PF_SERIES,    C(out[1].gain),        0,    1e4              },
    {"out2_offset_kw",     PF_SERIES,    C(out[1].offset_kw),   -BIG, BIG              },
    {"in_kw_max",          PF_SERIES,    C(in_kw_max),          0,    BIG              },
    {"in_kw_min",          PF_SERIES,    C(in_kw_min),          0,    BIG              },
    {"must_run",           PF_SERIES,    C(must_run),           0,    1                },
    {"ramp_up_kw_per_h",   PF_NUMBER,    C(ramp_up_kw_per_h),   0,    BIG              },
    {"ramp_down_kw_per_h", PF_NUMBER,    C(ramp_down_kw_per_h), 0,    BIG              },
    {"min_up_s",           PF_NUMBER,    C(min_up_s),           0,    BIG              },
    {"min_down_s",         PF_NUMBER,    C(min_down_s),         0,    BIG              },
    {"since_s",            PF_NUMBER,    C(since_s),            0,    BIG              },
    {"in_start_kw",        PF_NUMBER,    C(in_start_kw),        0,    BIG              },
    {"start_yuan",         PF_NUMBER,    C(start_yuan),         0,    BIG              },
    {"stop_yuan",          PF_NUMBER,    C(stop_yuan),          0,    BIG              },
    {"on_yuan_per_h",      PF_NUMBER,    C(on_yuan_per_h),      0,    BIG              },
    {"run_yuan_per_kwh",   PF_NUMBER,    C(run_yuan_per_kwh),   0,    BIG              },
    {"kgco2_per_kwh",      PF_NUMBER,    C(kgco2_per_kwh),      0,    BIG              },
    {"on_now",             PF_FLAG,      C(on_now),             0,    1                },
    {"starts_max",         PF_INT,       C(starts_max),         -1,   PROBLEM_STEPS_MAX},
};

#define R(f) offsetof(struct problem_recipe, f)
static const struct pfield RECIPE_FIELDS[] = {
    {"name",     PF_NAME,          R(name),     0, 0               },
    {"cells",    PF_COUNT,         R(cells),    1, PROBLEM_POOL_MAX},
    {"step_s",   PF_NUMBER,        R(step_s),   1, BIG             },
    {"after_s",  PF_NUMBER,        R(after_s),  0, BIG             },
    {"draw_bus", PF_BUS,           R(draw_bus), 0, 0               },
    {"draw_kw",  PF_PROFILE,       R(draw_at),  0, BIG             },
    {"give_bus", PF_BUS_OR_NO,     R(give_bus), 0, 0               },
    {"give_kw",  PF_PROFILE_OR_NO, R(give_at),  0, BIG             },
};

#define M(f) offsetof(struct problem_machine, f)
static const struct pfield MACHINE_FIELDS[] = {
    {"name",        PF_NAME,      M(name),        0, 0  },
    {"free_from_s", PF_NUMBER,    M(free_from_s), 0, BIG},
    {"gap_s",       PF_NUMBER,    M(gap_s),       0, BIG},
    {"bus",         PF_BUS_OR_NO, M(bus),         0, 0  },
    {"state_now",   PF_STATE,     M(state_now),   0, 0  },
    {"since_s",     PF_NUMBER,    M(since_s),     0, BIG},
    {"heat_s",      PF_NUMBER,    M(heat_s),      0, BIG},
    {"heat_kw",     PF_NUMBER,    M(heat_kw),     0, BIG},
    {"heat_fires",  PF_FLAG,      M(heat_fires),  0, 1  },
    {"cool_s",      PF_NUMBER,    M(cool_s),      0, BIG},
    {"cool_kw",     PF_NUMBER,    M(cool_kw),     0, BIG},
    {"fire_cools",  PF_FLAG,      M(fire_cools),  0, 1  },
    {"hold_kw",     PF_NUMBER,    M(hold_kw),     0, BIG},
    {"cold_kw",     PF_NUMBER,    M(cold_kw),     0, BIG},
    {"cold_by_s",   PF_NUMBER,    M(cold_by_s),   0, BIG},
};

#define O(f) offsetof(struct problem_order, f)
static const struct pfield ORDER_FIELDS[] = {
    {"name",            PF_NAME,    O(name),            0,  0                },
    {"machine",         PF_MACHINE, O(machine),         0,  0                },
    {"recipe",          PF_RECIPE,  O(recipe),          0,  0                },
    {"earliest_step",   PF_INT,     O(earliest_step),   0,  PROBLEM_STEPS_MAX},
    {"latest_step",     PF_INT,     O(latest_step),     0,  PROBLEM_STEPS_MAX},
    {"start_ok",        PF_SERIES,  O(start_ok),        0,  1                },
    {"due_s",           PF_NUMBER,  O(due_s),           0,  BIG              },
    {"late_yuan_per_h", PF_NUMBER,  O(late_yuan_per_h), 0,  BIG              },
    {"skip_yuan",       PF_NUMBER,  O(skip_yuan),       0,  BIG              },
    {"started",         PF_FLAG,    O(started),         0,  1                },
    {"started_s",       PF_NUMBER,  O(started_s),       0,  BIG              },
    {"planned_step",    PF_INT,     O(planned_step),    -1, PROBLEM_STEPS_MAX},
    {"change_yuan",     PF_NUMBER,  O(change_yuan),     0,  BIG              },
};

#define J(f) offsetof(struct problem_job, f)
static const struct pfield JOB_FIELDS[] = {
    {"name",               PF_NAME,   J(name),               0,  0                },
    {"bus",                PF_BUS,    J(bus),                0,  0                },
    {"from_step",          PF_INT,    J(from_step),          0,  PROBLEM_STEPS_MAX},
    {"to_step",            PF_INT,    J(to_step),            0,  PROBLEM_STEPS_MAX},
    {"pauses_max",         PF_INT,    J(pauses_max),         -1, PROBLEM_STEPS_MAX},
    {"energy_kwh",         PF_NUMBER, J(energy_kwh),         0,  BIG              },
    {"draw_kw_max",        PF_SERIES, J(draw_kw_max),        0,  BIG              },
    {"draw_kw_min",        PF_NUMBER, J(draw_kw_min),        0,  BIG              },
    {"min_run_s",          PF_NUMBER, J(min_run_s),          0,  BIG              },
    {"short_yuan_per_kwh", PF_NUMBER, J(short_yuan_per_kwh), 0,  BIG              },
    {"on_now",             PF_FLAG,   J(on_now),             0,  1                },
    {"since_s",            PF_NUMBER, J(since_s),            0,  BIG              },
};

#define A(f) offsetof(struct problem_cap, f)
static const struct pfield CAP_FIELDS[] = {
    {"name",         PF_NAME,   A(name),         0,    0                },
    {"from_step",    PF_INT,    A(from_step),    0,    PROBLEM_STEPS_MAX},
    {"to_step",      PF_INT,    A(to_step),      0,    PROBLEM_STEPS_MAX},
    {"floor",        PF_FLAG,   A(floor),        0,    1                },
    {"kw",           PF_NUMBER, A(kw),           -BIG, BIG              },
    {"yuan_per_kwh", PF_NUMBER, A(yuan_per_kwh), 0,    BIG              },
};

#define D(f) offsetof(struct problem_reduction, f)
static const struct pfield REDUCTION_FIELDS[] = {
    {"name",                 PF_NAME,   D(name),                 0,    0                },
    {"from_step",            PF_INT,    D(from_step),            0,    PROBLEM_STEPS_MAX},
    {"to_step",              PF_INT,    D(to_step),              0,    PROBLEM_STEPS_MAX},
    {"baseline_kw",          PF_SERIES, D(baseline_kw),          -BIG, BIG              },
    {"paid_kw_max",          PF_NUMBER, D(paid_kw_max),          0,    BIG              },
    {"reward_yuan_per_kwh",  PF_NUMBER, D(reward_yuan_per_kwh),  0,    BIG              },
    {"promised_kw",          PF_NUMBER, D(promised_kw),          0,    BIG              },
    {"missing_yuan_per_kwh", PF_NUMBER, D(missing_yuan_per_kwh), 0,    BIG              },
};

#define I(f) offsetof(struct problem_limit, f)
static const struct pfield LIMIT_FIELDS[] = {
    {"name",         PF_NAME,    I(name),         0, 0  },
    {"draw_kw_max",  PF_SERIES,  I(draw_kw_max),  0, BIG},
    {"yuan_per_kwh", PF_NUMBER,  I(yuan_per_kwh), 0, BIG},
    {"members",      PF_MEMBERS, I(member),       0, 0  },
};

#define E(f) offsetof(struct problem_target, f)
static const struct pfield TARGET_FIELDS[] = {
    {"storage",        PF_STORAGE, E(storage),        0, 0                    },
    {"step",           PF_INT,     E(step),           0, PROBLEM_STEPS_MAX - 1},
    {"energy_kwh_min", PF_NUMBER,  E(energy_kwh_min), 0, BIG                  },
    {"yuan_per_kwh",   PF_NUMBER,  E(yuan_per_kwh),   0, BIG                  },
};

/* Defaults of a fresh element: those of problem_*_init() where there is one, else all 0. */
static void init_source(void *x)
{
    problem_source_init(x, "", 0);
}
static void init_load(void *x)
{
    problem_load_init(x, "", 0);
}
static void init_storage(void *x)
{
    problem_storage_init(x, "", 0, 0);
}
static void init_converter(void *x)
{
    problem_converter_init(x, "", 0);
}
static void init_order(void *x)
{
    problem_order_init(x, "", 0, 0);
}
static void init_job(void *x)
{
    problem_job_init(x, "", 0);
}
static void init_reduction(void *x)
{
    struct problem_reduction *r = x;
    *r = (struct problem_reduction){.baseline_kw = series_const(0)};
}
static void init_limit(void *x)
{
    struct problem_limit *l = x;
    *l = (struct problem_limit){.draw_kw_max = series_const(0)};
}
static void init_recipe(void *x)
{
    struct problem_recipe *r = x;
    *r = (struct problem_recipe){.draw_at = -1, .give_at = -1, .give_bus = -1};
}

static void init_machine(void *x)
{
    struct problem_machine *m = x;
    *m = (struct problem_machine){.bus = -1};
}

#define TABLE(KEY, NOUN, BOUND, INIT, FIELDS) \
    { \
        KEY, offsetof(struct problem, NOUN), sizeof(struct problem_##NOUN), \
            offsetof(struct problem, NOUN##_count), BOUND, INIT, FIELDS, ROWS(FIELDS) \
    }

const struct ptable PROBLEM_TABLES[] = {
    TABLE("buses", bus, PROBLEM_BUSES_MAX, NULL, BUS_FIELDS),
    TABLE("sources", source, PROBLEM_SOURCES_MAX, init_source, SOURCE_FIELDS),
    TABLE("loads", load, PROBLEM_LOADS_MAX, init_load, LOAD_FIELDS),
    TABLE("storages", storage, PROBLEM_STORAGES_MAX, init_storage, STORAGE_FIELDS),
    TABLE("converters", converter, PROBLEM_CONVERTERS_MAX, init_converter, CONVERTER_FIELDS),
    TABLE("machines", machine, PROBLEM_MACHINES_MAX, init_machine, MACHINE_FIELDS),
    TABLE("recipes", recipe, PROBLEM_RECIPES_MAX, init_recipe, RECIPE_FIELDS),
    TABLE("orders", order, PROBLEM_ORDERS_MAX, init_order, ORDER_FIELDS),
    TABLE("jobs", job, PROBLEM_JOBS_MAX, init_job, JOB_FIELDS),
    TABLE("caps", cap, PROBLEM_CAPS_MAX, NULL, CAP_FIELDS),
    TABLE("reductions", reduction, PROBLEM_REDUCTIONS_MAX, init_reduction, REDUCTION_FIELDS),
    TABLE("limits", limit, PROBLEM_LIMITS_MAX, init_limit, LIMIT_FIELDS),
    TABLE("targets", target, PROBLEM_TARGETS_MAX, NULL, TARGET_FIELDS),
};
const int PROBLEM_TABLE_COUNT = ROWS(PROBLEM_TABLES);
