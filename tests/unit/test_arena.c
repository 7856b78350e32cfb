/* Tests of controller/base/arena: alignment, zeroing and the bound. */
#include "controller/base/arena.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdalign.h>
#include <string.h>

static void test_zeroed_aligned_distinct(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 20);
    unsigned char *last = NULL;
    for (size_t n = 1; n < 300; n++) {
        unsigned char *p = arena_take(&a, n, 1);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(p[i], 0);
        }
        memset(p, 0xff, n);
        assert_ptr_not_equal(p, last);
        last = p;
    }
    arena_fini(&a);
    assert_null(a.chunks);
}

static void test_bound(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 100);
    assert_null(arena_take(&a, 101, 1));
    assert_non_null(arena_take(&a, 99, 1));
    assert_non_null(arena_take(&a, 1, 1)); /* the limit */
    assert_null(arena_take(&a, 1, 1));     /* limit + 1 */
    assert_int_equal(a.used, 100);
    assert_null(arena_text(&a, ""));
    arena_fini(&a);
    assert_int_equal(a.used, 0);
}

static void test_overflow(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, SIZE_MAX);
    assert_null(arena_take(&a, SIZE_MAX / 2, 3));
    assert_null(arena_take(&a, SIZE_MAX, 1));
    assert_null(arena_take(&a, SIZE_MAX - 20, 1));
    assert_non_null(arena_take(&a, 0, 8));
    arena_fini(&a);
}

static void test_large_between_small(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 10 << 20);
    char *small = arena_text(&a, "small");
    char *large = arena_take(&a, 1, 1 << 20);
    char *next = arena_text(&a, "next");
    assert_non_null(small);
    assert_non_null(large);
    memset(large, 'x', 1 << 20);
    assert_string_equal(small, "small");
    assert_string_equal(next, "next");
    assert_int_equal(next - small, 16); /* the first chunk goes on being used */
    arena_fini(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zeroed_aligned_distinct),
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_large_between_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
