/* Behind the door to GLPK: what its files share. Nobody else includes it. */
#ifndef KILNWATT_OPTIMIZER_GLPK_HANDLE_H
#define KILNWATT_OPTIMIZER_GLPK_HANDLE_H

#include "optimizer/glpk_door.h"
#define GLP_UNDOC 1 /* the generator of rounding cuts, which glp_intopt() uses, too */
#include <glpk.h>

struct lp {
    glp_prob *prob;
    int cols, rows;
    int way; /* the first of ways[] to try: what the present basis is good for */
};

/* Seconds to GLPK's milliseconds; 0 = none. */
int lp_limit_ms(double seconds);
/* r->x from GLPK's values of columns. */
void lp_solution(const struct lp *k, struct lp_result *r, double (*get)(glp_prob *, int));

#endif
