/* Plants that several tests set beside published numbers. */
#ifndef KILNWATT_TESTS_SUPPORT_GOLDEN_PLANTS_H
#define KILNWATT_TESTS_SUPPORT_GOLDEN_PLANTS_H

#include "sim/plant_kiln.h"
#include "sim/plant_pv.h"

/* The plant of NREL's PVWatts files: 4 kW, 20 degrees, standard module, PVWatts' own losses. */
static inline struct plant_pv_params golden_pvwatts(void)
{
    struct plant_pv_params par = plant_pv_defaults(4, 4 / 1.2);
    par.tilt_deg = 20;
    par.gamma_per_k = -0.0047;
    par.losses_pu = 1 - 0.98 * 0.97 * 0.98 * 0.98 * 0.995 * 0.985 * 0.99 * 0.97;
    par.start_s = 0;
    return par;
}

/* A top-loader of light brick, 76 mm, 0.20 W/mK, 500 kg/m3, load of 1.05 kJ/kgK. The area
 * between inner and middle face and the leaks at lid and peepholes were chosen by hand once for
 * each kiln, the same for all its firings. */
static inline struct plant_kiln_params golden_kiln(double rated_kw, double load_kg,
                                                   double area_m2, double leak_m2)
{
    return (struct plant_kiln_params){
        .rated_kw = rated_kw,
        .band_k = 8,
        .thermal = {.lump_kj_per_k = load_kg * 1.05,
                    .area_m2 = area_m2,
                    .lining_m = 0.076,
                    .lining_w_per_mk = 0.2,
                    .lining_kg_per_m3 = 500,
                    .lining_j_per_kgk = 1000,
                    .leak_m2 = leak_m2,
                    .element_s = 30}
    };
}

/* 2.6 ft3 of the Potters Council's forum: cylinder 0.445 x 0.46 m, lining between inner 0.95
 * and middle 1.30 m2, 25 kg; and 7 ft3, 11.52 kW (Skutt 1027), 65 kg. */
static inline struct plant_kiln_params golden_small_kiln(void)
{
    return golden_kiln(9, 25, 1.15, 0.012);
}

static inline struct plant_kiln_params golden_seven_foot_kiln(void)
{
    return golden_kiln(11.52, 65, 2.31, 0.008);
}

#endif
