/* Sun position, clear sky, glass and transposition against published values. */
#include "controller/park/sun.h"
#include "tests/unit/test_plant_near.h"

#define RAD (M_PI / 180)

/* 2003-10-17 12:30:30 MST, 39.742476 N 105.1786 W: the worked example of NREL's solar position
 * algorithm (Reda, Andreas 2004): zenith 50.11 with refraction (0.0163), azimuth 194.340. */
static void nrel_example(void **state)
{
    (void)state;
    struct sun s = sun_at(39.742476, -105.1786, 1066419030);
    assert_near(sun_elevation_deg(&s), 39.8720, 0.02);
    assert_near(sun_azimuth_deg(&s), 194.3402, 0.03);
    assert_near(s.east * s.east + s.north * s.north + s.up * s.up, 1, 1e-12);
}

static void solstice_noon_in_rongchang(void **state)
{
    (void)state;
    /* 2025-06-21: at noon the sun stands at 90 - (29.40 - 23.44) degrees. */
    double best = -90, best_s = 0;
    for (int i = 0; i < 1440; i++) {
        double t = 1750435200 + 60.0 * i; /* 2025-06-20 16:00 UTC = 00:00 Beijing */
        struct sun s = sun_at(29.40, 105.59, t);
        double e = sun_elevation_deg(&s);
        best_s = e > best ? 60.0 * i : best_s;
        best = e > best ? e : best;
    }
    assert_near(best, 84.04, 0.02);
    assert_near(best_s / 3600, 12.99, 0.03); /* 120 - 105.59 degrees late, 1.8 min equation */
}

static void equation_of_time(void **state)
{
    (void)state;
    /* 2025-11-03 the sun is 16.4 min early, 2025-02-11 14.2 min late at Greenwich. */
    const double day_s[] = {1762128000, 1739232000}, early_min[] = {16.4, -14.2};
    for (int i = 0; i < 2; i++) {
        struct sun s = sun_at(51.48, 0, day_s[i] + 43200 - 60 * early_min[i]);
        assert_near(sun_azimuth_deg(&s), 180, 0.06);
    }
}

static void haurwitz(void **state)
{
    (void)state;
    const double elevation[] = {5, 10, 30, 50, 90};
    const double want[] = {48.6298687941956, 135.741748091813, 487.894132885425,
                           778.766689344363, 1035.09203253450};
    for (int i = 0; i < 5; i++) {
        assert_near(sun_haurwitz_w_per_m2(sin(elevation[i] * RAD)), want[i], 1e-4);
    }
    assert_near(sun_haurwitz_w_per_m2(-0.1), 0, 0);
}

/* pvlib's test of the physical incidence model with the same glass. */
static void glass(void **state)
{
    (void)state;
    assert_near(sun_glass_pu(1), 1, 1e-12);
    assert_near(sun_glass_pu(cos(22.5 * RAD)), 0.99926198, 1e-7);
    assert_near(sun_glass_pu(cos(45 * RAD)), 0.98797788, 1e-7);
    assert_near(sun_glass_pu(cos(67.5 * RAD)), 0.8893998, 1e-7);
    assert_near(sun_glass_pu(-0.1), 0, 0);
}

static void flat_plane_sees_ghi(void **state)
{
    (void)state;
    struct sun s = sun_at(29.40, 105.59, 1750480200);
    struct sun_irradiance irr = sun_split(&s, 700);
    struct sun_plane flat = sun_plane_of(0, 180);
    struct sun_poa poa = sun_on_plane(&s, &irr, &flat, 0.2);
    assert_near(poa.total_w_per_m2, 700, 1e-9);
    assert_true(poa.cells_w_per_m2 < 700 && poa.cells_w_per_m2 > 650);
}

static void split_closes_and_is_continuous(void **state)
{
    (void)state;
    struct sun s = sun_at(29.40, 105.59, 1750480200);
    double last = 0;
    for (int g = 1; g <= 1200; g++) {
        struct sun_irradiance irr = sun_split(&s, g);
        assert_near(irr.dni_w_per_m2 * s.up + irr.dhi_w_per_m2, g, 1e-9);
        assert_true(irr.dni_w_per_m2 >= 0 && irr.dhi_w_per_m2 >= 0);
        assert_true(fabs(irr.dhi_w_per_m2 - last) <
                    6); /* Erbs has a step of 0.4 % at kt 0.22 */
        last = irr.dhi_w_per_m2;
    }
    struct sun night = {.up = -0.5, .extra_w_per_m2 = 1367};
    struct sun_irradiance dark = sun_split(&night, 0);
    struct sun_plane roof = sun_plane_of(8, 180);
    assert_near(sun_on_plane(&night, &dark, &roof, 0.2).total_w_per_m2, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nrel_example),
        cmocka_unit_test(solstice_noon_in_rongchang),
        cmocka_unit_test(equation_of_time),
        cmocka_unit_test(haurwitz),
        cmocka_unit_test(glass),
        cmocka_unit_test(flat_plane_sees_ghi),
        cmocka_unit_test(split_closes_and_is_continuous),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
