/* Primal-dual interior point for a linear programme in standard form: predictor and corrector
 * (Mehrotra 1992) on the normal equations. Lives in the plan role; memory from an arena. */
#ifndef KILNWATT_OPTIMIZER_IPM_H
#define KILNWATT_OPTIMIZER_IPM_H

#include "optimizer/standard.h"

struct ipm_limits {
    double seconds;  /* wall clock; 0: none */
    int iterations;  /* >= 0 */
    double accuracy; /* asked of both residuals and of the gap, relative: 1e-6 .. 1e-9 */
};

struct ipm_answer {
    bool converged;
    int iterations;
    double *x, *y; /* caller's: f->cols and f->rows values; the most accurate point seen */
};

struct ipm;

/* Analyses f, which stays the caller's. ERR_NOMEM; ERR_LIMIT when the factor would be too
 * large; ERR_STATE without rows. */
must_check enum err ipm_open(const struct standard *f, struct arena *a, struct ipm **out);
/* Minimises cost (f->cols values) from nothing. ERR_OK also when limits end it or it stalls;
 * then converged is false and x, y are as good as they got. ERR_NUMERIC when there is no point
 * at all. */
must_check enum err ipm_run(struct ipm *k, const double *cost, const struct ipm_limits *limits,
                            struct ipm_answer *out);

#endif
