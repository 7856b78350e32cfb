/* GLPK's own branch and cut, with a callback that tells what it finds. Part of the door; malloc
 * only here (foreign library). */
#include "optimizer/glpk_handle.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What the callback needs to know and leaves behind. */
struct watch {
    const struct lp_search *s;
    const struct lp *k;
    struct lp_result *r;
    double bound;
    int it_before, nodes;
    bool given;     /* the start solution has been handed over */
    double *start1; /* the same, 1-based */
};

static double watch_work(const struct watch *w)
{
    return glp_get_it_cnt(w->k->prob) - w->it_before + (double)LP_NODE_WORK * w->nodes;
}

static void watch_tell(const struct watch *w, bool solved)
{
    struct lp_news n = {.bound = w->bound, .work = watch_work(w), .solved = solved};
    if (w->s->tell == NULL || w->s->presolve) {
        return;
    }
    if (solved) {
        n.objective = glp_mip_obj_val(w->k->prob);
        lp_solution(w->k, w->r, glp_mip_col_val);
    }
    w->s->tell(w->s->ctx, &n);
}

static void watch_node(glp_tree *tree, void *info)
{
    struct watch *w = info;
    int best = glp_ios_best_node(tree);
    if (best && glp_ios_node_bound(tree, best) > w->bound) {
        w->bound = glp_ios_node_bound(tree, best);
        watch_tell(w, false);
    }
    switch (glp_ios_reason(tree)) {
    case GLP_IHEUR:
        if (w->start1 && !w->given) {
            w->given = true;
            glp_ios_heur_sol(tree, w->start1);
        }
        break;
    case GLP_ISELECT: {
        w->nodes++;
        bool spent = w->s->budget.work > 0 && watch_work(w) > w->s->budget.work;
        if (spent || w->bound >= w->s->cutoff) {
            glp_ios_terminate(tree);
        }
        break;
    }
    case GLP_IBINGO:
        watch_tell(w, true);
        break;
    default:
        break;
    }
}

static void search_params(glp_iocp *how, const struct lp_search *s, struct watch *w)
{
    glp_init_iocp(how);
    how->msg_lev = GLP_MSG_OFF;
    how->br_tech = GLP_BR_DTH;
    how->bt_tech = s->deep ? GLP_BT_DFS : GLP_BT_BLB;
    how->mip_gap = s->gap_pu;
    how->tm_lim = lp_limit_ms(s->budget.seconds);
    how->presolve = s->presolve ? GLP_ON : GLP_OFF;
    how->mir_cuts = s->cuts ? GLP_ON : GLP_OFF;
    how->cb_func = watch_node;
    how->cb_info = w;
}

enum err lp_search(struct lp *k, const struct lp_search *s, struct lp_result *r)
{
    struct watch w = {
        .s = s, .k = k, .r = r, .bound = -HUGE_VAL, .it_before = glp_get_it_cnt(k->prob)};
    if (s->start && !s->presolve) {
        w.start1 = calloc((size_t)k->cols + 1, sizeof *w.start1);
        if (!w.start1) {
            return ERR_NOMEM;
        }
        memcpy(w.start1 + 1, s->start, (size_t)k->cols * sizeof *w.start1);
    }
    glp_iocp how;
    search_params(&how, s, &w);
    int code = glp_intopt(k->prob, &how), status = glp_mip_status(k->prob);
    free(w.start1);
    r->work = watch_work(&w);
    r->bound = w.bound;
    r->answer = LP_NONE;
    if (code == GLP_ENOPFS || (code == 0 && status == GLP_NOFEAS)) {
        r->answer = LP_INFEASIBLE;
        return ERR_OK;
    }
    if (status == GLP_OPT || status == GLP_FEAS) {
        bool proven = code == 0 || code == GLP_EMIPGAP;
        r->answer = proven ? LP_OPTIMAL : LP_FEASIBLE;
        r->objective = glp_mip_obj_val(k->prob);
        r->bound = code == 0 ? r->objective : fmin(w.bound, r->objective);
        lp_solution(k, r, glp_mip_col_val);
        return ERR_OK;
    }
    bool limit = code == 0 || code == GLP_ETMLIM || code == GLP_ESTOP || code == GLP_EMIPGAP;
    return limit ? ERR_OK : ERR_NUMERIC;
}
