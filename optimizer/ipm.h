/* Primal-dual interior point for a linear programme in standard form: predictor and corrector
 * (Mehrotra 1992) on the normal equations. Lives in the plan role; memory from an arena. */
#ifndef KILNWATT_OPTIMIZER_IPM_H
#define KILNWATT_OPTIMIZER_IPM_H

#include "optimizer/standard.h"

struct ipm_limits {
    double seconds;  /* wall clock; 0: none */
    int iterations;  /* > 0 */
    double accuracy; /* asked of both residuals and of the gap, relative: 1e-6 .. 1e-9 */
};

struct ipm_answer {
    bool converged;
    int iterations;
    double *x, *y; /* caller's: f->cols and f->rows values; the most accurate point seen */
};

/* ERR_OK also when limits end it or it stalls; then converged is false and x, y are as good as
 * they got. ERR_NOMEM; ERR_LIMIT when the factor would be too large; ERR_NUMERIC when there is
 * no point at all. */
must_check enum err ipm_solve(const struct standard *f, const struct ipm_limits *limits,
                              struct arena *a, struct ipm_answer *out);

#endif
