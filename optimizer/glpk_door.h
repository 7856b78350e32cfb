/* The door to GLPK: the only file that includes its header. One LP object per handle; numbers
 * in, numbers out. Runs in the plan role and in the command line's child. An internal error of
 * GLPK aborts the process (see guard.h): callers keep it away from anything that must live. */
#ifndef KILNWATT_OPTIMIZER_GLPK_DOOR_H
#define KILNWATT_OPTIMIZER_GLPK_DOOR_H

#include "optimizer/matrix.h"

struct lp;

/* What one call may spend; 0: no bound. */
struct lp_budget {
    double seconds;
    double work; /* simplex iterations + LP_NODE_WORK per node */
};
enum { LP_NODE_WORK = 20 };

enum lp_answer {
    LP_OPTIMAL,    /* proven within the asked gap (relaxation: optimal) */
    LP_FEASIBLE,   /* an integer solution, not proven */
    LP_NONE,       /* nothing found before the budget ended or the cut-off was proven */
    LP_INFEASIBLE, /* proven: no solution (better than the cut-off) */
};

struct lp_result {
    enum lp_answer answer;
    double objective; /* of x, when there is one */
    double bound;     /* proven lower bound; -HUGE_VAL: none */
    double work;      /* spent by this call */
    double *x;        /* caller's, `cols` values; written when there is a solution */
};

/* Told while lp_search() runs: a better bound, or (solved) a better solution too. */
struct lp_news {
    double bound, work; /* proven; spent so far by this call */
    bool solved;        /* a solution is in the result's x, its cost in objective */
    double objective;
};

struct lp_search {
    struct lp_budget budget;
    double gap_pu;       /* stop at this gap */
    double cutoff;       /* stop when no solution below it exists; HUGE_VAL: none */
    const double *start; /* a feasible solution, or NULL */
    bool presolve; /* GLPK's presolver: for problems with many fixed columns; start is unused */
    bool cuts;     /* mixed-integer rounding cuts at the root */
    bool deep;     /* depth first: a solution soon rather than a bound */
    void (*tell)(void *ctx, const struct lp_news *n); /* or NULL; unused with presolve */
    void *ctx;
};

/* Where a row's activity or a column stands; LP_LOOSE: no bounds, not basic. */
enum lp_status { LP_BASIC, LP_AT_LO, LP_AT_HI, LP_LOOSE, LP_FIXED, LP_STATUS_COUNT };

struct lp_basis {
    enum lp_status *row, *col; /* caller's: one per row and column */
};

/* Loads a finished matrix. ERR_NOMEM. The memory limit is in MiB. */
must_check enum err lp_open(const struct matrix *m, int memory_mib, struct lp **out);
void lp_close(struct lp *k);
/* Narrows or widens a column; equal bounds fix it. */
void lp_bound(struct lp *k, int col, double lo, double hi);
/* Lets a handle of the same matrix start from another's basis. */
void lp_basis_copy(struct lp *to, const struct lp *from);
/* A basis by hand: rows of them basic, the others at a bound. The primal simplex method starts
 * from it; one that GLPK finds singular is given up for GLPK's own. */
void lp_basis_load(struct lp *k, const struct lp_basis *b);
/* LP relaxation from the present basis. ERR_NUMERIC when GLPK gives up. bound: the
 * objective less what wrong duals may hide. */
must_check enum err lp_relax(struct lp *k, const struct lp_budget *b, struct lp_result *r);
/* The dual simplex from a basis that was optimal under other bounds; ends as soon as the cost
 * cannot stay below the cut-off (LP_INFEASIBLE, bound = cut-off; no solution at all: HUGE_VAL).
 * LP_NONE: limits ended it; bound holds as far as it got. r->x may be NULL. ERR_NUMERIC. */
must_check enum err lp_again(struct lp *k, const struct lp_budget *b, double cutoff,
                             struct lp_result *r);
/* After lp_relax() or lp_again() found an optimum: adds rows that it breaks and no integer
 * solution does (mixed-integer rounding: Marchand, Wolsey 2001). ERR_NOMEM. */
must_check enum err lp_cut(struct lp *k, int *added);
/* Adds the row sum of value[] * col[] <= hi, its own variable basic. ERR_NOMEM. */
must_check enum err lp_add(struct lp *k, int len, const int *col, const double *value,
                           double hi);
/* Takes away those rows after the first `keep` that do not bind. ERR_NOMEM. */
must_check enum err lp_uncut(struct lp *k, int keep);
/* Appends a row without bounds, basic: what `count` columns, each once, come to. ERR_NOMEM. */
must_check enum err lp_sum(struct lp *k, const int *col, int count);
/* Narrows or widens a row. */
void lp_row_bound(struct lp *k, int row, double lo, double hi);
/* Activity of a row in the present basis. */
double lp_row_value(const struct lp *k, int row);
/* The basis as bytes, and back; sizes change with cuts. */
size_t lp_basis_bytes(const struct lp *k);
void lp_basis_save(const struct lp *k, unsigned char *to);
void lp_basis_restore(struct lp *k, const unsigned char *from);
/* Branch and cut. ERR_NUMERIC when GLPK gives up. r->x is only written with a solution. */
must_check enum err lp_search(struct lp *k, const struct lp_search *s, struct lp_result *r);
/* Duals after lp_relax(): of a row, reduced cost of a column. */
double lp_row_dual(const struct lp *k, int row);
double lp_col_dual(const struct lp *k, int col);
/* Writes free MPS. ERR_IO. */
must_check enum err lp_write_mps(struct lp *k, const char *path);
/* Writes CPLEX LP format. ERR_IO. */
must_check enum err lp_write_lp(struct lp *k, const char *path);

#endif
