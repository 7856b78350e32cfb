/* Heat pump: see plant_heat_pump.h. Pure. */
#include "sim/plant_heat_pump.h"

/* What a defrost draws of rated power where the machine says nothing: assumed. */
static const double iced_pu = 0.6;

struct plant_hp_params plant_hp_defaults(double rated_kw)
{
    return (struct plant_hp_params){
        .rated_kw = rated_kw,
        .min_pu = 0.3,
        .cc = 1,
        .run_s_min = 1200,
        .off_s_min = 300,
        .start_s = 60,
        .ramp_pu_per_s = 0.02,
        .standby_kw = 0,
        .heat_lag_s = 60,
        .sink_degc_max = 92,
        .map = {.lifts = 3, .lift_k = {30, 43, 65}, .lift_cop = {4.0, 3.2, 2.2}},
    };
}

struct plant_hp_params plant_hp_hot(double rated_kw, double sink_degc_max)
{
    struct plant_hp_params par = plant_hp_defaults(rated_kw);
    par.min_pu = 0.25;
    par.run_s_min = 1800;
    par.off_s_min = 600;
    par.start_s = 300;
    par.ramp_pu_per_s = 0.005;
    par.sink_degc_max = sink_degc_max;
    par.map = (struct plant_hp_map){.quality_pu = 0.45};
    return par;
}

/* Carnot's COP; a lift below 5 K counts as 5 K, where no machine follows Carnot any more. */
static double carnot(double source_degc, double sink_degc)
{
    return (sink_degc + 273.15) / fmax(5, sink_degc - source_degc);
}

/* COP of one row: linear between its points, Carnot's quality of the end point outside. */
static double row_cop(const struct plant_hp_row *row, double sink_degc)
{
    int last = row->sinks - 1;
    int end = sink_degc < row->sink_degc[0] ? 0 : last;
    if (sink_degc < row->sink_degc[0] || sink_degc > row->sink_degc[last]) {
        double quality = row->cop[end] / carnot(row->source_degc, row->sink_degc[end]);
        return quality * carnot(row->source_degc, sink_degc);
    }
    int i = 0;
    while (i + 1 < last && sink_degc > row->sink_degc[i + 1]) {
        i++;
    }
    if (last == 0) {
        return row->cop[0];
    }
    double part = (sink_degc - row->sink_degc[i]) / (row->sink_degc[i + 1] - row->sink_degc[i]);
    return row->cop[i] + part * (row->cop[i + 1] - row->cop[i]);
}

static double rows_cop(const struct plant_hp_map *map, double source_degc, double sink_degc)
{
    int last = map->rows - 1;
    const struct plant_hp_row *low = &map->row[0], *high = &map->row[last];
    if (source_degc <= low->source_degc || source_degc >= high->source_degc) {
        const struct plant_hp_row *end = source_degc <= low->source_degc ? low : high;
        return row_cop(end, sink_degc) * carnot(source_degc, sink_degc) /
               carnot(end->source_degc, sink_degc);
    }
    int i = 0;
    while (source_degc > map->row[i + 1].source_degc) {
        i++;
    }
    low = &map->row[i];
    high = &map->row[i + 1];
    double part = (source_degc - low->source_degc) / (high->source_degc - low->source_degc);
    double a = row_cop(low, sink_degc), b = row_cop(high, sink_degc);
    return a + part * (b - a);
}

static double lift_cop(const struct plant_hp_map *map, double source_degc, double sink_degc)
{
    double lift = sink_degc - source_degc;
    int last = map->lifts - 1;
    if (lift <= map->lift_k[0] || lift >= map->lift_k[last]) {
        int end = lift <= map->lift_k[0] ? 0 : last;
        /* At the same sink, Carnot's COP goes with 1/lift. */
        return map->lift_cop[end] * map->lift_k[end] / fmax(5, lift);
    }
    int i = 0;
    while (lift > map->lift_k[i + 1]) {
        i++;
    }
    double part = (lift - map->lift_k[i]) / (map->lift_k[i + 1] - map->lift_k[i]);
    return map->lift_cop[i] + part * (map->lift_cop[i + 1] - map->lift_cop[i]);
}

double plant_hp_cop(const struct plant_hp_map *map, double source_degc, double sink_degc)
{
    double cop = map->quality_pu * carnot(source_degc, sink_degc);
    if (map->rows > 0) {
        cop = rows_cop(map, source_degc, sink_degc);
    } else if (map->lifts > 0) {
        cop = lift_cop(map, source_degc, sink_degc);
    }
    bool ice = map->icing_pu > 0 && source_degc < map->icing_degc;
    return fmax(1, ice ? cop * map->icing_pu : cop);
}

static bool rising(const double *x, int n)
{
    for (int i = 1; i < n; i++) {
        if (!(x[i] > x[i - 1])) {
            return false;
        }
    }
    return true;
}

static bool map_good(const struct plant_hp_map *map)
{
    int forms = (map->rows > 0) + (map->lifts > 0) + (map->quality_pu > 0);
    if (map->rows < 0 || map->rows > PLANT_HP_ROWS || map->lifts < 0 ||
        map->lifts > PLANT_HP_LIFTS || forms != 1 || !(map->quality_pu < 1) ||
        !(map->icing_pu >= 0 && map->icing_pu <= 1)) {
        return false;
    }
    if (map->lifts > 0) {
        return map->lift_k[0] > 0 && rising(map->lift_k, map->lifts);
    }
    for (int i = 0; i < map->rows; i++) {
        const struct plant_hp_row *row = &map->row[i];
        bool ordered = i == 0 || row->source_degc > map->row[i - 1].source_degc;
        if (!ordered || row->sinks < 1 || row->sinks > PLANT_HP_SINKS ||
            !rising(row->sink_degc, row->sinks)) {
            return false;
        }
    }
    return true;
}

enum err plant_hp_init(struct plant_hp *hp, const struct plant_hp_params *par)
{
    bool good = par->rated_kw > 0 && par->min_pu >= 0 && par->min_pu < 1 && par->cc > 0 &&
                par->cc <= 1 && par->run_s_min >= 0 && par->off_s_min >= 0 &&
                par->start_s >= 0 && par->ramp_pu_per_s > 0 && par->standby_kw >= 0 &&
                par->heat_lag_s >= 0 && isfinite(par->sink_degc_max) &&
                par->defrost_every_s >= 0 && par->defrost_s >= 0 && par->defrost_pu >= 0 &&
                par->defrost_pu <= 1 && map_good(&par->map);
    if (!good) {
        return ERR_RANGE;
    }
    *hp = (struct plant_hp){.par = *par, .lag = plant_lag_make(par->heat_lag_s), .cop = 1};
    hp->in_state_s = par->off_s_min; /* it has been off for long */
    return ERR_OK;
}

static void enter(struct plant_hp *hp, enum plant_state state)
{
    hp->state = state;
    hp->in_state_s = 0;
}

/* On, off and the timers that no command may break; a trip may. */
static void hp_states(struct plant_hp *hp, const struct plant_hp_in *in)
{
    const struct plant_hp_params *par = &hp->par;
    hp->hot = in->return_degc > par->sink_degc_max - (hp->hot ? 3 : 0);
    bool wanted = in->run && in->limit_kw >= par->min_pu * par->rated_kw * 0.999 && !hp->hot;
    bool off = hp->state == PLANT_OFF || hp->state == PLANT_FAULT;
    if (in->trip) {
        if (!off) {
            hp->in_state_s = 0;
        }
        hp->state = PLANT_FAULT;
    } else if (off) {
        hp->state = PLANT_OFF;
        if (wanted && hp->in_state_s >= par->off_s_min) {
            enter(hp, PLANT_STARTING);
            hp->starts++;
        }
    } else if (hp->state == PLANT_STARTING) {
        if (hp->in_state_s >= par->start_s) {
            enter(hp, PLANT_ON);
        }
    } else if (!wanted && (hp->in_state_s >= par->run_s_min || hp->hot)) {
        enter(hp, PLANT_OFF);
    } else {
        bool capped = !wanted || in->limit_kw < par->rated_kw * 0.999;
        hp->state = capped ? PLANT_LIMITED : PLANT_ON;
    }
}

/* Ice grows while it works in frost; true while it is being melted. */
static bool hp_defrosts(struct plant_hp *hp, bool works, const struct plant_hp_in *in,
                        double h_s)
{
    const struct plant_hp_params *par = &hp->par;
    if (works && in->iced) {
        return true;
    }
    if (!works || par->defrost_every_s <= 0) {
        hp->defrost_left_s = 0;
        return false;
    }
    if (hp->defrost_left_s > 0) {
        hp->defrost_left_s -= h_s;
        return true;
    }
    hp->frost_s += in->frost ? h_s : 0;
    if (hp->frost_s > par->defrost_every_s) {
        hp->frost_s = 0;
        hp->defrost_left_s = par->defrost_s;
    }
    return false;
}

void plant_hp_step(struct plant_hp *hp, const struct plant_hp_in *in, double h_s)
{
    const struct plant_hp_params *par = &hp->par;
    hp->in_state_s += h_s;
    hp_states(hp, in);
    bool works = hp->state == PLANT_ON || hp->state == PLANT_LIMITED;
    if (hp_defrosts(hp, works, in, h_s)) {
        double share = par->defrost_pu > 0 ? par->defrost_pu : iced_pu;
        hp->power_kw = share * par->rated_kw;
        hp->flow_heat_kw = 0;
    } else if (works) {
        double least_kw = par->min_pu * par->rated_kw;
        double cap_kw = in->run ? in->limit_kw : 0;
        double aim_kw = plant_clamp(cap_kw, least_kw, par->rated_kw);
        double from_kw = fmax(hp->power_kw, least_kw);
        hp->power_kw = plant_slew(from_kw, aim_kw, par->ramp_pu_per_s * par->rated_kw * h_s);
        double plr = hp->power_kw / par->rated_kw;
        double part = plr / (par->cc * plr + 1 - par->cc);
        hp->cop = fmax(1, part * plant_hp_cop(&par->map, in->source_degc, in->sink_degc));
        hp->flow_heat_kw = hp->cop * hp->power_kw;
    } else {
        hp->power_kw = 0;
        hp->flow_heat_kw = 0;
    }
    hp->heat_kw = plant_lag_step(&hp->lag, hp->heat_kw, hp->flow_heat_kw, h_s);
    hp->supply_degc = works ? in->sink_degc : in->return_degc;
    hp->draw_kw = works ? hp->power_kw : par->standby_kw;
    hp->kw = -hp->draw_kw;
    hp->draw_kwh += hp->draw_kw * h_s / 3600;
    hp->heat_kwh += hp->heat_kw * h_s / 3600;
}
