/* The heat of a batch kiln: see plant_kiln_heat.h. Pure. Inside all flows are W, all times s.
 */
#include "sim/plant_kiln_heat.h"
#include <math.h>

static const double sigma = 5.670374419e-8; /* W/m2K4 */
static const double zero_k = 273.15;
enum { LAST = PLANT_KILN_SLABS - 1 };

void plant_kiln_heat_init(struct plant_kiln_heat *s, double degc)
{
    *s = (struct plant_kiln_heat){.lump_degc = degc};
    for (int i = 0; i <= LAST; i++) {
        s->slab_degc[i] = degc;
    }
}

/* Elimination from the outside inwards has constant factors; only the inner face's film varies.
 */
static void heat_prepare(struct plant_kiln_heat *s, const struct plant_kiln_thermal *par,
                         double h_s)
{
    double slab_m = par->lining_m / PLANT_KILN_SLABS;
    double mass = par->lining_kg_per_m3 * par->lining_j_per_kgk * par->area_m2 * slab_m;
    double half = slab_m / (2 * par->lining_w_per_mk);
    s->step_s = h_s;
    s->element_keep = par->element_s > 0 ? exp(-h_s / par->element_s) : 0;
    s->slab_w_per_k = mass / h_s;
    s->pass_w_per_k = par->lining_w_per_mk * par->area_m2 / slab_m;
    s->out_w_per_k = par->area_m2 / (0.1 + half);
    s->half_m2k_per_w = half;
    double diagonal = s->slab_w_per_k + s->pass_w_per_k + s->out_w_per_k;
    for (int i = LAST; i >= 1; i--) {
        s->inverse[i] = 1 / diagonal;
        s->factor[i] = s->pass_w_per_k * s->inverse[i];
        double beyond = i > 1 ? 2 * s->pass_w_per_k : s->pass_w_per_k;
        diagonal = s->slab_w_per_k + beyond - s->pass_w_per_k * s->factor[i];
    }
    s->inverse[0] = diagonal; /* of the inner slab, without its film */
}

/* Film between lump and the middle of the inner slab. */
static double film_w_per_k(const struct plant_kiln_heat *s,
                           const struct plant_kiln_thermal *par)
{
    double mean_k = 0.5 * (s->lump_degc + s->slab_degc[0]) + zero_k;
    double film = 5 + 4 * 0.6 * sigma * mean_k * mean_k * mean_k;
    return par->area_m2 / (1 / film + s->half_m2k_per_w);
}

static double leak_w_per_k(const struct plant_kiln_heat *s,
                           const struct plant_kiln_thermal *par, double ambient_degc)
{
    double t = s->lump_degc + zero_k, a = ambient_degc + zero_k;
    return par->leak_m2 * sigma * (t * t + a * a) * (t + a);
}

/* Right-hand sides eliminated down to the inner slab's. */
static double slabs_down(const struct plant_kiln_heat *s, double ambient_degc,
                         double rhs[PLANT_KILN_SLABS])
{
    rhs[LAST] = s->slab_w_per_k * s->slab_degc[LAST] + s->out_w_per_k * ambient_degc;
    for (int i = LAST - 1; i >= 0; i--) {
        rhs[i] = s->slab_w_per_k * s->slab_degc[i] + s->factor[i + 1] * rhs[i + 1];
    }
    return rhs[0];
}

static void slabs_up(struct plant_kiln_heat *s, double inner_degc,
                     const double rhs[PLANT_KILN_SLABS])
{
    s->slab_degc[0] = inner_degc;
    for (int i = 1; i <= LAST; i++) {
        s->slab_degc[i] = rhs[i] * s->inverse[i] + s->factor[i] * s->slab_degc[i - 1];
    }
}

void plant_kiln_heat_step(struct plant_kiln_heat *s, const struct plant_kiln_thermal *par,
                          const struct plant_kiln_drive *drive, double h_s)
{
    if (h_s != s->step_s) {
        heat_prepare(s, par, h_s);
    }
    double rhs[PLANT_KILN_SLABS];
    double element_kw = drive->draw_kw + (s->element_kw - drive->draw_kw) * s->element_keep;
    /* The mean over the step, so that the elements' own heat closes too. */
    double heat_w =
        1000 * (drive->draw_kw - par->element_s * (element_kw - s->element_kw) / h_s);
    s->element_kw = element_kw;
    double film = film_w_per_k(s, par);
    double out = leak_w_per_k(s, par, drive->ambient_degc) + 1000 * drive->open_kw_per_k;
    double lump = 1000 * par->lump_kj_per_k / h_s;
    double inner = slabs_down(s, drive->ambient_degc, rhs);
    /* Two equations are left: lump and inner slab. */
    double a = lump + film + out, b = s->inverse[0] + film;
    double rhs_lump = lump * s->lump_degc + heat_w + out * drive->ambient_degc;
    double lump_degc = (rhs_lump * b + film * inner) / (a * b - film * film);
    slabs_up(s, (inner + film * lump_degc) / b, rhs);
    s->lump_degc = lump_degc;
    double lost_w = out * (lump_degc - drive->ambient_degc) +
                    s->out_w_per_k * (s->slab_degc[LAST] - drive->ambient_degc);
    s->lost_kwh += lost_w * h_s / 3.6e6;
}

double plant_kiln_heat_follow(struct plant_kiln_heat *s, const struct plant_kiln_thermal *par,
                              double to_degc, double ambient_degc, double h_s)
{
    if (h_s != s->step_s) {
        heat_prepare(s, par, h_s);
    }
    double rhs[PLANT_KILN_SLABS];
    double film = film_w_per_k(s, par);
    double leak = leak_w_per_k(s, par, ambient_degc);
    double inner = slabs_down(s, ambient_degc, rhs);
    slabs_up(s, (inner + film * to_degc) / (s->inverse[0] + film), rhs);
    s->lump_degc = to_degc;
    return (film * (to_degc - s->slab_degc[0]) + leak * (to_degc - ambient_degc)) / 1000;
}

double plant_kiln_heat_stored_kwh(const struct plant_kiln_heat *s,
                                  const struct plant_kiln_thermal *par)
{
    double slab_m = par->lining_m / PLANT_KILN_SLABS;
    double mass = par->lining_kg_per_m3 * par->lining_j_per_kgk * par->area_m2 * slab_m;
    double sum_j = 1000 * par->lump_kj_per_k * s->lump_degc;
    for (int i = 0; i <= LAST; i++) {
        sum_j += mass * s->slab_degc[i];
    }
    return sum_j / 3.6e6 + par->element_s * s->element_kw / 3600;
}
