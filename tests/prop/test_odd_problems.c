/* Random problems that nobody would wish to be asked: whatever they contradict, there is a
 * plan, the checker finds every broken wish listed in it, and search is no dearer than the
 * rules. And whatever number of a problem is not finite, it is refused by name. */
#include "optimizer/checker.h"
#include "optimizer/problem_fields.h"
#include "optimizer/rule.h"
#include "optimizer/solve.h"
#include "tests/support/random_problem.h"
#include "tests/support/tiny_problem.h"
#include "tests/unit/test_plant_near.h"
#include <math.h>
#include <string.h>

enum { PROBLEMS = 100 };

static struct problem p;
static struct plan plan, old;
static struct random_campaign run;

static int begin(void **state)
{
    (void)state;
    run.wrong = 0;
    return 0;
}

static void prove(int i, enum err e, const struct plan *pl, const char *whose)
{
    struct checker_fault why = {""};
    random_demand(&run, i, e == ERR_OK, whose);
    if (e == ERR_OK) {
        bool good = checker_check(&p, pl, &why) == ERR_OK;
        random_demand(&run, i, good, why.text);
    }
}

static void odd_problems_get_plans(void **state)
{
    (void)state;
    int broken = 0;
    for (int i = 0; i < run.problems; i++) {
        struct rng r = random_draw(&run, i, "odd", &p);
        random_oddities(&p, &r);
        prove(i, rule_plan(&p, &old), &old, "no plan by rules");
        prove(i, tiny_solve(&p, &plan), &plan, "no plan");
        bool dearer = plan.objective_yuan > old.objective_yuan + 1e-6;
        random_demand(&run, i, !dearer, "dearer than rules");
        random_demand(&run, i, isfinite(plan.objective_yuan), "no finite cost");
        broken += plan.breach_count > 0;
    }
    print_message("%d problems, wishes broken in %d\n", run.problems, broken);
    assert_true(broken > run.problems / 4);
    assert_int_equal(run.wrong, 0);
}

/* A field with numbers, drawn among those of grid and assets. */
static const struct pfield *draw_field(struct rng *r, void **element)
{
    int kinds = PROBLEM_TABLE_COUNT + 1;
    for (;;) {
        int k = (int)random_pick(r, 0, kinds);
        bool grid = k == PROBLEM_TABLE_COUNT;
        const struct ptable *t = &PROBLEM_TABLES[grid ? 0 : k];
        uint32_t n = grid ? 1 : *(const uint32_t *)(const void *)((const char *)&p + t->count);
        const struct pfield *f = grid ? PROBLEM_GRID_FIELDS : t->field;
        int fields = grid ? PROBLEM_GRID_FIELD_COUNT : t->field_count;
        if (n == 0) {
            continue;
        }
        uint32_t i = (uint32_t)random_pick(r, 0, n);
        *element = grid ? (char *)&p.grid : (char *)&p + t->array + i * t->size;
        f += (int)random_pick(r, 0, fields);
        if (f->type == PF_NUMBER || f->type == PF_SERIES) {
            return f;
        }
    }
}

static void numbers_that_are_none_are_refused(void **state)
{
    (void)state;
    const double none[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < run.problems; i++) {
        struct rng r = random_draw(&run, i, "odd", &p);
        struct problem_fault fault = {""};
        struct solve_limits l = {.work = 100};
        void *element = NULL;
        const struct pfield *f = draw_field(&r, &element);
        void *at = (char *)element + f->offset;
        double x = none[(int)random_pick(&r, 0, 3)];
        if (f->type == PF_NUMBER) {
            memcpy(at, &x, sizeof x);
        } else {
            struct series *s = at;
            *s = random_coin(&r, 0.5) ? series_const(1) : *s;
            double *value = s->at < 0 ? &s->value : &p.pool[s->at];
            *value = x;
        }
        bool refused = solve_problem(&p, NULL, &l, &plan, &fault) == ERR_NUMERIC;
        random_demand(&run, i, refused && strstr(fault.text, f->key), f->key);
    }
    assert_int_equal(run.wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(odd_problems_get_plans, begin),
        cmocka_unit_test_setup(numbers_that_are_none_are_refused, begin),
    };
    run = random_campaign(PROBLEMS);
    cmocka_set_test_filter(run.only);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
