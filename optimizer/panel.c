/* Four rows at a time as one vector. The compiler makes a second copy of the loops for
 * processors whose registers hold one; both do the same operations in the same order. */
#include "optimizer/panel.h"
#include <math.h>
#include <stddef.h>

enum { WIDE = 4 };
/* Any alignment of doubles. */
typedef double wide __attribute__((vector_size(WIDE * sizeof(double)), aligned(8), may_alias));

#define ON_ALL_PROCESSORS __attribute__((target_clones("avx2", "default")))

/* What a pivot that is none becomes: its unknown comes out as 0. */
static const double DROPPED = 1e64;

/* One column of the product from row i on. */
static void product_one(const struct panel *p, int first, int j, double *out)
{
    int n = p->rows - first;
    for (int i = j; i < n; i++) {
        double sum = 0;
        for (int k = 0; k < p->cols; k++) {
            const double *c = p->x + first + (ptrdiff_t)k * p->rows;
            sum += c[i] * c[j];
        }
        out[i + (ptrdiff_t)j * n] = sum;
    }
}

/* The rows of four columns that do not fill a vector. */
static void product_rest(const struct panel *p, int first, const int at[2], double *out)
{
    int n = p->rows - first;
    for (int i = at[0]; i < n; i++) {
        double sum[WIDE] = {0};
        for (int k = 0; k < p->cols; k++) {
            const double *c = p->x + first + (ptrdiff_t)k * p->rows;
            for (int w = 0; w < WIDE; w++) {
                sum[w] += c[i] * c[at[1] + w];
            }
        }
        for (int w = 0; w < WIDE; w++) {
            out[i + (ptrdiff_t)(at[1] + w) * n] = sum[w];
        }
    }
}

ON_ALL_PROCESSORS
void panel_product(const struct panel *p, int first, int cols, double *out)
{
    int n = p->rows - first, j = 0;
    for (; j + WIDE <= cols; j += WIDE) {
        int i = j;
        for (; i + WIDE <= n; i += WIDE) {
            wide s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
            const double *c = p->x + first;
            for (int k = 0; k < p->cols; k++, c += p->rows) {
                wide v = *(const wide *)(c + i);
                s0 += v * c[j];
                s1 += v * c[j + 1];
                s2 += v * c[j + 2];
                s3 += v * c[j + 3];
            }
            double *to = out + i + (ptrdiff_t)j * n;
            *(wide *)to = s0;
            *(wide *)(to + n) = s1;
            *(wide *)(to + 2 * (ptrdiff_t)n) = s2;
            *(wide *)(to + 3 * (ptrdiff_t)n) = s3;
        }
        product_rest(p, first, (int[2]){i, j}, out);
    }
    for (; j < cols; j++) {
        product_one(p, first, j, out);
    }
}

/* to[i] -= the columns' values at i times f, of four columns `rows` apart. */
static inline void subtract_four(double *to, const double *from, int rows, int n,
                                 const double f[WIDE])
{
    int i = 0;
    const double *a = from, *b = a + rows, *c = b + rows, *d = c + rows;
    for (; i + WIDE <= n; i += WIDE) {
        *(wide *)(to + i) -= *(const wide *)(a + i) * f[0] + *(const wide *)(b + i) * f[1] +
                             *(const wide *)(c + i) * f[2] + *(const wide *)(d + i) * f[3];
    }
    for (; i < n; i++) {
        to[i] -= a[i] * f[0] + b[i] * f[1] + c[i] * f[2] + d[i] * f[3];
    }
}

static inline void subtract(double *to, const double *from, int n, double f)
{
    int i = 0;
    for (; i + WIDE <= n; i += WIDE) {
        *(wide *)(to + i) -= *(const wide *)(from + i) * f;
    }
    for (; i < n; i++) {
        to[i] -= from[i] * f;
    }
}

ON_ALL_PROCESSORS
void panel_factor(const struct panel *p, const double *least)
{
    for (int j = 0; j < p->cols; j++) {
        double *own = p->x + j + (ptrdiff_t)j * p->rows;
        const double *left = p->x + j; /* row j of the columns before */
        int n = p->rows - j, k = 0;
        for (; k + WIDE <= j; k += WIDE, left += WIDE * (ptrdiff_t)p->rows) {
            const double f[WIDE] = {left[0], left[p->rows], left[2 * (ptrdiff_t)p->rows],
                                    left[3 * (ptrdiff_t)p->rows]};
            subtract_four(own, left, p->rows, n, f);
        }
        for (; k < j; k++, left += p->rows) {
            subtract(own, left, n, left[0]);
        }
        double pivot = own[0] > least[j] ? sqrt(own[0]) : DROPPED, factor = 1 / pivot;
        own[0] = pivot;
        for (int i = 1; i < n; i++) {
            own[i] *= factor;
        }
    }
}

ON_ALL_PROCESSORS
void panel_forward(const struct panel *p, double *y)
{
    for (int j = 0; j < p->cols; j++) {
        const double *own = p->x + j + (ptrdiff_t)j * p->rows;
        y[j] /= own[0];
        subtract(y + j + 1, own + 1, p->rows - j - 1, y[j]);
    }
}

ON_ALL_PROCESSORS
void panel_backward(const struct panel *p, double *y)
{
    for (int j = p->cols - 1; j >= 0; j--) {
        const double *own = p->x + j + (ptrdiff_t)j * p->rows;
        int i = 1, n = p->rows - j;
        wide sum = {0};
        for (; i + WIDE <= n; i += WIDE) {
            sum += *(const wide *)(own + i) * *(const wide *)(y + j + i);
        }
        double all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
        for (; i < n; i++) {
            all += own[i] * y[j + i];
        }
        y[j] = (y[j] - all) / own[0];
    }
}
