/* GLPK behind plain arrays. Owns the glp_prob of each handle; malloc only here (foreign
 * library). */
#include "controller/base/clock.h"
#include "optimizer/glpk_handle.h"
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* First entries of ways[] by the basis at hand. */
enum { WAY_LOADED, WAY_WARM, WAY_COLD };

/* Tableau entries that are rounding; how far beyond rounding "none" has to be, of the largest
 * term. */
static const double TINY = 1e-9, NONE_PU = 1e-8;
/* Iterations that a warm dual simplex may take, per row and beyond. */
static const double AGAIN_PU = 0.5, AGAIN_MORE = 500;

static int bound_type(double lo, double hi)
{
    if (isinf(lo)) {
        return isinf(hi) ? GLP_FR : GLP_UP;
    }
    if (isinf(hi)) {
        return GLP_LO;
    }
    return lo == hi ? GLP_FX : GLP_DB;
}

/* Triplets with GLPK's 1-based indices. */
static enum err load(glp_prob *prob, const struct matrix *m)
{
    size_t n = (size_t)m->nz + 1;
    int *row = calloc(n, sizeof *row), *col = calloc(n, sizeof *col);
    double *value = calloc(n, sizeof *value);
    enum err e = row && col && value ? ERR_OK : ERR_NOMEM;
    if (e == ERR_OK) {
        for (int i = 0; i < m->nz; i++) {
            row[i + 1] = m->at_row[i] + 1;
            col[i + 1] = m->at_col[i] + 1;
            value[i + 1] = m->value[i];
        }
        glp_load_matrix(prob, m->nz, row, col, value);
    }
    free(row);
    free(col);
    free(value);
    return e;
}

enum err lp_open(const struct matrix *m, int memory_mib, struct lp **out)
{
    struct lp *k = calloc(1, sizeof *k);
    if (!k) {
        return ERR_NOMEM;
    }
    glp_term_out(GLP_OFF);
    glp_mem_limit(memory_mib);
    k->prob = glp_create_prob();
    k->cols = m->cols;
    k->rows = m->rows;
    k->way = WAY_COLD;
    glp_set_obj_dir(k->prob, GLP_MIN);
    glp_set_obj_coef(k->prob, 0, m->offset);
    glp_add_rows(k->prob, m->rows);
    glp_add_cols(k->prob, m->cols);
    for (int r = 0; r < m->rows; r++) {
        glp_set_row_bnds(k->prob, r + 1, bound_type(m->row_lo[r], m->row_hi[r]), m->row_lo[r],
                         m->row_hi[r]);
    }
    for (int c = 0; c < m->cols; c++) {
        glp_set_col_kind(k->prob, c + 1, m->integer[c] ? GLP_IV : GLP_CV);
        lp_bound(k, c, m->col_lo[c], m->col_hi[c]);
        glp_set_obj_coef(k->prob, c + 1, m->cost[c]);
    }
    enum err e = load(k->prob, m);
    if (e != ERR_OK) {
        lp_close(k);
        return e;
    }
    /* Not GLP_SF_GM: it gave blocks that hang together loosely factors of 2^-25, under which
     * duals of hundreds pass as 0 and optima are none. */
    glp_scale_prob(k->prob, GLP_SF_EQ | GLP_SF_2N);
    glp_adv_basis(k->prob, 0);
    *out = k;
    return ERR_OK;
}

void lp_close(struct lp *k)
{
    if (k) {
        glp_delete_prob(k->prob);
        free(k);
    }
}

void lp_bound(struct lp *k, int col, double lo, double hi)
{
    glp_set_col_bnds(k->prob, col + 1, bound_type(lo, hi), lo, hi);
}

void lp_row_bound(struct lp *k, int row, double lo, double hi)
{
    glp_set_row_bnds(k->prob, row + 1, bound_type(lo, hi), lo, hi);
}

double lp_row_value(const struct lp *k, int row)
{
    return glp_get_row_prim(k->prob, row + 1);
}

void lp_basis_copy(struct lp *to, const struct lp *from)
{
    for (int r = 1; r <= to->rows; r++) {
        glp_set_row_stat(to->prob, r, glp_get_row_stat(from->prob, r));
    }
    for (int c = 1; c <= to->cols; c++) {
        glp_set_col_stat(to->prob, c, glp_get_col_stat(from->prob, c));
    }
    to->way = from->way;
}

void lp_basis_load(struct lp *k, const struct lp_basis *b)
{
    static const int of[LP_STATUS_COUNT] = {GLP_BS, GLP_NL, GLP_NU, GLP_NF, GLP_NS};
    for (int r = 0; r < k->rows; r++) {
        glp_set_row_stat(k->prob, r + 1, of[b->row[r]]);
    }
    for (int c = 0; c < k->cols; c++) {
        glp_set_col_stat(k->prob, c + 1, of[b->col[c]]);
    }
    k->way = WAY_LOADED;
}

int lp_limit_ms(double seconds)
{
    double ms = seconds * 1000;
    return seconds <= 0 || ms > 1e9 ? INT32_MAX : (int)ms + 1;
}

void lp_solution(const struct lp *k, struct lp_result *r, double (*get)(glp_prob *, int))
{
    for (int c = 0; c < k->cols; c++) {
        r->x[c] = get(k->prob, c + 1);
    }
}

/* One way to solve a relaxation: GLPK's simplex has no cure for cycling, so a way that takes
 * too long is left for another. */
struct way {
    int method, presolve, ratio_test;
    void (*begin)(glp_prob *); /* basis to start from; NULL: the present one */
    double rows_pu;            /* iterations allowed per row; 0: no bound of its own */
};

static void advanced_basis(glp_prob *prob)
{
    glp_adv_basis(prob, 0);
}

/* Harris's test keeps the primal method from walking in circles through a loaded basis. */
static const struct way ways[] = {
    {GLP_PRIMAL, GLP_OFF, GLP_RT_HAR,  NULL,           0.5 },
    {GLP_DUALP,  GLP_OFF, GLP_RT_FLIP, NULL,           0.2 },
    {GLP_DUALP,  GLP_ON,  GLP_RT_FLIP, glp_std_basis,  0.35},
    {GLP_PRIMAL, GLP_OFF, GLP_RT_FLIP, advanced_basis, 1.2 },
    {GLP_DUALP,  GLP_OFF, GLP_RT_FLIP, glp_std_basis,  1.2 },
    {GLP_PRIMAL, GLP_ON,  GLP_RT_FLIP, advanced_basis, 0   },
};

/* "No solution" from a loaded basis is not believed: the primal method, close to singular
 * there, has said so of programmes that have one. */
static bool settled(const struct lp *k, size_t way, int code)
{
    int status = glp_get_status(k->prob);
    bool none = (code == 0 && status == GLP_NOFEAS) || code == GLP_ENOPFS;
    return (code == 0 && status == GLP_OPT) || (none && way != WAY_LOADED);
}

/* Way after way until one settles it or the budget is spent. Returns GLPK's last code. */
static int simplex(struct lp *k, const struct lp_budget *b)
{
    struct clock clock;
    glp_smcp how;
    int before = glp_get_it_cnt(k->prob), code = GLP_EITLIM;
    clock_init_live(&clock);
    mono_t begin = clock_mono(&clock);
    for (size_t i = (size_t)k->way; i < sizeof ways / sizeof ways[0]; i++) {
        double s = mono_s(mono_sub(clock_mono(&clock), begin));
        double most = b->work > 0 ? b->work - (glp_get_it_cnt(k->prob) - before) : 1e9;
        if ((b->seconds > 0 && s >= b->seconds) || most <= 0) {
            return b->seconds > 0 && s >= b->seconds ? GLP_ETMLIM : GLP_EITLIM;
        }
        double own = ways[i].rows_pu > 0 ? ways[i].rows_pu * k->rows + 500 : 1e9;
        glp_init_smcp(&how);
        how.msg_lev = GLP_MSG_OFF;
        how.meth = ways[i].method;
        how.presolve = ways[i].presolve;
        how.r_test = ways[i].ratio_test;
        how.tm_lim = lp_limit_ms(b->seconds > 0 ? b->seconds - s : 0);
        how.it_lim = (int)fmin(fmin(most, own) + 1, 1e9);
        if (ways[i].begin != NULL) {
            ways[i].begin(k->prob);
        }
        code = glp_simplex(k->prob, &how);
        if (code == 0 && how.presolve == GLP_ON) {
            /* the presolver scales in GLP_SF_GM's way: once more in ours */
            how.presolve = GLP_OFF;
            how.meth = GLP_PRIMAL;
            how.r_test = GLP_RT_HAR;
            code = glp_simplex(k->prob, &how);
        }
        if (settled(k, i, code)) {
            return code;
        }
    }
    return code;
}

/* What a row or column with two bounds may cost because it stands at the wrong one. */
static double wrong_yuan(int status, double dual, double lo, double hi)
{
    bool wrong = (status == GLP_NL && dual < 0) || (status == GLP_NU && dual > 0);
    bool boxed = lo > -DBL_MAX && hi < DBL_MAX; /* GLPK's words for no bound */
    return wrong && boxed ? fabs(dual) * (hi - lo) : 0;
}

/* How far the objective may lie above the optimum: GLPK's tolerance is one for scaled duals,
 * and a wrong bound of a wide or badly scaled column may be worth something all the same. */
static double flaw_yuan(const struct lp *k)
{
    double sum = 0;
    for (int r = 1; r <= k->rows; r++) {
        sum += wrong_yuan(glp_get_row_stat(k->prob, r), glp_get_row_dual(k->prob, r),
                          glp_get_row_lb(k->prob, r), glp_get_row_ub(k->prob, r));
    }
    for (int c = 1; c <= k->cols; c++) {
        sum += wrong_yuan(glp_get_col_stat(k->prob, c), glp_get_col_dual(k->prob, c),
                          glp_get_col_lb(k->prob, c), glp_get_col_ub(k->prob, c));
    }
    return sum;
}

enum err lp_relax(struct lp *k, const struct lp_budget *b, struct lp_result *r)
{
    int before = glp_get_it_cnt(k->prob), code = simplex(k, b);
    r->work = glp_get_it_cnt(k->prob) - before;
    r->bound = -HUGE_VAL;
    r->answer = LP_NONE;
    int status = glp_get_status(k->prob);
    if (code == 0 && status == GLP_OPT) {
        k->way = WAY_WARM;
        r->answer = LP_OPTIMAL;
        r->objective = glp_get_obj_val(k->prob);
        r->bound = r->objective - flaw_yuan(k);
        lp_solution(k, r, glp_get_col_prim);
        return ERR_OK;
    }
    bool none = status == GLP_NOFEAS || glp_get_dual_stat(k->prob) == GLP_NOFEAS;
    if (code == GLP_ENOPFS || code == GLP_ENODFS || (code == 0 && none)) {
        r->answer = LP_INFEASIBLE;
        return ERR_OK;
    }
    return code == GLP_ETMLIM || code == GLP_EITLIM ? ERR_OK : ERR_NUMERIC;
}

/* What a variable, or a sum of them, may be; size: of its largest finite part. */
struct span {
    double lo, hi, size;
};

/* By GLPK's numbers: rows first, then columns; its words for no bound become infinite. */
static struct span span_of(const struct lp *k, int at)
{
    int rows = glp_get_num_rows(k->prob);
    double lo = at <= rows ? glp_get_row_lb(k->prob, at) : glp_get_col_lb(k->prob, at - rows);
    double hi = at <= rows ? glp_get_row_ub(k->prob, at) : glp_get_col_ub(k->prob, at - rows);
    return (struct span){lo <= -DBL_MAX ? -HUGE_VAL : lo, hi >= DBL_MAX ? HUGE_VAL : hi, 0};
}

static void span_add(struct span *to, struct span x, double factor)
{
    if (fabs(factor) < TINY) {
        return;
    }
    double lo = factor > 0 ? factor * x.lo : factor * x.hi;
    double hi = factor > 0 ? factor * x.hi : factor * x.lo;
    to->lo += lo;
    to->hi += hi;
    to->size = fmax(to->size, fmax(isfinite(lo) ? fabs(lo) : 0, isfinite(hi) ? fabs(hi) : 0));
}

/* Where the dual simplex found no solution: the row of its tableau that cannot reach its bound,
 * whatever the others do within theirs, says so again; true if it does beyond rounding. */
static bool surely_none(struct lp *k)
{
    int rows = glp_get_num_rows(k->prob), at = glp_get_unbnd_ray(k->prob);
    if (at == 0 || !glp_bf_exists(k->prob)) {
        return false;
    }
    int *index = calloc((size_t)(k->rows + k->cols) + 1, sizeof *index);
    double *value = calloc((size_t)(k->rows + k->cols) + 1, sizeof *value);
    bool sure = false;
    if (index && value &&
        (at <= rows ? glp_get_row_stat(k->prob, at) : glp_get_col_stat(k->prob, at - rows)) ==
            GLP_BS) {
        struct span all = {0, 0, 0};
        int n = glp_eval_tab_row(k->prob, at, index, value);
        for (int i = 1; i <= n; i++) {
            span_add(&all, span_of(k, index[i]), value[i]);
        }
        struct span own = span_of(k, at);
        double slack = NONE_PU * fmax(1, all.size);
        sure = all.hi < own.lo - slack || all.lo > own.hi + slack;
    }
    free(index);
    free(value);
    return sure;
}

/* What GLPK's dual simplex leaves, by its code. */
static enum err again_answer(struct lp *k, int code, double cutoff, struct lp_result *r)
{
    int status = glp_get_status(k->prob);
    r->answer = LP_NONE;
    r->objective = glp_get_obj_val(k->prob);
    r->bound = -HUGE_VAL;
    if (code == 0 && status == GLP_NOFEAS && !surely_none(k)) {
        return ERR_NUMERIC;
    }
    if (code == GLP_EOBJUL || (code == 0 && status == GLP_NOFEAS)) {
        r->answer = LP_INFEASIBLE;
        r->bound = code == 0 ? HUGE_VAL : cutoff;
        return ERR_OK;
    }
    if (glp_get_dual_stat(k->prob) == GLP_FEAS) {
        r->bound = r->objective - flaw_yuan(k);
    }
    if (code == 0 && status == GLP_OPT) {
        r->answer = LP_OPTIMAL;
        if (r->x) {
            lp_solution(k, r, glp_get_col_prim);
        }
        return ERR_OK;
    }
    return code == GLP_EITLIM || code == GLP_ETMLIM ? ERR_OK : ERR_NUMERIC;
}

enum err lp_again(struct lp *k, const struct lp_budget *b, double cutoff, struct lp_result *r)
{
    glp_smcp how;
    int before = glp_get_it_cnt(k->prob);
    double own = AGAIN_PU * k->rows + AGAIN_MORE;
    glp_init_smcp(&how);
    how.msg_lev = GLP_MSG_OFF;
    how.meth = GLP_DUALP;
    how.r_test = GLP_RT_FLIP;
    how.tm_lim = lp_limit_ms(b->seconds);
    how.it_lim = (int)(b->work > 0 ? fmin(b->work, own) : own) + 1;
    how.obj_ul = isinf(cutoff) ? DBL_MAX : cutoff;
    int code = glp_simplex(k->prob, &how);
    r->work = glp_get_it_cnt(k->prob) - before;
    return again_answer(k, code, cutoff, r);
}

double lp_row_dual(const struct lp *k, int row)
{
    return glp_get_row_dual(k->prob, row + 1);
}

double lp_col_dual(const struct lp *k, int col)
{
    return glp_get_col_dual(k->prob, col + 1);
}

enum err lp_write_mps(struct lp *k, const char *path)
{
    return glp_write_mps(k->prob, GLP_MPS_FILE, NULL, path) ? ERR_IO : ERR_OK;
}

enum err lp_write_lp(struct lp *k, const char *path)
{
    return glp_write_lp(k->prob, NULL, path) ? ERR_IO : ERR_OK;
}
