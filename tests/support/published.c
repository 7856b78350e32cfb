/* The one rule of the tables of published numbers: see published.h. Pure. */
#include "tests/support/published.h"
#include <math.h>

bool published_holds(const struct published *p, double ours)
{
    double allowed = p->kind == PUBLISHED_PART ? p->tol * fabs(p->value) : p->tol;
    /* A decimal tolerance that is met exactly must not fail by a rounding of the last digit. */
    return fabs(ours - p->value) <= allowed * (1 + 1e-9);
}
