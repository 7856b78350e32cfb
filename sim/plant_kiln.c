/* Batch kiln: programmer, control and quality; see plant_kiln.h. Pure. */
#include "sim/plant_kiln.h"
#include "sim/plant_state.h"

static const double cycle_s_max = 5;
static const double rate_window_s = 300;
static const double damper_band_k = 3;

enum err plant_kiln_recipe_check(const struct plant_kiln_recipe *r)
{
    if (r->segments < 1 || r->segments > PLANT_KILN_SEGMENTS) {
        return ERR_RANGE;
    }
    for (int i = 0; i < r->segments; i++) {
        const struct plant_kiln_segment *g = &r->segment[i];
        if (!(g->to_degc >= -50 && g->to_degc <= 1800 && g->minutes >= 0 && g->hold_min >= 0)) {
            return ERR_RANGE;
        }
    }
    return ERR_OK;
}

enum err plant_kiln_init(struct plant_kiln *k, const struct plant_kiln_params *par,
                         double ambient_degc)
{
    const struct plant_kiln_thermal *t = &par->thermal;
    bool good = par->rated_kw > 0 && par->band_k > 0 && t->lump_kj_per_k > 0 &&
                t->area_m2 > 0 && t->lining_m > 0 && t->lining_w_per_mk > 0 &&
                t->lining_kg_per_m3 > 0 && t->lining_j_per_kgk > 0 && t->leak_m2 >= 0 &&
                t->vent_kw_per_k >= 0 && t->cool_kw_per_k >= 0 && t->element_s >= 0 &&
                isfinite(ambient_degc);
    if (!good) {
        return ERR_RANGE;
    }
    *k = (struct plant_kiln){.par = *par, .degc = ambient_degc, .target_degc = ambient_degc};
    plant_kiln_heat_init(&k->heat, ambient_degc);
    return ERR_OK;
}

static bool active(const struct plant_kiln *k)
{
    return k->segment > 0;
}

static const struct plant_kiln_segment *segment_of(const struct plant_kiln *k)
{
    return &k->recipe.segment[k->segment - 1];
}

static bool falling(const struct plant_kiln *k)
{
    return segment_of(k)->to_degc < k->from_degc;
}

static bool free_cooling(const struct plant_kiln *k)
{
    return k->segment == k->recipe.segments && falling(k);
}

static void kiln_begin(struct plant_kiln *k, const struct plant_kiln_recipe *recipe)
{
    k->recipe = *recipe;
    k->top_degc = -300;
    for (int i = 0; i < recipe->segments; i++) {
        k->top_degc = fmax(k->top_degc, recipe->segment[i].to_degc);
    }
    k->segment = 1;
    k->quality = (struct plant_kiln_quality){.peak_degc = k->degc};
    k->pause_s = k->integral_pu = k->error_k = 0;
    k->open = false;
    /* The nominal beginning is 25 degC or what is colder; a hot kiln joins part-way. */
    const struct plant_kiln_segment *g = &recipe->segment[0];
    k->from_degc = fmin(25, k->degc);
    double span = g->to_degc - k->from_degc;
    double part = span > 0 ? plant_clamp((k->degc - k->from_degc) / span, 0, 1) : 0;
    k->segment_s = part * g->minutes * 60;
    k->target_degc = k->from_degc + part * span;
    k->seen_s = 0;
    k->seen_degc = k->degc;
    k->seen_target_degc = k->target_degc;
}

static void kiln_end(struct plant_kiln *k, bool whole)
{
    k->segment = 0;
    k->segment_s = 0;
    k->open = whole;
    k->firings += whole ? 1 : 0;
}

/* Stop, run, hold, trip. */
static void kiln_states(struct plant_kiln *k, const struct plant_kiln_in *in)
{
    bool edge = in->run != PLANT_KILN_STOP && k->asked == PLANT_KILN_STOP;
    k->asked = in->run;
    if (active(k) && in->run == PLANT_KILN_STOP) {
        kiln_end(k, false);
    }
    if (!active(k) && edge && in->recipe && plant_kiln_recipe_check(in->recipe) == ERR_OK) {
        kiln_begin(k, in->recipe);
    }
    if (in->trip) {
        k->state = PLANT_KILN_FAULT;
    } else if (!active(k)) {
        k->state = PLANT_KILN_STOPPED;
    } else {
        k->state = in->run == PLANT_KILN_HOLD ? PLANT_KILN_HOLDING : PLANT_KILN_RUNNING;
    }
}

/* Goes on to the next segment while this one's time is over. */
static void kiln_segments(struct plant_kiln *k)
{
    while (active(k) && k->segment_s >= segment_of(k)->minutes * 60) {
        k->segment_s -= segment_of(k)->minutes * 60;
        k->from_degc = segment_of(k)->to_degc;
        k->pause_s = 0;
        if (k->segment == k->recipe.segments) {
            kiln_end(k, true);
        } else {
            k->segment++;
        }
    }
}

/* A pause in free cooling does nobody harm and counts as none. */
static void kiln_pause(struct plant_kiln *k, double h_s)
{
    struct plant_kiln_quality *q = &k->quality;
    if (free_cooling(k)) {
        return;
    }
    k->pause_s += h_s;
    q->pause_min_max = fmax(q->pause_min_max, k->pause_s / 60);
    q->paused_wrong |= k->pause_s / 60 > segment_of(k)->hold_min;
}

/* The programme's clock for one cycle, and the target at its end. */
static void kiln_programme(struct plant_kiln *k, double h_s)
{
    bool lags = !falling(k) && k->target_degc - k->degc > k->par.band_k;
    if (k->state == PLANT_KILN_FAULT) {
        k->quality.tripped_min += h_s / 60;
    } else if (k->state == PLANT_KILN_HOLDING) {
        kiln_pause(k, h_s);
    } else if (lags) {
        k->quality.held_back_min += h_s / 60;
    } else {
        k->segment_s += h_s;
    }
    if (free_cooling(k) && k->degc <= segment_of(k)->to_degc) {
        k->segment_s = segment_of(k)->minutes * 60;
    }
    kiln_segments(k);
    if (active(k)) {
        double seconds = segment_of(k)->minutes * 60;
        double part = seconds > 0 ? k->segment_s / seconds : 1;
        k->target_degc = k->from_degc + part * (segment_of(k)->to_degc - k->from_degc);
    }
}

/* PID in per unit of the elements. */
static double kiln_pid(struct plant_kiln *k, double h_s)
{
    const struct plant_kiln_thermal *t = &k->par.thermal;
    double loop_s = fmax(20, 0.5 * t->element_s);
    double gain = t->lump_kj_per_k / (loop_s * k->par.rated_kw);
    double error_k = k->target_degc - k->degc;
    double change = (error_k - k->error_k) * t->element_s / h_s;
    k->error_k = error_k;
    double raw = gain * (error_k + change) + k->integral_pu;
    double out = plant_clamp(raw, 0, 1);
    /* The integral takes the error and gives back what was cut off. */
    k->integral_pu += gain * error_k * h_s / (4 * loop_s) + (out - raw) * h_s / (4 * loop_s);
    k->integral_pu = plant_clamp(k->integral_pu, -0.5, 1);
    return out;
}

static void kiln_quality(struct plant_kiln *k, double h_s)
{
    struct plant_kiln_quality *q = &k->quality;
    q->minutes += h_s / 60;
    q->energy_kwh += k->power_pu * k->par.rated_kw * h_s / 3600;
    q->peak_degc = fmax(q->peak_degc, k->degc);
    q->soak_min += k->degc > k->top_degc - 5 ? h_s / 60 : 0;
    if (free_cooling(k)) {
        return;
    }
    q->deviation_k_max = fmax(q->deviation_k_max, fabs(k->target_degc - k->degc));
    k->seen_s += h_s;
    if (k->seen_s >= rate_window_s) {
        double per_h = 3600 / k->seen_s;
        double rate = (k->degc - k->seen_degc) * per_h;
        double wanted = (k->target_degc - k->seen_target_degc) * per_h;
        if (wanted >= 0) {
            q->rate_error_k_per_h_max = fmax(q->rate_error_k_per_h_max, fabs(rate - wanted));
            q->rate_k_per_h_max = fmax(q->rate_k_per_h_max, rate);
        }
        k->seen_s = 0;
        k->seen_degc = k->degc;
        k->seen_target_degc = k->target_degc;
    }
}

/* Vent while drying, damper while cooling. */
static double kiln_open_kw_per_k(const struct plant_kiln *k)
{
    const struct plant_kiln_thermal *t = &k->par.thermal;
    if (!active(k)) {
        return k->open ? t->cool_kw_per_k : 0;
    }
    if (falling(k)) {
        double over_k = k->degc - k->target_degc;
        return t->cool_kw_per_k * plant_clamp(over_k / damper_band_k, 0, 1);
    }
    return k->degc < t->vent_degc ? t->vent_kw_per_k : 0;
}

static void kiln_cycle(struct plant_kiln *k, const struct plant_kiln_in *in, double h_s)
{
    if (active(k)) {
        kiln_programme(k, h_s);
    }
    if (active(k) && !free_cooling(k) && !in->trip) {
        k->out_pu = kiln_pid(k, h_s);
    } else {
        k->out_pu = 0;
        k->integral_pu = 0;
        k->error_k = 0;
    }
    k->power_pu = k->out_pu * (1 - in->lost_pu);
    struct plant_kiln_drive drive = {
        .draw_kw = k->power_pu * k->par.rated_kw,
        .open_kw_per_k = in->door_open ? k->par.thermal.cool_kw_per_k : kiln_open_kw_per_k(k),
        .ambient_degc = in->ambient_degc,
    };
    plant_kiln_heat_step(&k->heat, &k->par.thermal, &drive, h_s);
    k->degc = k->heat.lump_degc;
    if (active(k)) {
        kiln_quality(k, h_s);
    } else {
        k->target_degc = k->degc;
    }
}

void plant_kiln_step(struct plant_kiln *k, const struct plant_kiln_in *in, double h_s)
{
    int cycles = h_s > cycle_s_max ? (int)ceil(h_s / cycle_s_max) : 1;
    double cycle_s = h_s / cycles, sum_kw = 0;
    kiln_states(k, in);
    for (int i = 0; i < cycles; i++) {
        kiln_cycle(k, in, cycle_s);
        sum_kw += k->power_pu * k->par.rated_kw;
    }
    if (!active(k) && k->state != PLANT_KILN_FAULT) {
        k->state = PLANT_KILN_STOPPED;
    }
    k->kw = -sum_kw / cycles;
    k->draw_kwh -= k->kw * h_s / 3600;
    k->segment_min = k->segment_s / 60;
}
