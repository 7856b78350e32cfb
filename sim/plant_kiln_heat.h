/* The heat of a batch kiln: elements, one lump of ware and furniture, a lining of slabs. The
 * thermal half of sim/plant_kiln.h, on its own so that the fit can run it backwards. Runs in
 * `kilnwatt sim` and in studies; state is the caller's.
 *
 * - elements: heat follows the electric power with the lag element_s (what they hold is
 *   element_s times their heat)
 * - lump: C dT/dt = q - Gf (T - L1) - (Gr + Gx)(T - T_a)
 * - film: 5 + 4 * 0.6 sigma Tm^3 W/m2K inside (natural convection, and radiation with
 *   emissivity 0.6, Tm the mean of lump and inner face), in series with half a slab; 10
 *   W/m2K outside
 * - lining: 8 slabs of equal thickness, conduction between their middles
 * - leaks: Gr: sigma A (T^4 - Ta^4) through peepholes and door, linearised; Gx: vent and
 *   damper
 *
 * Backward Euler with the coefficients of the step before, so that every flow appears on
 * both sides and energy closes to rounding. The slabs' elimination factors are kept per step
 * length. */
#ifndef KILNWATT_SIM_PLANT_KILN_HEAT_H
#define KILNWATT_SIM_PLANT_KILN_HEAT_H

enum { PLANT_KILN_SLABS = 8 };

struct plant_kiln_thermal {
    double lump_kj_per_k;                      /* ware and furniture, > 0 */
    double area_m2;                            /* of the lining, > 0 */
    double lining_m;                           /* its thickness, > 0 */
    double lining_w_per_mk;                    /* > 0; light brick 0.20 */
    double lining_kg_per_m3, lining_j_per_kgk; /* > 0; 500, 1000 */
    double leak_m2;                            /* black area that radiates out, >= 0 */
    double vent_kw_per_k;                      /* damper open while drying, >= 0 */
    double vent_degc;                          /* ... below this */
    double cool_kw_per_k;                      /* damper and fan in cooling, fully open, >= 0 */
    double element_s;                          /* >= 0 */
};

struct plant_kiln_heat {
    double lump_degc;
    double slab_degc[PLANT_KILN_SLABS]; /* 0 = inside */
    double element_kw;                  /* heat that leaves the elements now */
    double lost_kwh;                    /* shell, leaks, vent, damper */
    double step_s;                      /* of the factors below */
    double element_keep;
    double slab_w_per_k, pass_w_per_k,
        out_w_per_k;                 /* c/h, between slabs, last slab to outside */
    double half_m2k_per_w;           /* half a slab */
    double factor[PLANT_KILN_SLABS]; /* of the elimination, 1.. */
    double inverse[PLANT_KILN_SLABS];
};

/* What acts on it over one step. */
struct plant_kiln_drive {
    double draw_kw;       /* electric, >= 0 */
    double open_kw_per_k; /* vent and damper, >= 0 */
    double ambient_degc;
};

/* Everything at one temperature, elements cold. */
void plant_kiln_heat_init(struct plant_kiln_heat *s, double degc);
/* One step of 0 < h_s <= 60. */
void plant_kiln_heat_step(struct plant_kiln_heat *s, const struct plant_kiln_thermal *par,
                          const struct plant_kiln_drive *drive, double h_s);
/* Backwards: the lump is brought to to_degc over h_s; returns the heat in kW that flows into
 * the lining and out of the leaks meanwhile. */
double plant_kiln_heat_follow(struct plant_kiln_heat *s, const struct plant_kiln_thermal *par,
                              double to_degc, double ambient_degc, double h_s);
/* Heat above 0 degC in lump, lining and elements, kWh. */
double plant_kiln_heat_stored_kwh(const struct plant_kiln_heat *s,
                                  const struct plant_kiln_thermal *par);

#endif
