/* Batch electric kiln with its programmer. Runs in `kilnwatt sim` and in studies; state is
 * the caller's.
 *
 * - heat: sim/plant_kiln_heat.h; the thermocouple reads the lump
 * - programmer: segments to a target in minutes; it starts from the temperature it finds (a
 *   hot kiln enters its first segment part-way). Hold-back: while the kiln lags a heating or
 *   soaking target by more than band_k, the programme's clock stands still
 * - control: PID with back-calculated integral, derivative on the error against the
 *   elements' lag; internal-model gains (S. Skogestad, J. Process Control 13, 2003): gain
 *   C/tau_c, integral 4 tau_c, derivative element_s, tau_c = element_s/2 and at least 20 s
 * - cooling: in a falling last segment (free cooling) elements off and damper on the target;
 *   in a falling one before, elements and damper together
 *
 * The controller's cycle is the step, at most 5 s: longer steps are divided. */
#ifndef KILNWATT_SIM_PLANT_KILN_H
#define KILNWATT_SIM_PLANT_KILN_H

#include "controller/base/err.h"
#include "sim/plant_kiln_heat.h"

enum { PLANT_KILN_SEGMENTS = 16 };

struct plant_kiln_segment {
    double to_degc;
    double minutes;  /* >= 0 */
    double hold_min; /* longest pause allowed inside; 0 = must not be paused */
};

struct plant_kiln_recipe {
    int segments; /* 1..PLANT_KILN_SEGMENTS */
    struct plant_kiln_segment segment[PLANT_KILN_SEGMENTS];
};

struct plant_kiln_params {
    double rated_kw; /* > 0, elements */
    double band_k;   /* > 0, hold-back */
    struct plant_kiln_thermal thermal;
};

/* The dictionary's numbers. */
enum plant_kiln_state {
    PLANT_KILN_STOPPED,
    PLANT_KILN_RUNNING,
    PLANT_KILN_HOLDING,
    PLANT_KILN_FAULT
};
enum plant_kiln_run { PLANT_KILN_STOP, PLANT_KILN_RUN, PLANT_KILN_HOLD };

struct plant_kiln_in {
    enum plant_kiln_run run; /* a rising edge from stop begins a firing */
    const struct plant_kiln_recipe
        *recipe; /* copied when a firing begins; NULL = none loaded */
    double ambient_degc;
    bool trip;      /* heating lost: the programme waits */
    double lost_pu; /* share of the elements that is broken, [0, 1] */
    bool door_open; /* heat is lost as with the damper fully open */
};

/* Of the firing under way, or of the last one. */
struct plant_kiln_quality {
    double deviation_k_max;        /* |temperature - target|, free cooling left out */
    double rate_error_k_per_h_max; /* |dT/dt - programme's rate| averaged over 5 min, heating
                                      only */
    double rate_k_per_h_max;       /* fastest heating, same average */
    double peak_degc;
    double soak_min;      /* above the recipe's highest target less 5 K */
    double pause_min_max; /* longest time on hold in one segment, free cooling left out */
    bool paused_wrong;    /* longer than that segment allows */
    double tripped_min;   /* without heating because of a trip */
    double held_back_min; /* clock stopped by the hold-back band */
    double minutes;       /* since the beginning */
    double energy_kwh;
};

struct plant_kiln {
    struct plant_kiln_params par;
    struct plant_kiln_heat heat;
    struct plant_kiln_recipe recipe; /* being fired */
    double top_degc;                 /* its highest temperature */
    enum plant_kiln_run asked;       /* of the last step */
    bool open;                       /* dampers stand open after a firing */
    double segment_s, from_degc;
    double pause_s; /* in this segment */
    double integral_pu, error_k;
    double seen_degc, seen_s, seen_target_degc; /* beginning of the rate's window */
    enum plant_kiln_state state;
    double kw, out_pu;
    double power_pu; /* of rated power: out_pu less what is broken */
    double degc, target_degc;
    int segment;        /* from 1; 0 = none */
    double segment_min; /* programme minutes in it */
    int firings;        /* finished */
    double draw_kwh;
    struct plant_kiln_quality quality;
};

/* ERR_RANGE if a parameter is outside its range. Starts cold. */
must_check enum err plant_kiln_init(struct plant_kiln *k, const struct plant_kiln_params *par,
                                    double ambient_degc);
void plant_kiln_step(struct plant_kiln *k, const struct plant_kiln_in *in, double h_s);
/* ERR_RANGE for a recipe without segments, with times below 0 or targets outside -50..1800
 * degC. */
must_check enum err plant_kiln_recipe_check(const struct plant_kiln_recipe *r);
/* Thermal parameters of a kiln of which only the elements' power and the energy of one firing
 * of a recipe from 25 degC are known (sim/plant_kiln_fit.c). Simulates a few firings: below 50
 * ms. ERR_RANGE for senseless input, ERR_INFEASIBLE if no kiln of this power needs this energy
 * (within 5 %) for this recipe. */
must_check enum err plant_kiln_params_for(double rated_kw, double energy_kwh,
                                          const struct plant_kiln_recipe *recipe,
                                          struct plant_kiln_params *out);

#endif
