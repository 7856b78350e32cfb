/* Thermal parameters of a kiln from its nameplate and the energy of a firing. Pure; runs when a
 * park is loaded into the simulator.
 *
 * A firing's heat goes into ware and furniture, into and through the lining, and out of the
 * vent while drying. Along a given temperature curve each part is proportional to its own size
 * (lump, area, vent), so one run of the lining backwards gives three power curves, and any
 * division of the energy between them is a weighted sum. Taken is the division nearest to a
 * usual kiln's (45 % ware and furniture, no vent) whose peak fits the elements; then firings in
 * closed loop correct what limits and control change. */
#include "sim/plant_kiln.h"
#include "sim/plant_state.h"

enum { SAMPLES = 480, SHARES = 15, VENTS = 11, ROUNDS = 6 };
static const double ambient = 25;
static const double usual_ware_pu = 0.45;

/* Power in kW of unit sizes (1 kJ/K, 1 m2, 1 kW/K) along the heating part of a recipe. */
struct curves {
    int n;
    double lump_kw[SAMPLES], lining_kw[SAMPLES], vent_kw[SAMPLES];
    double lump_kwh, lining_kwh, vent_kwh;
};

struct shares {
    double lump_pu, vent_pu; /* the lining has the rest */
};

static struct plant_kiln_thermal unit_kiln(double minutes)
{
    return (struct plant_kiln_thermal){
        .lump_kj_per_k = 1,
        .area_m2 = 1,
        /* As thick as heat creeps into light brick during the firing, 0.1 to 0.25 m. */
        .lining_m = plant_clamp(1.2 * sqrt(4e-7 * minutes * 60), 0.1, 0.25),
        .lining_w_per_mk = 0.20,
        .lining_kg_per_m3 = 500,
        .lining_j_per_kgk = 1000,
        .leak_m2 = 0.0005,
        .vent_degc = 600,
        .element_s = 120,
    };
}

static double recipe_minutes(const struct plant_kiln_recipe *r)
{
    double sum = 0;
    for (int i = 0; i < r->segments; i++) {
        sum += r->segment[i].minutes;
    }
    return sum;
}

/* Target of the recipe at a minute; *rises tells whether that segment heats or soaks. */
static double recipe_at(const struct plant_kiln_recipe *r, double minute, bool *rises)
{
    double from = ambient;
    for (int i = 0; i < r->segments; i++) {
        const struct plant_kiln_segment *g = &r->segment[i];
        if (minute < g->minutes) {
            *rises = g->to_degc >= from;
            return from + (g->to_degc - from) * minute / g->minutes;
        }
        minute -= g->minutes;
        from = g->to_degc;
    }
    *rises = false;
    return from;
}

/* Runs unit kilns along the recipe. Samples are means of several steps of at most a minute. */
static void curves_make(const struct plant_kiln_recipe *r,
                        const struct plant_kiln_thermal *unit, struct curves *c)
{
    double minutes = recipe_minutes(r);
    int per = (int)ceil(minutes / SAMPLES);
    double h_min = minutes / (SAMPLES * per), h = h_min / 60;
    struct plant_kiln_heat heat;
    plant_kiln_heat_init(&heat, ambient);
    *c = (struct curves){.n = SAMPLES};
    double before = ambient;
    for (int i = 0; i < SAMPLES * per; i++) {
        bool rises;
        double degc = recipe_at(r, (i + 1) * h_min, &rises);
        double lining_kw = plant_kiln_heat_follow(&heat, unit, degc, ambient, h_min * 60);
        if (rises) {
            double open_kw = degc < unit->vent_degc ? degc - ambient : 0;
            c->lump_kw[i / per] += (degc - before) / (h_min * 60) / per;
            c->lining_kw[i / per] += lining_kw / per;
            c->vent_kw[i / per] += open_kw / per;
            c->lump_kwh += (degc - before) / 3600;
            c->lining_kwh += lining_kw * h;
            c->vent_kwh += open_kw * h;
        }
        before = degc;
    }
}

static double shares_peak_kw(const struct curves *c, double energy_kwh, struct shares s)
{
    double a = s.lump_pu * energy_kwh / c->lump_kwh;
    double b = (1 - s.lump_pu - s.vent_pu) * energy_kwh / c->lining_kwh;
    double v = c->vent_kwh > 0 ? s.vent_pu * energy_kwh / c->vent_kwh : 0;
    double peak = 0;
    for (int i = 0; i < c->n; i++) {
        peak = fmax(peak, a * c->lump_kw[i] + b * c->lining_kw[i] + v * c->vent_kw[i]);
    }
    return peak;
}

/* Nearest to the usual division among those that fit; the lowest peak if none does. */
static struct shares shares_choose(const struct curves *c, double energy_kwh, double most_kw)
{
    struct shares best = {usual_ware_pu, 0};
    double best_cost = INFINITY;
    for (int i = 0; i < SHARES; i++) {
        for (int j = 0; j < VENTS; j++) {
            struct shares s = {0.15 + 0.04 * i, 0.02 * j};
            if (s.vent_pu > 0 && c->vent_kwh <= 0) {
                continue;
            }
            double peak_kw = shares_peak_kw(c, energy_kwh, s);
            double far = fabs(s.lump_pu - usual_ware_pu) + 2 * s.vent_pu;
            double cost = peak_kw <= most_kw ? far : 100 * peak_kw / most_kw;
            if (cost < best_cost) {
                best_cost = cost;
                best = s;
            }
        }
    }
    return best;
}

/* Damper wide enough for the steepest controlled cooling, and for the heat of ware and lining
 * to leave well within a falling last segment. */
static double damper_kw_per_k(const struct plant_kiln_recipe *r, double lump_kj_per_k)
{
    double most = 0, from = ambient;
    for (int i = 0; i < r->segments; i++) {
        const struct plant_kiln_segment *g = &r->segment[i];
        if (g->to_degc < from && g->minutes > 0) {
            double kw = lump_kj_per_k * (from - g->to_degc) / (g->minutes * 60);
            bool last = i == r->segments - 1;
            double lift_k = fmax(50, g->to_degc - ambient);
            double need = last ? 10 * lump_kj_per_k / (g->minutes * 60) : 2 * kw / lift_k;
            most = fmax(most, need);
        }
        from = g->to_degc;
    }
    return most;
}

static void thermal_scale(struct plant_kiln_thermal *t, double factor)
{
    t->lump_kj_per_k *= factor;
    t->area_m2 *= factor;
    t->leak_m2 *= factor;
    t->vent_kw_per_k *= factor;
    t->cool_kw_per_k *= factor;
}

/* Energy of a firing in closed loop; 0 if it does not end within twice its time. */
static double fire_kwh(const struct plant_kiln_params *par, const struct plant_kiln_recipe *r)
{
    struct plant_kiln k;
    struct plant_kiln_in in = {.run = PLANT_KILN_RUN, .recipe = r, .ambient_degc = ambient};
    if (plant_kiln_init(&k, par, ambient) != ERR_OK) {
        return 0;
    }
    double left_s = 2 * 60 * recipe_minutes(r);
    while (k.firings == 0 && left_s > 0) {
        plant_kiln_step(&k, &in, 5);
        left_s -= 5;
    }
    return k.firings > 0 ? k.quality.energy_kwh : 0;
}

/* True once a firing of *par takes energy_kwh. */
static bool fit_energy(struct plant_kiln_params *par, const struct plant_kiln_recipe *recipe,
                       double energy_kwh)
{
    double got_kwh = 0;
    for (int i = 0; i < ROUNDS; i++) {
        got_kwh = fire_kwh(par, recipe);
        if (got_kwh <= 0) {
            thermal_scale(&par->thermal, 0.9);
            continue;
        }
        if (fabs(got_kwh / energy_kwh - 1) < 0.005) {
            break;
        }
        thermal_scale(&par->thermal, plant_clamp(energy_kwh / got_kwh, 0.5, 2));
    }
    got_kwh = fire_kwh(par, recipe);
    return fabs(got_kwh / energy_kwh - 1) < 0.05;
}

enum err plant_kiln_params_for(double rated_kw, double energy_kwh,
                               const struct plant_kiln_recipe *recipe,
                               struct plant_kiln_params *out)
{
    if (!(rated_kw > 0 && energy_kwh > 0) || plant_kiln_recipe_check(recipe) != ERR_OK) {
        return ERR_RANGE;
    }
    double minutes = recipe_minutes(recipe);
    struct plant_kiln_params par = {
        .rated_kw = rated_kw, .band_k = 8, .thermal = unit_kiln(minutes)};
    struct plant_kiln_thermal *t = &par.thermal;
    struct curves c;
    if (minutes <= 0) {
        return ERR_RANGE;
    }
    curves_make(recipe, t, &c);
    if (c.lump_kwh <= 0 || c.lining_kwh <= 0) {
        return ERR_RANGE; /* a recipe that never heats */
    }
    struct shares s = shares_choose(&c, energy_kwh, 0.93 * rated_kw);
    t->lump_kj_per_k = s.lump_pu * energy_kwh / c.lump_kwh;
    t->area_m2 = (1 - s.lump_pu - s.vent_pu) * energy_kwh / c.lining_kwh;
    t->leak_m2 *= t->area_m2;
    t->vent_kw_per_k = c.vent_kwh > 0 ? s.vent_pu * energy_kwh / c.vent_kwh : 0;
    t->cool_kw_per_k = damper_kw_per_k(recipe, t->lump_kj_per_k);
    if (!fit_energy(&par, recipe, energy_kwh)) {
        return ERR_INFEASIBLE;
    }
    *out = par;
    return ERR_OK;
}
