/* The day's least and greatest price against a look at each of its quarter hours, for midnights
 * before, in and behind the table. */
#include "controller/park/prices.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void day_is_its_quarters(void **state)
{
    struct prices p = {.from = {1752422400000}};
    (void)state;
    for (int i = 0; i < PRICES_STEPS; i++) {
        p.import_yuan_per_kwh[i] = 0.5 + 0.001 * ((i * 37) % 101) - (i == 200 ? 1 : 0);
    }
    for (int hours = -80; hours <= 160; hours++) {
        wall_t midnight = wall_add_s(p.from, hours * 3600.0 + (hours % 3) * 60);
        double least, most, low = INFINITY, high = -INFINITY;
        prices_day(&p, midnight, &least, &most);
        for (int i = 0; i < 96; i++) {
            double price = prices_import(&p, wall_add_s(midnight, i * (double)PRICES_STEP_S));
            low = fmin(low, price);
            high = fmax(high, price);
        }
        assert_true(least == low && most == high);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(day_is_its_quarters)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
