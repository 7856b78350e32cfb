/* Screw compressor with its receiver: see plant_compressor.h. Pure. */
#include "sim/plant_compressor.h"

static const double air_bar = 1.01325;

double plant_compressor_kwh_per_m3(double bar, int stages)
{
    const double k = 1.4;
    double power = (k - 1) / (stages * k);
    double joule_per_m3 = air_bar * 1e5 / power * (pow((bar + air_bar) / air_bar, power) - 1);
    return joule_per_m3 / 3.6e6;
}

struct plant_compressor_params plant_compressor_defaults(double air_m3_per_h)
{
    return (struct plant_compressor_params){
        .air_m3_per_h = air_m3_per_h,
        .rated_bar = 7,
        .stages = 1,
        .eta_pu = 0.72,
        .unload_pu = 0.3,
        .blow_s = 40,
        .idle_s = 600,
        .starts_per_h = 6,
        .receiver_m3 = air_m3_per_h / 100,
        .bar_on = 6.8,
        .bar_off = 7.5,
        .bar_least = 5.5,
    };
}

enum err plant_compressor_init(struct plant_compressor *c,
                               const struct plant_compressor_params *par)
{
    bool good =
        par->air_m3_per_h > 0 && par->rated_bar > 0 && par->stages >= 1 && par->stages <= 3 &&
        par->eta_pu > 0.3 && par->eta_pu < 1 && par->unload_pu >= 0 && par->unload_pu < 1 &&
        par->blow_s >= 0 && par->idle_s >= 0 && par->starts_per_h > 0 && par->receiver_m3 > 0 &&
        par->bar_least >= 0 && par->bar_on > par->bar_least && par->bar_off > par->bar_on;
    if (!good) {
        return ERR_RANGE;
    }
    *c = (struct plant_compressor){.par = *par, .bar = par->bar_off};
    c->since_start_s = 3600 / par->starts_per_h;
    return ERR_OK;
}

/* Load, unload, stop; starting takes no time that matters here, starting too often does. */
static void compressor_states(struct plant_compressor *c, const struct plant_compressor_in *in)
{
    const struct plant_compressor_params *par = &c->par;
    bool turns = c->state == PLANT_ON || c->state == PLANT_LIMITED;
    if (in->trip) {
        c->state = PLANT_FAULT;
        c->loaded = false;
        return;
    }
    double on = par->bar_on + in->lift_bar, off = par->bar_off + in->lift_bar;
    bool low = c->bar < on;
    if (!turns) {
        bool may = c->since_start_s >= 3600 / par->starts_per_h;
        c->state = PLANT_OFF;
        if (in->run && low && may) {
            c->state = PLANT_ON;
            c->starts++;
            c->since_start_s = 0;
            c->unloaded_s = 0;
        }
    }
    if (c->state == PLANT_OFF) {
        c->loaded = false;
        return;
    }
    c->loaded = in->run && (low || (c->loaded && c->bar < off));
    c->state = c->loaded ? PLANT_ON : PLANT_LIMITED;
    if (c->loaded) {
        c->unloaded_s = 0;
    } else if (!in->run || c->unloaded_s > par->idle_s) {
        c->state = PLANT_OFF;
    }
}

/* Electric power now: against the receiver's pressure, or blowing down. */
static double compressor_kw(const struct plant_compressor *c)
{
    const struct plant_compressor_params *par = &c->par;
    if (c->state != PLANT_ON && c->state != PLANT_LIMITED) {
        return 0;
    }
    double full_kw = par->air_m3_per_h *
                     plant_compressor_kwh_per_m3(par->rated_bar, par->stages) / par->eta_pu;
    if (c->loaded) {
        double work = plant_compressor_kwh_per_m3(fmax(c->bar, 0.1), par->stages);
        return full_kw * work / plant_compressor_kwh_per_m3(par->rated_bar, par->stages);
    }
    double blown = par->blow_s > 0 ? fmin(1, c->unloaded_s / par->blow_s) : 1;
    return full_kw * (1 - (1 - par->unload_pu) * blown);
}

void plant_compressor_step(struct plant_compressor *c, const struct plant_compressor_in *in,
                           double h_s)
{
    const struct plant_compressor_params *par = &c->par;
    double h = h_s / 3600;
    c->since_start_s += h_s;
    compressor_states(c, in);
    c->draw_kw = compressor_kw(c);
    double in_m3_per_h = c->loaded ? par->air_m3_per_h : 0;
    double free_m3_per_bar = par->receiver_m3 / air_bar;
    double held_m3 = fmax(0, c->bar - par->bar_least) * free_m3_per_bar;
    c->served_m3_per_h = fmin(in->demand_m3_per_h, in_m3_per_h + held_m3 / h);
    c->short_m3_per_h = in->demand_m3_per_h - c->served_m3_per_h;
    c->bar += (in_m3_per_h - c->served_m3_per_h) * h / free_m3_per_bar;
    c->unloaded_s += c->loaded ? 0 : h_s;
    c->kw = -c->draw_kw;
    c->draw_kwh += c->draw_kw * h;
    c->air_m3 += c->served_m3_per_h * h;
    c->short_m3 += c->short_m3_per_h * h;
}
