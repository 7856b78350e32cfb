/* Plants against published numbers: prints the table and exits 1 if a row is out of its
 * tolerance. The verdicts are TAP, so `make test` counts every row. */
#include "tests/support/published.h"
#include <math.h>
#include <stdio.h>

static void print_row(const struct published *p, double ours, bool holds)
{
    char value[32], tol[32];
    if (p->kind == PUBLISHED_BAND) {
        snprintf(value, sizeof value, "%.5g..%.5g", p->value - p->tol, p->value + p->tol);
        snprintf(tol, sizeof tol, "inside");
    } else {
        bool part = p->kind == PUBLISHED_PART;
        snprintf(value, sizeof value, "%.7g", p->value);
        snprintf(tol, sizeof tol, "%.4g%s", part ? 100 * p->tol : p->tol, part ? " %" : "");
    }
    printf("%-6s %-50s %14s %11.7g %8s  %-8s %s\n", holds ? "ok" : "not ok", p->what, value,
           ours, tol, p->unit, p->source);
}

static int print_table(const struct published_table *t)
{
    int missed = 0;
    printf("# %-48s %15s %11s %8s  %-8s %s\n", t->title, "published", "ours", "within", "unit",
           "source");
    for (int i = 0; i < t->rows; i++) {
        double ours = t->row[i].ours(t->row[i].a);
        bool holds = published_holds(&t->row[i], ours);
        print_row(&t->row[i], ours, holds);
        missed += !holds;
    }
    return missed;
}

/* The judge must be able to say no. */
static bool judge_judges(void)
{
    const struct published near = {.kind = PUBLISHED_NEAR, .value = -2, .tol = 0.5};
    const struct published part = {.kind = PUBLISHED_PART, .value = -200, .tol = 0.01};
    return published_holds(&near, -2.5) && !published_holds(&near, -2.51) &&
           published_holds(&part, -202) && !published_holds(&part, -197.9) &&
           !published_holds(&near, NAN) && !published_holds(&part, 200);
}

int main(void)
{
    const struct published_table *tables[] = {&published_sky,   &published_weather,
                                              &published_power, &published_heat,
                                              &published_cold,  &published_work};
    int rows = 0, missed = 0;
    for (int i = 0; i < (int)(sizeof tables / sizeof tables[0]); i++) {
        missed += print_table(tables[i]);
        rows += tables[i]->rows;
    }
    printf("%s the table's judge\n", judge_judges() ? "ok" : "not ok");
    printf("# %d published numbers, %d out of tolerance\n", rows, missed);
    return missed > 0 || !judge_judges();
}
