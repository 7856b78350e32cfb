/* Every profile in etc/devices: it loads, serves all kinds that it names, its golden vectors
 * decode to the readings that they state, and what it decodes it can encode again. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/profile.h"
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct rating rated = {.rated_kw = 1000, .rated_heat_kw = 1000};

static const struct profile_point *point_of(const struct profile *f, int row)
{
    for (int i = 0; i < f->points; i++) {
        if (f->point[i].row == row) {
            return &f->point[i];
        }
    }
    fail();
    return NULL;
}

static void check_vector(const struct profile *f, const struct profile_vector *v)
{
    const struct profile_point *pt = point_of(f, v->row);
    double value = NAN, again = NAN;
    uint16_t word[4];
    assert_int_equal(profile_decode(pt, &rated, v->word, v->sf, &value), ERR_OK);
    if (fabs(value - v->value) > 1e-6 * fmax(1, fabs(v->value))) {
        fail_msg("%s row %d: %.9g, not %.9g", f->name, v->row, value, v->value);
    }
    memcpy(word, v->word, sizeof(word));
    assert_int_equal(profile_encode(pt, &rated, value, v->sf, word), ERR_OK);
    assert_int_equal(profile_decode(pt, &rated, word, v->sf, &again), ERR_OK);
    assert_true(fabs(again - value) <= 1e-6 * fmax(1, fabs(value)));
}

static int check_file(struct arena *a, const char *path, struct doc_errors *errors)
{
    int served = 0, vectors = 0;
    for (int k = 0; k <= KIND_COUNT; k++) {
        struct profile *f;
        struct doc_errors quiet = {.count = 0};
        bool first = k == KIND_COUNT;
        enum err e = profile_load(a, path, (enum kind)k, &f, first ? errors : &quiet);
        if (first) {
            for (int i = 0; i < errors->count && i < DOC_ERRORS_MAX; i++) {
                print_error("%s\n", errors->text[i]);
            }
            assert_int_equal(e, ERR_OK);
        }
        if (e != ERR_OK) {
            continue;
        }
        served++;
        for (int i = 0; i < f->vectors; i++) {
            check_vector(f, &f->vector[i]);
        }
        vectors += f->vectors;
        assert_true(f->points > 0 && f->source[0] != '\0');
    }
    assert_true(served >= 2); /* its own kind, once by name and once as the first */
    assert_true(vectors > 0);
    return vectors;
}

static void all_profiles(void **state)
{
    glob_t g;
    int vectors = 0;
    struct arena a;
    struct doc_errors errors = {.count = 0};
    (void)state;
    arena_init(&a, 256u << 20);
    assert_int_equal(glob("etc/devices/*.yaml", 0, NULL, &g), 0);
    assert_true(g.gl_pathc >= 20);
    for (size_t i = 0; i < g.gl_pathc; i++) {
        vectors += check_file(&a, g.gl_pathv[i], &errors);
    }
    print_message("%zu profiles, %d vectors, %zu bytes\n", g.gl_pathc, vectors, a.used);
    globfree(&g);
    arena_fini(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_profiles)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
