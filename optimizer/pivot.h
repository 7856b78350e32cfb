/* Which columns of a matrix are independent: sparse LU, column by column, with row exchanges
 * (Gilbert, Peierls 1988). Lives in the plan role; memory from an arena. */
#ifndef KILNWATT_OPTIMIZER_PIVOT_H
#define KILNWATT_OPTIMIZER_PIVOT_H

#include "optimizer/matrix.h"

struct pivot {
    const struct matrix *m;
    struct arena *arena;
    const bool *left_out; /* rows that do not count */
    int *place;           /* per row: its pivot's number, or -1 */
    int count;            /* pivots so far */
    /* Columns of L by pivot, below its pivot; rows by their own numbers. */
    int *begin, *at_row, room;
    double *value;
    /* Scratch. */
    double *work;
    int *row_nz, *seen, stamp, *stack, *next, *reached;
};

/* m: finished, m->rows values in left_out; both stay the caller's. ERR_NOMEM. */
must_check enum err pivot_init(struct pivot *p, const struct matrix *m, const bool *left_out,
                               struct arena *a);
/* Takes a column if it is independent of those taken; *taken says so. ERR_NOMEM. */
must_check enum err pivot_add(struct pivot *p, int col, bool *taken);

#endif
