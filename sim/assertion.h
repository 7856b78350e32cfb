/* Assertions over points in simulated time: what a scenario demands of a run. Pure: values come
 * in second by second, the verdict and the value that decided it go out. Used in scenarios; the
 * caller owns the state.
 *
 * Each has one condition, `value cmp limit`, a tolerance and a settling time:
 *
 *   always    holds in each second; broken for longer than the settling time fails
 *   never     the opposite: it may hold no longer than the settling time
 *   eventually  holds at some time, for the settling time
 *   within    the same, beginning at most time_s after the assertion's own beginning
 *   before    the same, beginning before the moment time_s
 *   for       holds without a break for at least time_s
 *   count     begins to hold (for the settling time) min to max times
 *
 * The tolerance is in favour of the run: `always x <= 5` within 0.1 lets 5.1 pass, `never x >
 * 5` takes offence above 5.1, `eventually x >= 5` is content with 4.9. `count` takes it as
 * hysteresis: it counts above the limit by it and starts anew below. */
#ifndef KILNWATT_SIM_ASSERTION_H
#define KILNWATT_SIM_ASSERTION_H

#include <stdbool.h>

enum assertion_op {
    ASSERT_ALWAYS,
    ASSERT_NEVER,
    ASSERT_EVENTUALLY,
    ASSERT_WITHIN,
    ASSERT_FOR,
    ASSERT_BEFORE,
    ASSERT_COUNT,
    ASSERT_OPS
};
/* Compared as numbers; EQUAL and OTHER as whole ones. */
enum compare { CMP_LE, CMP_GE, CMP_LT, CMP_GT, CMP_EQUAL, CMP_OTHER, CMP_COUNT };

struct assertion {
    enum assertion_op op;
    enum compare cmp;
    double limit, tolerance; /* of the value's unit, tolerance >= 0 */
    double settle_s;         /* >= 0 */
    double from_s, until_s;  /* looked at from then until then, simulated time */
    double time_s;           /* within, for: a duration; before: a moment */
    int count_min, count_max;
    /* state */
    int looked;    /* seconds in which it was looked at */
    double run_s;  /* the condition (always: its opposite) has held for so long */
    double run_at; /* since when */
    bool counted;  /* count: this run has been */
    int count;
    double best_s; /* for: longest run */
    bool decided, ok;
    double at_s;    /* when it was decided */
    double worst;   /* the value furthest on the wrong side so far, or the one that decided */
    double worst_s; /* when that was */
};

/* ASSERT_OPS, CMP_COUNT if unknown. */
enum assertion_op assertion_op_named(const char *word);
const char *assertion_op_name(enum assertion_op op);
enum compare compare_named(const char *word);
/* Without tolerance; false for NaN. */
bool compare_holds(enum compare c, double value, double limit);

/* Sets the state to that of a run that has not begun. */
void assertion_begin(struct assertion *a);
/* One second that ends at t_s with this value; NaN: there is none, it is not looked at and what
 * held has ended. */
void assertion_second(struct assertion *a, double t_s, double value);
/* The run is over: decides what is still open. An assertion that never was looked at fails. */
void assertion_end(struct assertion *a, double t_s);

#endif
