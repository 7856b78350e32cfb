/* Cuts over windows of time: what units may give a bus that keeps it in stores. Over a window
 * the balances of a bus and the stocks of its stores add up to sum of X_i <= b + Y, X_i: what a
 * run of unit i gives in it, b: what is drawn for certain and what stores have room for, Y >=
 * 0: what else may take it (dump, export, other draws). A run that is started z_i times gives
 * at most M_i z_i; where those of a set C exceed b by e = sum of M_i - b > 0, sum of X_i <= b +
 * Y - sum of max(M_i - e, 0) (1 - z_i)      (i in C) (flow cover: Padberg, Van Roy, Wolsey,
 * Operations Research 33, 1985; the window is the path of Van Roy, Wolsey, Mathematical
 * Programming 35, 1986). Without it the relaxation starts the part of a unit that just fills
 * the store and pays that part of the start. Lives in the plan role; memory from an arena. */
#ifndef KILNWATT_OPTIMIZER_WINDOW_H
#define KILNWATT_OPTIMIZER_WINDOW_H

#include "optimizer/model.h"

enum { WINDOW_CUTS_MAX = 24 };

/* sum of value * column <= hi, over the model's columns. */
struct window_cut {
    int len, *col;
    double *value, hi;
};

struct window {
    const struct model *md;
    const double *lo, *hi; /* per column; a cut holds for what is within them */
    struct arena *arena;
    int *begin, *at;     /* the matrix by rows */
    double *coefficient; /* of at[] */
    int *order;          /* per column: 1 + order whose start it is, or 0 */
    int *unit;           /* per column: 1 + converter whose input or state it is, or 0 */
    double *sum;         /* per column: of the rows taken so far */
    int *touched, count;
    bool *seen;
};

/* md, lo and hi must outlive w. ERR_NOMEM. */
must_check enum err window_open(struct window *w, const struct model *md, const double *lo,
                                const double *hi, struct arena *a);
/* Cuts that x (md->m.cols values, a relaxation's) breaks, at most WINDOW_CUTS_MAX. ERR_NOMEM.
 */
must_check enum err window_find(struct window *w, const double *x, struct window_cut *out,
                                int *count);

#endif
