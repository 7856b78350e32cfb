/* One table per kind of asset: every field of the problem with its key, type, place and bounds.
 * Drives validation, the JSON reader and writer, and the JSON Schema. Constant data. */
#ifndef KILNWATT_OPTIMIZER_PROBLEM_FIELDS_H
#define KILNWATT_OPTIMIZER_PROBLEM_FIELDS_H

#include "optimizer/problem.h"

enum pfield_type {
    PF_NAME,      /* char[PROBLEM_NAME_LEN] */
    PF_NUMBER,    /* double */
    PF_INT,       /* int32_t */
    PF_COUNT,     /* uint32_t */
    PF_FLAG,      /* uint32_t, 0 or 1 */
    PF_SERIES,    /* struct series */
    PF_FIRST,     /* int32_t, enum goal_first */
    PF_BUS_KIND,  /* int32_t, enum bus_kind */
    PF_STATE,     /* int32_t, enum machine_state */
    PF_BUS,       /* int32_t index of a bus */
    PF_BUS_OR_NO, /* the same or -1 */
    PF_MACHINE,   /* int32_t index */
    PF_RECIPE,
    PF_STORAGE,
    PF_PROFILE, /* int32_t pool offset of the recipe's `cells` values */
    PF_PROFILE_OR_NO,
    PF_MEMBERS /* a limit's members */
};

struct pfield {
    const char *key;
    enum pfield_type type;
    size_t offset;
    double min, max; /* of numbers and of each value of a series */
};

struct ptable {
    const char *key;             /* "sources": in JSON and in messages */
    size_t array, size;          /* offset of the array in struct problem, size of an element */
    size_t count;                /* offset of its uint32_t count */
    uint32_t max;                /* bound on the count */
    void (*init)(void *element); /* defaults */
    const struct pfield *field;
    int field_count;
};

/* Top-level scalars of struct problem. */
extern const struct pfield PROBLEM_HEAD_FIELDS[];
extern const int PROBLEM_HEAD_FIELD_COUNT;
/* Fields of struct problem_goal (offsets from the goal). */
extern const struct pfield PROBLEM_GOAL_FIELDS[];
extern const int PROBLEM_GOAL_FIELD_COUNT;
/* Fields of struct problem_grid (offsets from the grid). */
extern const struct pfield PROBLEM_GRID_FIELDS[];
extern const int PROBLEM_GRID_FIELD_COUNT;
/* All arrays, in an order in which references point backwards (buses first). */
extern const struct ptable PROBLEM_TABLES[];
extern const int PROBLEM_TABLE_COUNT;

/* Name of a bus kind ("electricity"), of a member kind ("storage"), of a state ("cold"),
 * of what comes first ("cost"). */
extern const char *const PROBLEM_GOALS[GOAL_FIRST_COUNT];
extern const char *const PROBLEM_BUS_KINDS[BUS_KIND_COUNT];
extern const char *const PROBLEM_MEMBER_KINDS[MEMBER_KIND_COUNT];
extern const char *const PROBLEM_MACHINE_STATES[MACHINE_STATE_COUNT];

/* The words that a field of an enum's type may hold, by value; none for other types. */
struct pwords {
    const char *const *word;
    int count;
};
struct pwords problem_words(enum pfield_type type);

#endif
