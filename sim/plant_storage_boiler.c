/* Electric storage boiler: see plant_storage_boiler.h. Pure. */
#include "sim/plant_storage_boiler.h"

struct plant_sb_params plant_sb_defaults(double rated_kw, double rated_heat_kw,
                                         double energy_kwh)
{
    return (struct plant_sb_params){
        .rated_kw = rated_kw,
        .rated_heat_kw = rated_heat_kw,
        .energy_kwh = energy_kwh,
        .steps = 10,
        .step_s_min = 60,
        .stagger_s = 2,
        .eta_pu = 0.98,
        .loss_pu_per_h = 0.005,
        .core_degc_max = 750,
        .core_degc_min = 100,
        .fan_k = 100,
        .heat_ramp_pu_per_s = 0.05,
    };
}

static void sb_show(struct plant_sb *b)
{
    b->soc_pu = b->stored_kwh / b->par.energy_kwh;
    b->core_degc =
        b->par.core_degc_min + b->soc_pu * (b->par.core_degc_max - b->par.core_degc_min);
}

enum err plant_sb_init(struct plant_sb *b, const struct plant_sb_params *par, double soc_pu)
{
    bool good = par->rated_kw > 0 && par->rated_heat_kw > 0 && par->energy_kwh > 0 &&
                par->steps >= 1 && par->steps <= PLANT_SB_STEPS && par->step_s_min >= 0 &&
                par->stagger_s >= 0 && par->eta_pu > 0 && par->eta_pu <= 1 &&
                par->loss_pu_per_h >= 0 && par->core_degc_max > par->core_degc_min &&
                par->fan_k > 0 && par->heat_ramp_pu_per_s > 0 && soc_pu >= 0 && soc_pu <= 1;
    if (!good) {
        return ERR_RANGE;
    }
    *b = (struct plant_sb){.par = *par, .decay = 1, .since_move_s = par->stagger_s};
    for (int i = 0; i < par->steps; i++) {
        b->held_s[i] = par->step_s_min;
    }
    b->stored_kwh = soc_pu * par->energy_kwh;
    sb_show(b);
    return ERR_OK;
}

/* Moves contactors towards `want` closed ones: the longest open closes, the longest closed
 * opens. */
static void sb_contactors(struct plant_sb *b, int want, double h_s)
{
    const struct plant_sb_params *par = &b->par;
    for (int i = 0; i < par->steps; i++) {
        b->held_s[i] += h_s;
    }
    b->since_move_s = fmin(b->since_move_s, par->stagger_s) + h_s;
    int budget = par->steps;
    while (b->on != want && budget-- > 0 && b->since_move_s >= par->stagger_s) {
        bool close = b->on < want;
        int i = (close ? b->first_on + b->on : b->first_on) % par->steps;
        if (b->held_s[i] < par->step_s_min) {
            return;
        }
        b->first_on = close ? b->first_on : (b->first_on + 1) % par->steps;
        b->on += close ? 1 : -1;
        b->held_s[i] = 0;
        b->moves++;
        /* A long step holds several moves; each uses up its share of the time. */
        b->since_move_s = par->stagger_s > 0 ? b->since_move_s - par->stagger_s : 0;
    }
}

/* Everything opens at once; the safety chain does not ask for least times. */
static void sb_open_all(struct plant_sb *b)
{
    for (int i = 0; i < b->on; i++) {
        b->held_s[(b->first_on + i) % b->par.steps] = 0;
        b->moves++;
    }
    b->first_on = (b->first_on + b->on) % b->par.steps;
    b->on = 0;
}

/* Heat of this step: what is asked, the fan's limit, and what the core holds. */
static double sb_heat_kw(const struct plant_sb *b, const struct plant_sb_in *in, double h_s)
{
    const struct plant_sb_params *par = &b->par;
    double fan_pu = plant_clamp((b->core_degc - in->water_degc) / par->fan_k, 0, 1);
    double most_kw = fmin(par->rated_heat_kw * fan_pu, b->stored_kwh * 3600 / h_s);
    double want_kw = in->trip ? 0 : plant_clamp(in->set_heat_kw, 0, par->rated_heat_kw);
    double ramp_kw = par->heat_ramp_pu_per_s * par->rated_heat_kw * h_s;
    return fmin(plant_slew(b->heat_kw, want_kw, ramp_kw), most_kw);
}

void plant_sb_step(struct plant_sb *b, const struct plant_sb_in *in, double h_s)
{
    const struct plant_sb_params *par = &b->par;
    double h = h_s / 3600, step_kw = par->rated_kw / par->steps;
    b->full = b->soc_pu >= (b->full ? 0.98 : 1.0);
    double asked = plant_clamp(in->set_draw_kw, 0, par->rated_kw) / step_kw;
    int want = (int)floor(asked + 1e-6);
    if (in->trip || b->full) {
        sb_open_all(b);
    }
    sb_contactors(b, in->trip || b->full ? 0 : want, h_s);
    b->draw_kw = b->on * step_kw;
    b->heat_kw = sb_heat_kw(b, in, h_s);
    if (h_s != b->decay_h_s) {
        b->decay_h_s = h_s;
        b->decay = exp(-par->loss_pu_per_h * h);
    }
    double a = par->loss_pu_per_h, net_kw = par->eta_pu * b->draw_kw - b->heat_kw;
    double reach_h = a * h > 1e-6 ? (1 - b->decay) / a : h * (1 - a * h / 2);
    double before = b->stored_kwh;
    double after = fmax(0, before * b->decay + net_kw * reach_h);
    b->loss_kwh += before + (b->draw_kw - b->heat_kw) * h - after;
    b->stored_kwh = after;
    sb_show(b);
    b->kw = -b->draw_kw;
    b->draw_kwh += b->draw_kw * h;
    b->heat_kwh += b->heat_kw * h;
    if (in->trip) {
        b->state = PLANT_FAULT;
    } else if (b->full && want > 0) {
        b->state = PLANT_LIMITED;
    } else {
        b->state = b->on > 0 || b->heat_kw > 0 ? PLANT_ON : PLANT_OFF;
    }
}
