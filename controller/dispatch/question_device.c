/* One function per kind of device, found by a table. */
#include "controller/dispatch/question_assets.h"
#include <math.h>

typedef enum err device_fn(const struct question_facts *f, struct problem *p,
                           const struct question_buses *b, int d);

static enum err add_source(const struct question_facts *f, struct problem *p,
                           const struct question_buses *b, int d)
{
    const struct device *dev = &f->park->device[d];
    bool heat = dev->kind == KIND_WASTE_HEAT;
    double kw[PROBLEM_STEPS_MAX];
    struct problem_source s;
    if (heat && b->heat < 0) {
        return ERR_OK;
    }
    for (uint32_t t = 0; t < p->steps; t++) {
        kw[t] = forecast_kw(f->forecast, d, f->wall, question_at(f, p, t), p->step_s[t]);
    }
    problem_source_init(&s, dev->name, heat ? b->heat : b->electricity);
    s.curtail_yuan_per_kwh = heat ? 0 : 0.01;
    enum err rc = problem_series(p, kw, &s.available_kw);
    return rc == ERR_OK ? problem_add_source(p, &s, NULL) : rc;
}

static enum err add_battery(const struct question_facts *f, struct problem *p,
                            const struct question_buses *b, int d)
{
    const struct rating *r = &f->park->device[d].rating;
    const struct reading *soc = image_at(f->image, d, BATTERY_SOC_PU);
    struct problem_storage s;
    if (!f->units[d].steered || !reading_usable(soc)) {
        return ERR_OK;
    }
    problem_storage_init(&s, f->park->device[d].name, b->electricity, b->electricity);
    s.charge_kw_max = series_const(r->rated_kw);
    s.discharge_kw_max = series_const(r->rated_kw);
    s.energy_kwh_min = series_const(r->energy_kwh * r->soc_pu_min);
    s.energy_kwh_max = series_const(r->energy_kwh * r->soc_pu_max);
    s.energy_start_kwh = fmax(soc->value, 0) * r->energy_kwh;
    s.charge_pu = sqrt(r->round_trip_pu);
    s.discharge_pu = sqrt(r->round_trip_pu);
    s.loss_pu_per_h = r->loss_pu_per_h;
    s.wear_yuan_per_kwh = r->wear_yuan_per_kwh;
    s.terminal_yuan_per_kwh = b->valley_yuan_per_kwh / s.charge_pu;
    s.exclusive = 1;
    return problem_add_storage(p, &s, NULL);
}

static enum err add_tank(const struct question_facts *f, struct problem *p,
                         const struct question_buses *b, int d)
{
    const struct rating *r = &f->park->device[d].rating;
    /* heat between the least and the greatest temperature, water at 4.186 kJ/kgK and 0.977 kg/l
     */
    double kwh = r->volume_m3 * 977 * 4.186 * (r->degc_max - r->degc_min) / 3600;
    struct problem_storage s;
    if (d != f->park->tank) {
        return ERR_OK;
    }
    problem_storage_init(&s, f->park->device[d].name, b->heat, b->heat);
    s.charge_kw_max = series_const(kwh);
    s.discharge_kw_max = series_const(kwh);
    s.energy_kwh_min = series_const(0.1 * kwh);
    s.energy_kwh_max = series_const(0.95 * kwh);
    s.energy_start_kwh = fmax(image_value(f->image, d, TANK_SOC_PU, 0.3), 0) * kwh;
    s.loss_pu_per_h = r->loss_pu_per_h;
    s.terminal_yuan_per_kwh = fmin(b->gas_yuan_per_kwh, b->valley_yuan_per_kwh / 3);
    return problem_add_storage(p, &s, NULL);
}

static enum err add_storage_boiler(const struct question_facts *f, struct problem *p,
                                   const struct question_buses *b, int d)
{
    const struct rating *r = &f->park->device[d].rating;
    const struct reading *soc = image_at(f->image, d, SB_SOC_PU);
    struct problem_storage s;
    if (!f->units[d].steered || !reading_usable(soc) || b->heat < 0) {
        return ERR_OK;
    }
    problem_storage_init(&s, f->park->device[d].name, b->electricity, b->heat);
    s.charge_kw_max = series_const(r->rated_kw);
    s.discharge_kw_max = series_const(r->rated_heat_kw);
    s.energy_kwh_max = series_const(0.98 * r->energy_kwh);
    s.energy_start_kwh = fmax(soc->value, 0) * r->energy_kwh;
    s.charge_pu = r->eta_pu;
    s.loss_pu_per_h = r->loss_pu_per_h;
    s.terminal_yuan_per_kwh = 0.8 * fmin(b->gas_yuan_per_kwh, b->valley_yuan_per_kwh);
    return problem_add_storage(p, &s, NULL);
}

/* What is common to everything that runs or rests. */
static void set_running(const struct question_facts *f, struct problem_converter *c, int d,
                        double in_pu)
{
    const struct unit *u = &f->units[d];
    const struct rating *r = &f->park->device[d].rating;
    c->min_up_s = r->up_min * 60;
    c->min_down_s = r->down_min * 60;
    c->on_now = u->on ? 1 : 0;
    c->since_s = u->on_changed.us == 0 ? 86400 : mono_s(mono_sub(f->now, u->on_changed));
    c->in_start_kw = fabs(u->now_kw) / in_pu;
    c->start_yuan = r->start_yuan;
    c->starts_max = -1;
}

static enum err add_heat_pump(const struct question_facts *f, struct problem *p,
                              const struct question_buses *b, int d)
{
    const struct rating *r = &f->park->device[d].rating;
    struct problem_converter c;
    if (!f->units[d].steered || b->heat < 0) {
        return ERR_OK;
    }
    problem_converter_init(&c, f->park->device[d].name, b->electricity);
    c.out[0].bus = b->heat;
    c.out[0].gain = series_const(r->cop);
    c.in_kw_max = series_const(r->rated_kw);
    c.in_kw_min = series_const(r->kw_min);
    set_running(f, &c, d, 1);
    return problem_add_converter(p, &c, NULL);
}

static enum err add_chp(const struct question_facts *f, struct problem *p,
                        const struct question_buses *b, int d)
{
    const struct rating *r = &f->park->device[d].rating;
    struct problem_converter c;
    if (!f->units[d].steered || b->heat < 0) {
        return ERR_OK;
    }
    problem_converter_init(&c, f->park->device[d].name, b->gas);
    c.out[0].bus = b->electricity;
    c.out[0].gain = series_const(r->eta_pu);
    c.out[1].bus = b->heat;
    c.out[1].gain = series_const(r->rated_heat_kw / r->rated_kw * r->eta_pu);
    c.in_kw_max = series_const(r->rated_kw / r->eta_pu);
    c.in_kw_min = series_const(r->kw_min / r->eta_pu);
    set_running(f, &c, d, r->eta_pu);
    c.run_yuan_per_kwh = r->om_yuan_per_kwh * r->eta_pu;
    return problem_add_converter(p, &c, NULL);
}

static enum err add_gas_boiler(const struct question_facts *f, struct problem *p,
                               const struct question_buses *b, int d)
{
    const struct rating *r = &f->park->device[d].rating;
    struct problem_converter c;
    if (!f->units[d].online || b->heat < 0) {
        return ERR_OK;
    }
    problem_converter_init(&c, f->park->device[d].name, b->gas);
    c.out[0].bus = b->heat;
    c.out[0].gain = series_const(r->eta_pu);
    c.in_kw_max = series_const(r->rated_heat_kw / r->eta_pu);
    c.starts_max = -1;
    return problem_add_converter(p, &c, NULL);
}

static device_fn *const adders[KIND_COUNT] = {
    [KIND_PV] = add_source,
    [KIND_WIND] = add_source,
    [KIND_WASTE_HEAT] = add_source,
    [KIND_BATTERY] = add_battery,
    [KIND_TANK] = add_tank,
    [KIND_STORAGE_BOILER] = add_storage_boiler,
    [KIND_HEAT_PUMP] = add_heat_pump,
    [KIND_CHP] = add_chp,
    [KIND_GAS_BOILER] = add_gas_boiler,
};

enum err question_device(const struct question_facts *f, struct problem *p,
                         const struct question_buses *b, int device)
{
    device_fn *add = adders[f->park->device[device].kind];
    return add == NULL ? ERR_OK : add(f, p, b, device);
}
